/** Routes over drafts: writing, checking, the diff, approvals. */
import * as v from "valibot";
import { DocumentInputSchema, maxDocuments } from "./documents.ts";
import type { Draft, Drafts } from "./drafts.ts";
import type { Role } from "./people.ts";
import { inputsOf } from "./rollouts.ts";
import { bodyAs, type Call, numberOf, type Route } from "./route.ts";

/** Everybody who works with the law; not units and collectors. */
export const readers: readonly Role[] = ["author", "approver", "publisher", "operator", "auditor"];

const name = v.pipe(v.string(), v.minLength(1), v.maxLength(200));
const documents = v.pipe(v.array(DocumentInputSchema), v.maxLength(maxDocuments));
const CreateSchema = v.strictObject({ name, documents: v.optional(documents) });
const EditSchema = v.strictObject({ name: v.optional(name), documents: v.optional(documents) });
const ApproveSchema = v.strictObject({
	sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "the digest of the draft, 64 hexadecimal digits")),
});
export const WhySchema = v.strictObject({ why: v.pipe(v.string(), v.minLength(1), v.maxLength(500)) });

const shown = ({ documents: list, ...draft }: Draft) => ({ ...draft, documents: inputsOf(list) });
const brief = ({ documents: list, change, ...draft }: Draft) => ({
	...draft,
	documents: list.map(({ path, kind, sha256, for: audience }) => ({ path, kind, sha256, for: audience })),
	...(change === undefined
		? {}
		: {
				approvalsNeeded: change.approvalsNeeded,
				counts: { widening: change.widening.length, narrowing: change.narrowing.length, neutral: change.neutral.length },
			}),
});

export const draftRoutes = (drafts: Drafts): readonly Route[] => {
	const idOf = ({ params }: Call): string => params.draft ?? "";
	/** `If-Match` with the digest that the client has seen keeps two authors from overwriting each other. */
	const expected = ({ header }: Call): string | undefined => header("if-match")?.replace(/^"|"$/g, "");
	const reply = (draft: Draft, status = 200) => ({
		status,
		body: shown(draft),
		headers: { etag: `"${draft.sha256}"` },
		target: `${draft.id} ${draft.sha256.slice(0, 16)}`,
	});
	return [
		{
			method: "GET",
			path: "/drafts",
			may: readers,
			handle: (call) => ({ status: 200, body: { drafts: drafts.list(numberOf(call, "limit", 50, 500)).map(brief) } }),
		},
		{
			method: "POST",
			path: "/drafts",
			may: ["author"],
			handle: (call) => {
				const input = bodyAs(CreateSchema, call);
				return reply(drafts.create(call.who.name, input.name, input.documents), 201);
			},
		},
		{ method: "GET", path: "/drafts/{draft}", may: readers, handle: (call) => reply(drafts.get(idOf(call))) },
		{
			method: "PUT",
			path: "/drafts/{draft}",
			may: ["author"],
			handle: (call) => {
				const { name: newName, documents: list } = bodyAs(EditSchema, call);
				const change = { ...(newName === undefined ? {} : { name: newName }), ...(list === undefined ? {} : { documents: list }) };
				return reply(drafts.edit(call.who.name, idOf(call), change, expected(call)));
			},
		},
		{
			method: "DELETE",
			path: "/drafts/{draft}",
			may: ["author"],
			handle: (call) => reply(drafts.withdraw(call.who.name, idOf(call))),
		},
		{
			method: "PUT",
			path: "/drafts/{draft}/document",
			may: ["author"],
			handle: (call) => reply(drafts.putDocument(call.who.name, idOf(call), bodyAs(DocumentInputSchema, call), expected(call))),
		},
		{
			method: "DELETE",
			path: "/drafts/{draft}/document",
			may: ["author"],
			handle: (call) => reply(drafts.removeDocument(call.who.name, idOf(call), call.query.get("path") ?? "", expected(call))),
		},
		{
			method: "GET",
			path: "/drafts/{draft}/problems",
			may: readers,
			handle: (call) => ({ status: 200, body: { problems: drafts.problems(drafts.get(idOf(call))) } }),
		},
		{
			method: "GET",
			path: "/drafts/{draft}/diff",
			may: readers,
			handle: (call) => {
				const draft = drafts.get(idOf(call));
				return { status: 200, body: { sha256: draft.sha256, against: drafts.digestInForce(), ...drafts.diff(draft) } };
			},
		},
		{ method: "POST", path: "/drafts/{draft}/submit", may: ["author"], handle: (call) => reply(drafts.submit(call.who.name, idOf(call))) },
		{
			method: "POST",
			path: "/drafts/{draft}/approvals",
			may: ["approver"],
			handle: (call) => reply(drafts.approve(call.who.name, idOf(call), bodyAs(ApproveSchema, call).sha256)),
		},
		{
			method: "POST",
			path: "/drafts/{draft}/rejections",
			may: ["approver"],
			handle: (call) => reply(drafts.reject(call.who.name, idOf(call), bodyAs(WhySchema, call).why)),
		},
	];
};
