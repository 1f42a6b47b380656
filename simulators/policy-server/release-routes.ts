/** Routes over releases and roll-outs: what makes a cleared draft the law. */
import * as v from "valibot";
import { delegatedRoles } from "../../shared/role-keys.ts";
import { documentOf } from "./documents.ts";
import { readers, WhySchema } from "./draft-routes.ts";
import type { Drafts } from "./drafts.ts";
import type { Office } from "./office.ts";
import { conflict } from "./refused.ts";
import type { Release, Releases } from "./releases.ts";
import { inputsOf, type Rollout, type Rollouts } from "./rollouts.ts";
import { bodyAs, type Call, numberOf, type Route } from "./route.ts";
import { asNewest } from "./staging.ts";

const id = v.pipe(v.string(), v.regex(/^[a-z]-\d{6,12}$/, "an id such as d-000001"));
const cohort = v.pipe(v.string(), v.regex(/^[a-z0-9]+(?:[-.][a-z0-9]+)*$/, "lower-case words joined by '-' and '.'"), v.maxLength(60));
const offlineRoles = ["root", "targets", ...delegatedRoles] as const;
/** A draft, or roles whose signatures are to hold longer. */
const ReleaseSchema = v.pipe(
	v.strictObject({
		draft: v.optional(id),
		renew: v.optional(v.pipe(v.array(v.picklist(offlineRoles)), v.minLength(1), v.maxLength(offlineRoles.length))),
	}),
	v.check(({ draft, renew }) => (draft === undefined) !== (renew === undefined), "expected a draft, or roles to renew"),
);
const SignaturesSchema = v.strictObject({
	role: v.pipe(v.string(), v.maxLength(30)),
	signatures: v.pipe(
		v.array(
			v.strictObject({
				keyid: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
				sig: v.pipe(v.string(), v.regex(/^[0-9a-f]{128}$/, "64 bytes in hexadecimal")),
			}),
		),
		v.minLength(1),
		v.maxLength(16),
	),
});
const RolloutSchema = v.strictObject({
	draft: id,
	stages: v.pipe(
		v.array(
			v.strictObject({
				cohorts: v.optional(v.pipe(v.array(cohort), v.minLength(1), v.maxLength(100))),
				percent: v.pipe(v.number(), v.gtValue(0), v.maxValue(100)),
			}),
		),
		v.minLength(1),
		v.maxLength(20),
	),
	stopAt: v.optional(
		v.strictObject({
			refusals: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 10),
			share: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), 0.01),
			minReports: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 20),
		}),
		{},
	),
});

const briefly = (documents: Release["documents"]) =>
	documents.map(({ path, kind, sha256, for: audience }) => ({
		path,
		kind,
		sha256,
		...(audience === undefined
			? {}
			: {
					for: {
						...audience,
						...(audience.units === undefined ? {} : { units: audience.units.slice(0, 20), unitCount: audience.units.length }),
					},
				}),
	}));
const shownRelease = ({ documents, law: _law, pending: _pending, ...release }: Release) => ({ ...release, documents: briefly(documents) });

export interface ReleaseParts {
	readonly office: Office;
	readonly drafts: Drafts;
	readonly releases: Releases;
	readonly rollouts: Rollouts;
}

export const releaseRoutes = ({ office, drafts, releases, rollouts }: ReleaseParts): readonly Route[] => {
	const releaseId = ({ params }: Call): string => params.release ?? "";
	const rolloutId = ({ params }: Call): string => params.rollout ?? "";
	const release = (made: Release, status = 200) => ({ status, body: shownRelease(made), target: made.id });
	const shown = ({ documents: _documents, ...rollout }: Rollout) => ({ ...rollout, progress: rollouts.progress(rollout.id) });
	const rollout = (made: Rollout, status = 200) => ({ status, body: shown(made), target: made.id });
	const step = (name: string, handle: (call: Call) => Rollout): Route => ({
		method: "POST",
		path: `/rollouts/{rollout}/${name}`,
		may: ["publisher", "operator"],
		handle: (call) => rollout(handle(call)),
	});
	return [
		{
			method: "GET",
			path: "/releases",
			may: readers,
			handle: (call) => ({ status: 200, body: { releases: releases.list(numberOf(call, "limit", 50, 500)).map(shownRelease) } }),
		},
		{
			method: "POST",
			path: "/releases",
			may: ["publisher"],
			handle: (call) => {
				const { draft: draftId = "", renew } = bodyAs(ReleaseSchema, call);
				if (renew !== undefined) {
					const documents = office.repository.published()?.documents ?? [];
					const why = `renew ${renew.join(", ")}`;
					return release(releases.create({ by: call.who.name, why, documents, law: office.law().documents, renew }), 201);
				}
				const draft = drafts.cleared(draftId);
				const documents = rollouts.beside(draft.documents);
				const made = releases.create({
					by: call.who.name,
					why: `draft ${draft.id}: ${draft.name}`,
					documents,
					law: draft.documents,
					draft: draft.id,
				});
				return release(made, 201);
			},
		},
		{ method: "GET", path: "/releases/{release}", may: readers, handle: (call) => release(releases.get(releaseId(call))) },
		{
			method: "GET",
			path: "/releases/{release}/to-sign/{role}",
			may: ["publisher"],
			handle: (call) => {
				const { bytes, metadata } = releases.toSign(releaseId(call), call.params.role ?? "");
				// The whole piece, for a tool that signs files; else exactly the bytes to sign.
				if (call.query.get("form") === "metadata") return { status: 200, body: metadata };
				return { status: 200, body: bytes, contentType: "application/octet-stream" };
			},
		},
		{
			method: "POST",
			path: "/releases/{release}/signatures",
			may: ["publisher"],
			handle: (call) => {
				const { role, signatures } = bodyAs(SignaturesSchema, call);
				return { ...release(releases.addSignatures(releaseId(call), role, signatures)), target: `${releaseId(call)} ${role}` };
			},
		},
		{ method: "POST", path: "/releases/{release}/cancel", may: ["publisher"], handle: (call) => release(releases.cancel(releaseId(call))) },
		{
			method: "POST",
			path: "/releases/{release}/restore",
			may: ["author"],
			handle: (call) => {
				const old = releases.get(releaseId(call));
				if (old.state !== "published") throw conflict("release_closed", "only what was published can be brought back");
				const law = office.law().documents;
				const documents = asNewest(old.law, law, ({ path, kind, for: audience }, content) =>
					documentOf({ path, ...(audience === undefined ? {} : { for: audience }), document: { ...content, kind } }, office.crypto),
				);
				const draft = drafts.create(call.who.name, `back to ${old.id}`, inputsOf(documents));
				return { status: 201, body: { draft: draft.id }, target: `${old.id} ${draft.id}` };
			},
		},
		{
			method: "GET",
			path: "/rollouts",
			may: readers,
			handle: (call) => ({ status: 200, body: { rollouts: rollouts.list(numberOf(call, "limit", 20, 200)).map(shown) } }),
		},
		{
			method: "POST",
			path: "/rollouts",
			may: ["publisher"],
			handle: (call) => {
				const { draft, stages, stopAt } = bodyAs(RolloutSchema, call);
				return rollout(rollouts.start(call.who.name, draft, stages, stopAt), 201);
			},
		},
		{ method: "GET", path: "/rollouts/{rollout}", may: readers, handle: (call) => rollout(rollouts.get(rolloutId(call))) },
		step("advance", (call) => rollouts.advance(call.who.name, rolloutId(call))),
		step("pause", (call) => rollouts.pause(rolloutId(call), bodyAs(WhySchema, call).why)),
		step("resume", (call) => rollouts.resume(rolloutId(call))),
		step("rollback", (call) => rollouts.rollback(call.who.name, rolloutId(call), bodyAs(WhySchema, call).why)),
	];
};
