/** Routes over units, and those that say how the server itself is. */
import * as v from "valibot";
import { readers } from "./draft-routes.ts";
import type { Drafts } from "./drafts.ts";
import type { Office } from "./office.ts";
import { Refused } from "./refused.ts";
import { inputsOf, type Rollouts } from "./rollouts.ts";
import { bodyAs, type Call, numberOf, type Route } from "./route.ts";
import { UnitIdSchema, UnitReportSchema, type Units } from "./units.ts";

const name = v.pipe(v.string(), v.regex(/^[a-z0-9]+(?:[-.][a-z0-9]+)*$/, "lower-case words joined by '-' and '.'"), v.maxLength(60));
const AddressSchema = v.strictObject({
	cohorts: v.optional(v.pipe(v.array(name), v.maxLength(50)), []),
	hardware: v.optional(name),
});
const LabelsSchema = v.strictObject({
	labels: v.pipe(
		v.array(v.strictObject({ unitId: UnitIdSchema, lawHash: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)) })),
		v.minLength(1),
		v.maxLength(1_000),
	),
});

export interface UnitParts {
	readonly office: Office;
	readonly drafts: Drafts;
	readonly rollouts: Rollouts;
	readonly units: Units;
	readonly page: Route;
	readonly files: Route;
}

export const unitRoutes = ({ office, drafts, rollouts, units, page, files }: UnitParts): readonly Route[] => {
	const unitId = ({ params }: Call): string => {
		const parsed = v.safeParse(UnitIdSchema, params.unit);
		if (!parsed.success)
			throw new Refused(400, "unit_invalid", "expected a unit id: 3 to 64 lower-case letters, digits and hyphens, never a VIN");
		return parsed.output;
	};
	return [
		page,
		files,
		{ method: "GET", path: "/healthz", may: "anyone", handle: () => ({ status: 200, body: { ok: true } }) },
		{
			method: "GET",
			path: "/me",
			may: ["author", "approver", "publisher", "operator", "unit", "auditor", "collector"],
			handle: ({ who }) => ({ status: 200, body: { name: who.name, roles: who.roles } }),
		},
		{
			method: "GET",
			path: "/law",
			may: readers,
			handle: () => {
				const law = office.law();
				return {
					status: 200,
					body: { release: law.release, sinceMs: law.sinceMs, sha256: drafts.digestInForce(), documents: inputsOf(law.documents) },
				};
			},
		},
		{
			method: "GET",
			path: "/repository",
			may: readers,
			handle: ({ nowMs }) => ({
				status: 200,
				body: {
					rootSha256: office.repository.rootSha256(),
					snapshotVersion: office.repository.snapshotVersion(),
					roles: office.repository.roles().map((role) => ({
						...role,
						online: office.keys.keys.some((key) => key.role === role.role && key.retired !== true),
						daysLeft: Math.floor((Date.parse(role.expires) - nowMs) / 86_400_000),
					})),
					rollout: rollouts.active()?.id,
				},
			}),
		},
		{
			method: "POST",
			path: "/units/report",
			may: ["unit"],
			quiet: true,
			handle: (call) => {
				units.report(call.who.name, bodyAs(UnitReportSchema, call));
				return { status: 204 };
			},
		},
		{
			method: "POST",
			path: "/units/labels",
			may: ["collector"],
			quiet: true,
			handle: (call) => {
				// One report per unit: of several labels the last one counts.
				const last = new Map(bodyAs(LabelsSchema, call).labels.map((label) => [label.unitId, label.lawHash]));
				office.store.together(() => {
					for (const [unit, lawHash] of last) units.report(unit, { lawHash });
				});
				return { status: 204 };
			},
		},
		{
			method: "GET",
			path: "/units",
			may: readers,
			handle: (call) => {
				const list = units.list(numberOf(call, "limit", 100, 1_000), call.query.get("after") ?? undefined);
				return { status: 200, body: { ...units.counts(), page: list, next: list.at(-1)?.unitId } };
			},
		},
		{ method: "GET", path: "/units/{unit}", may: readers, handle: (call) => ({ status: 200, body: units.get(unitId(call)) }) },
		{
			method: "PUT",
			path: "/units/{unit}",
			may: ["operator"],
			handle: (call) => {
				const { cohorts, hardware } = bodyAs(AddressSchema, call);
				return { status: 200, body: units.put(unitId(call), { cohorts, hardware }) };
			},
		},
		{
			method: "DELETE",
			path: "/units/{unit}",
			may: ["operator"],
			handle: (call) => {
				units.remove(unitId(call));
				return { status: 204 };
			},
		},
		{
			method: "GET",
			path: "/audit",
			may: ["auditor"],
			handle: (call) => ({
				status: 200,
				body: {
					entries: office.store.auditLog(
						numberOf(call, "limit", 100, 1_000),
						numberOf(call, "before", Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
					),
				},
			}),
		},
	];
};
