/** A policy server of a test's own: a data folder made by the product, the server inside the test's process, and a client for its API. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../agent/host/clock.ts";
import { loadPrimitives } from "../../agent/host/primitives.ts";
import { parseDocument } from "../../shared/parse-document.ts";
import { type RoleKey, RoleKeysFileSchema, type SigningRole } from "../../shared/role-keys.ts";
import { parseMetadata, signMetadata } from "../../shared/tuf-metadata.ts";
import { initData } from "../../simulators/policy-server/init-data.ts";
import { openPeople, type Role } from "../../simulators/policy-server/people.ts";
import { type PolicyServerOptions, startPolicyServer, storePath } from "../../simulators/policy-server/server.ts";
import { openStore } from "../../simulators/policy-server/store.ts";
import { catalogue, outlet, outlets, policy, row, rule } from "./law-documents.ts";

export interface Answer {
	readonly status: number;
	readonly headers: Headers;
	readonly text: string;
	/** The JSON of the answer; undefined when it is none. */
	readonly body: unknown;
}

/** What is at a path of an answer, such as `change.widening.0.text`. */
export const at = (answer: Answer, path: string): unknown =>
	path
		.split(".")
		.reduce<unknown>((value, key) => (typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined), answer.body);

export const lawDocuments = (version: number, ...rules: readonly string[]) => [
	{ path: "catalogue/test.json", document: catalogue(row("status"), row("battery")) },
	{
		path: "policy/all.json",
		document: policy(
			rules.map((id) => rule(id, { categories: [id], outlet: "oem" })),
			{ version },
		),
	},
	{ path: "outlets/all.json", document: outlets(outlet("oem")) },
];

export const makePolicyServer = async (options: Partial<PolicyServerOptions> & { readonly online?: readonly SigningRole[] } = {}) => {
	const folder = await mkdtemp(join(tmpdir(), "kerbstone-policy-server-"));
	const [dataDir, offlineKeysDir] = [join(folder, "data"), join(folder, "offline")];
	const crypto = await loadPrimitives();
	const { online = ["policy", "catalogue", "halt"], ...rest } = options;
	const { lifeDays = {} } = rest;
	await initData({ dataDir, offlineKeysDir, online, lifeDays, nowMs: systemClock.nowMs() });
	const withPeople = <T>(work: (people: ReturnType<typeof openPeople>) => T): T => {
		const store = openStore(storePath(dataDir), crypto);
		try {
			return work(openPeople(store.db, crypto, () => systemClock.nowMs()));
		} finally {
			store.close();
		}
	};
	const addToken = (name: string, ...roles: readonly Role[]): string => withPeople((people) => people.addToken(name, roles, 1));
	const problems: unknown[] = [];
	const start = () =>
		startPolicyServer({ dataDir, host: "127.0.0.1", port: 0, onProblem: (_what, error) => void problems.push(error), ...rest });
	let server = await start();
	const call = async (
		method: string,
		path: string,
		token?: string,
		body?: unknown,
		headers: Readonly<Record<string, string>> = {},
	): Promise<Answer> => {
		const response = await fetch(`${server.url}${path}`, {
			method,
			headers: { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...headers },
			...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
		});
		const text = await response.text();
		const isJson = response.headers.get("content-type") === "application/json";
		return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined };
	};
	const tokens = {
		author: addToken("ann", "author"),
		approver: addToken("bob", "approver"),
		second: addToken("cid", "approver"),
		publisher: addToken("dan", "publisher"),
		operator: addToken("eve", "operator"),
		auditor: addToken("fay", "auditor"),
		collector: addToken("gus", "collector"),
	};
	const digest = async (draft: string): Promise<unknown> => at(await call("GET", `/drafts/${draft}`, tokens.author), "sha256");
	const submitted = async (documents: unknown): Promise<string> => {
		const draft = String(at(await call("POST", "/drafts", tokens.author, { name: "a change", documents }), "id"));
		await call("POST", `/drafts/${draft}/submit`, tokens.author);
		return draft;
	};
	const approved = async (documents: unknown): Promise<string> => {
		const draft = await submitted(documents);
		for (const token of [tokens.approver, tokens.second])
			await call("POST", `/drafts/${draft}/approvals`, token, { sha256: await digest(draft) });
		return draft;
	};
	return {
		folder,
		dataDir,
		crypto,
		tokens,
		problems,
		addToken,
		withPeople,
		call,
		digest,
		submitted,
		/** A draft with two approvals. */
		approved,
		/** Makes the documents the law for everybody. */
		release: async (documents: unknown): Promise<Answer> =>
			call("POST", "/releases", tokens.publisher, { draft: await approved(documents) }),
		/** What a person at another machine does with the keys of a role: the signatures of a piece of metadata. */
		signOffline: async (metadata: string, role: string): Promise<readonly { readonly keyid: string; readonly sig: string }[]> => {
			let bytes: Uint8Array = new TextEncoder().encode(metadata);
			for (const key of await offlineKeys(offlineKeysDir, role)) bytes = signMetadata(bytes, role, key, crypto);
			return parseMetadata(bytes, role).signatures;
		},
		url: () => server.url,
		routes: () => server.routes,
		stop: () => server.close(),
		restart: async (): Promise<void> => {
			server = await start();
		},
		remove: async (): Promise<void> => {
			await server.close();
			await rm(folder, { recursive: true, force: true });
		},
	};
};

export type TestPolicyServer = Awaited<ReturnType<typeof makePolicyServer>>;

const offlineKeys = async (folder: string, role: string): Promise<readonly RoleKey[]> => {
	const names = (await readdir(folder)).filter((name) => name.startsWith(`${role}-`));
	const files = await Promise.all(names.map((name) => readFile(join(folder, name))));
	return files.flatMap((bytes) => parseDocument(RoleKeysFileSchema, bytes, "keys", "KEY_INVALID").keys);
};
