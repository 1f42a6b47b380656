/**
 * Drafts: a whole law as somebody would have it. What it changes is computed here, never claimed; an approval binds the exact documents and
 * the law that they were compared with, and any edit voids it.
 */
import { buildProblems } from "./build-check.ts";
import {
	type DocumentInput,
	digestOf,
	documentOf,
	documentProblems,
	type LawDocument,
	maxDocuments,
	versionProblems,
} from "./documents.ts";
import { type LawChange, lawChange } from "./law-change.ts";
import type { Office } from "./office.ts";
import { conflict, notFound, Refused } from "./refused.ts";
import { serialId } from "./store.ts";

export interface Approval {
	readonly by: string;
	readonly atMs: number;
	/** Of the draft that was approved. */
	readonly sha256: string;
}

export interface Draft {
	readonly id: string;
	readonly name: string;
	readonly author: string;
	/** Everybody who wrote in it. */
	readonly contributors: readonly string[];
	readonly createdAtMs: number;
	readonly updatedAtMs: number;
	readonly state: "editing" | "submitted" | "approved" | "released" | "withdrawn";
	readonly documents: readonly LawDocument[];
	readonly sha256: string;
	/** Digest of the law that `change` compares with; set when it was submitted. */
	readonly against?: string;
	readonly change?: LawChange;
	readonly approvals: readonly Approval[];
	readonly rejected?: { readonly by: string; readonly atMs: number; readonly why: string };
}

export interface Drafts {
	create(who: string, name: string, documents: readonly DocumentInput[] | undefined): Draft;
	/** @throws Refused 404. */
	get(id: string): Draft;
	/** Newest first. */
	list(limit: number): readonly Draft[];
	/** Replaces all documents, or the name. `expected`: the digest that the one who edits has seen. */
	edit(
		who: string,
		id: string,
		change: { readonly name?: string; readonly documents?: readonly DocumentInput[] },
		expected?: string,
	): Draft;
	/** Puts one document in the place of the one with its path. */
	putDocument(who: string, id: string, document: DocumentInput, expected?: string): Draft;
	removeDocument(who: string, id: string, path: string, expected?: string): Draft;
	/** Every problem; none: it can be submitted. */
	problems(draft: Draft): readonly string[];
	/** Against the law in force now. @throws Refused 422 when the documents do not hold. */
	diff(draft: Draft): LawChange;
	submit(who: string, id: string): Draft;
	approve(who: string, id: string, sha256: string): Draft;
	reject(who: string, id: string, why: string): Draft;
	withdraw(who: string, id: string): Draft;
	/** The draft when it may be published now. @throws Refused 409 with the reason. */
	cleared(id: string): Draft;
	markReleased(id: string): void;
	/** The release that it went into was cancelled: it is approved as before. */
	reopen(id: string): void;
	digestInForce(): string;
}

const maxDrafts = 10_000;

export const openDrafts = (office: Office): Drafts => {
	const { store, crypto, clock } = office;
	const drafts = store.collection<Draft>("draft");

	const get = (id: string): Draft => {
		const draft = drafts.get(id);
		if (draft === undefined) throw notFound("draft");
		return draft;
	};
	const open = (id: string, expected?: string): Draft => {
		const draft = get(id);
		if (draft.state === "released" || draft.state === "withdrawn")
			throw conflict("draft_closed", `the draft is ${draft.state}; make a new one from the law in force`);
		if (expected !== undefined && expected !== draft.sha256)
			throw conflict("draft_changed", "somebody has changed the draft since you read it; read it again");
		return draft;
	};
	const save = (draft: Draft): Draft => {
		drafts.put(draft.id, draft);
		return draft;
	};
	const rewritten = (who: string, draft: Draft, documents: readonly LawDocument[], name = draft.name): Draft => {
		if (documents.length > maxDocuments) throw new Refused(400, "too_many_documents", `a law has at most ${maxDocuments} documents`);
		// Spelled out, so that nothing of an earlier submission stays.
		return save({
			id: draft.id,
			name,
			author: draft.author,
			contributors: [...new Set([...draft.contributors, who])],
			createdAtMs: draft.createdAtMs,
			updatedAtMs: clock.nowMs(),
			state: "editing",
			documents,
			sha256: digestOf(documents, crypto),
			approvals: [],
		});
	};
	const made = (inputs: readonly DocumentInput[]): readonly LawDocument[] => inputs.map((input) => documentOf(input, crypto));
	const digestInForce = (): string => digestOf(office.law().documents, crypto);
	const problems = ({ documents }: Draft): readonly string[] => {
		const found = documentProblems(documents, crypto);
		if (found.length > 0) return found;
		return [...buildProblems(documents, office.unitAddress, clock.nowMs()), ...versionProblems(documents, office.law().documents)];
	};
	const diff = (draft: Draft): LawChange => {
		const found = documentProblems(draft.documents, crypto);
		if (found.length > 0) throw new Refused(422, "draft_invalid", `the draft does not hold: ${found[0]}`, found);
		return lawChange(office.law().documents, draft.documents, office.unitAddress);
	};
	const submitted = (id: string): Draft & { readonly change: LawChange } => {
		const draft = get(id);
		const { change } = draft;
		if ((draft.state !== "submitted" && draft.state !== "approved") || change === undefined)
			throw conflict("draft_not_submitted", `the draft is ${draft.state}; it must be submitted first`);
		if (draft.against !== digestInForce())
			throw conflict("law_changed", "the law in force has changed since the draft was submitted; submit it again, then approve it again");
		return { ...draft, change };
	};

	return {
		create(who, name, inputs) {
			if (drafts.count() >= maxDrafts) throw conflict("too_many_drafts", `at most ${maxDrafts} drafts are kept`);
			const documents = inputs === undefined ? office.law().documents : made(inputs);
			const id = serialId("d", store.next("draft"));
			const nowMs = clock.nowMs();
			const draft: Draft = {
				...{ id, name, author: who, contributors: [], createdAtMs: nowMs, updatedAtMs: nowMs, state: "editing" },
				...{ documents, sha256: "", approvals: [] },
			};
			return rewritten(who, draft, documents);
		},
		get,
		list: (limit) => drafts.newest(limit),
		edit: (who, id, change, expected) => {
			const draft = open(id, expected);
			return rewritten(who, draft, change.documents === undefined ? draft.documents : made(change.documents), change.name);
		},
		putDocument(who, id, input, expected) {
			const draft = open(id, expected);
			const document = documentOf(input, crypto);
			const at = draft.documents.findIndex(({ path }) => path === document.path);
			return rewritten(who, draft, at === -1 ? [...draft.documents, document] : draft.documents.with(at, document));
		},
		removeDocument(who, id, path, expected) {
			const draft = open(id, expected);
			if (!draft.documents.some((document) => document.path === path)) throw notFound("document in this draft");
			return rewritten(
				who,
				draft,
				draft.documents.filter((document) => document.path !== path),
			);
		},
		problems,
		diff,
		submit(_who, id) {
			const draft = open(id);
			const found = problems(draft);
			if (found.length > 0) throw new Refused(422, "draft_invalid", `the draft does not hold: ${found[0]}`, found);
			const against = digestInForce();
			if (against === draft.sha256) throw conflict("draft_same", "the draft is the law in force; there is nothing to submit");
			const { rejected: _gone, ...rest } = draft;
			return save({ ...rest, state: "submitted", against, change: diff(draft), approvals: [] });
		},
		approve(who, id, sha256) {
			const draft = submitted(id);
			if (sha256 !== draft.sha256) throw conflict("draft_changed", "this is not the digest of the draft as it stands; read it again");
			if (draft.approvals.some(({ by }) => by === who))
				throw conflict("already_approved", "you have approved this draft; somebody else must be the second");
			if (draft.change.approvalsNeeded === 2 && draft.contributors.includes(who))
				throw new Refused(403, "own_widening", "the draft widens the law and you have written in it; two other people must approve it");
			const approvals = [...draft.approvals, { by: who, atMs: clock.nowMs(), sha256 }];
			return save({ ...draft, approvals, state: approvals.length >= draft.change.approvalsNeeded ? "approved" : "submitted" });
		},
		reject(who, id, why) {
			const draft = submitted(id);
			return save({ ...draft, state: "editing", approvals: [], rejected: { by: who, atMs: clock.nowMs(), why } });
		},
		withdraw(_who, id) {
			return save({ ...open(id), state: "withdrawn", approvals: [] });
		},
		cleared(id) {
			const draft = submitted(id);
			const approvers = new Set(draft.approvals.filter(({ sha256 }) => sha256 === draft.sha256).map(({ by }) => by));
			const needed = draft.change.approvalsNeeded;
			if (draft.state !== "approved" || approvers.size < needed)
				throw conflict("not_approved", `the draft needs ${needed} approval${needed === 1 ? "" : "s"} and has ${approvers.size}`);
			return draft;
		},
		markReleased: (id) => void save({ ...get(id), state: "released" }),
		reopen: (id) => {
			const draft = get(id);
			if (draft.state === "released") save({ ...draft, state: "approved" });
		},
		digestInForce,
	};
};
