import { readFile } from "node:fs/promises";
import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { startPolicyServer, storePath } from "../../simulators/policy-server/server.ts";
import { openStore } from "../../simulators/policy-server/store.ts";
import { repoPath } from "../data.ts";
import { at, lawDocuments, makePolicyServer, type TestPolicyServer } from "../fakes/policy-server.ts";

let server: TestPolicyServer;
beforeAll(async () => {
	server = await makePolicyServer();
});
afterAll(() => server.remove());

/** A request whose path goes out exactly as it is written. */
const raw = (path: string, headers: Readonly<Record<string, string>> = {}): Promise<{ readonly status: number; readonly text: string }> =>
	new Promise((resolve, reject) => {
		const { hostname, port } = new URL(server.url());
		request({ host: hostname, port, path, headers }, (response) => {
			let text = "";
			response.on("data", (piece: Buffer) => {
				text += piece.toString();
			});
			response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
		})
			.on("error", reject)
			.end();
	});

const fill = (path: string): string => path.replace(/\{(\w+)\}/g, (_all, name: string) => (name === "unit" ? "unit-1" : "d-000999"));

describe("access", () => {
	it("every route but /, /healthz and /tuf/ refuses who shows nothing", async () => {
		const open = server.routes().filter(({ may }) => may === "anyone");
		expect(open.map(({ path }) => path).sort()).toStrictEqual(["/", "/healthz", "/tuf/{path}"]);
		const closed = server.routes().filter(({ may }) => may !== "anyone");
		for (const { method, path } of closed) expect((await server.call(method, fill(path))).status, `${method} ${path}`).toBe(401);
	});

	it("every route refuses a person of any role that it does not name", async () => {
		const all = ["author", "approver", "publisher", "operator", "auditor", "collector"] as const;
		let refused = 0;
		for (const route of server.routes()) {
			for (const role of all) {
				if (route.may === "anyone" || route.may.includes(role)) continue;
				const token = server.addToken(`probe-${role}-${refused}`, role);
				const answer = await server.call(route.method, fill(route.path), token, route.method === "GET" ? undefined : {});
				expect(answer.status, `${role}: ${route.method} ${route.path}`).toBe(403);
				refused += 1;
			}
		}
		expect(refused).toBeGreaterThan(80);
	});

	it("a token is refused when it is changed in any place, removed or over", async () => {
		const token = server.addToken("kim", "auditor");
		expect((await server.call("GET", "/me", token)).status).toBe(200);
		const last = token.endsWith("0") ? "1" : "0";
		for (const wrong of [`${token.slice(0, -1)}${last}`, token.replace("kerb_", "kerb_f"), "", "kerb__", token.slice(0, 21)])
			expect((await server.call("GET", "/me", wrong)).status).toBe(401);
		server.withPeople((people) => people.remove("kim"));
		expect((await server.call("GET", "/me", token)).status).toBe(401);
	});

	it("a page of another site may ask for nobody, even where the browser would vouch", async () => {
		const token = server.tokens.auditor;
		for (const headers of [{ origin: "https://evil.example" }, { origin: "null" }, { "sec-fetch-site": "cross-site" }])
			expect((await server.call("GET", "/me", token, undefined, headers)).status).toBe(403);
		const own = { origin: server.url(), "sec-fetch-site": "same-origin" };
		expect((await server.call("GET", "/me", token, undefined, own)).status).toBe(200);
	});

	it("a stranger who guesses locks nobody out who shares the address", async () => {
		let last = 0;
		for (let n = 0; n < 500 && last !== 429; n++) last = (await server.call("GET", "/me", "kerb__")).status;
		expect(last).toBe(429);
		expect((await server.call("GET", "/me", server.tokens.auditor)).status).toBe(200);
	});

	it("a token is nowhere in the data folder", async () => {
		const token = server.addToken("lea", "auditor");
		const secret = token.split("_")[2] ?? "";
		const bytes = Buffer.concat([await readFile(storePath(server.dataDir)), await readFile(`${storePath(server.dataDir)}-wal`)]);
		expect(bytes.includes("lea")).toBe(true);
		expect(bytes.includes(secret)).toBe(false);
	});

	it("a unit reports for itself alone", async () => {
		const token = server.addToken("unit-7", "unit");
		expect((await server.call("POST", "/units/report", token, { lawHash: "a".repeat(64) })).status).toBe(204);
		expect((await server.call("POST", "/units/report", token, { unitId: "unit-8", lawHash: "a".repeat(64) })).status).toBe(400);
		expect((await server.call("GET", "/units/unit-7", server.tokens.operator)).status).toBe(200);
		expect((await server.call("GET", "/units/unit-8", server.tokens.operator)).status).toBe(404);
	});

	it("listens without TLS on loopback only", async () => {
		const started = startPolicyServer({ dataDir: server.dataDir, host: "0.0.0.0", port: 0, onProblem: () => undefined });
		await expect(started).rejects.toThrow("127.0.0.1 or ::1 only");
	});
});

describe("bounds", () => {
	it("a body over 4 MiB is refused, told in advance or not", async () => {
		const long = JSON.stringify({ name: "x".repeat(5 * 1024 * 1024) });
		const answer = await server.call("POST", "/drafts", server.tokens.author, long).catch(() => undefined);
		// A client that is still sending may see its connection end before it reads the answer.
		expect(answer === undefined || answer.status === 413).toBe(true);
		expect((await server.call("GET", "/healthz")).status).toBe(200);
	});

	it("a body that is not JSON, deep, or of another form is refused with its problems", async () => {
		const { author } = server.tokens;
		expect((await server.call("POST", "/drafts", author, "{")).status).toBe(400);
		expect((await server.call("POST", "/drafts", author, `{"name":${"[".repeat(100_000)}`)).status).toBe(400);
		const answer = await server.call("POST", "/drafts", author, { name: "", documents: [{ path: "../x", document: {} }], more: 1 });
		expect(answer.status).toBe(400);
		expect(at(answer, "error.problems")).toStrictEqual(
			expect.arrayContaining([
				expect.stringMatching(/^name:/),
				expect.stringMatching(/^more:/),
				expect.stringMatching(/^documents\.0\.path:/),
			]),
		);
	});

	it("a token that asks too fast is told to wait, and no other is", async () => {
		const token = server.addToken("max", "auditor");
		const answers = await Promise.all(Array.from({ length: 40 }, () => server.call("GET", "/me", token)));
		expect(answers.every(({ status }) => status === 200 || status === 503)).toBe(true);
		let last = 200;
		for (let n = 0; n < 2_000 && last !== 429; n++) last = (await server.call("GET", "/me", token)).status;
		expect(last).toBe(429);
		expect((await server.call("GET", "/me", server.tokens.auditor)).status).toBe(200);
	});

	it.each([
		"/tuf/../policy-server.db",
		"/tuf/..%2fpolicy-server.db",
		"/tuf/%2e%2e/policy-server.db",
		"/tuf/metadata/../../keys/policy-1.json",
		"/tuf/metadata/..%5c..%5ckeys%5cpolicy-1.json",
		"/tuf//etc/passwd",
		"/tuf/metadata/",
		"/tuf/metadata",
		"/tuf/",
		"/tuf/targets/policy/",
		"/tuf/root.json/",
		"/tuf/root.json%00",
		"/tuf/metadata/timestamp.json.new",
		"/../policy-server.db",
	])("%s is not there", async (path) => {
		const { status, text } = await raw(path);
		expect(status).toBe(404);
		expect(text).not.toContain("SQLite");
	});

	it("the repository has validators", async () => {
		const first = await server.call("GET", "/tuf/metadata/timestamp.json");
		expect(first.status).toBe(200);
		const etag = first.headers.get("etag") ?? "";
		expect((await server.call("GET", "/tuf/metadata/timestamp.json", undefined, undefined, { "if-none-match": etag })).status).toBe(304);
		expect((await server.call("GET", "/tuf/metadata/timestamp.json", undefined, undefined, { "if-none-match": '"other"' })).status).toBe(
			200,
		);
	});
});

describe("drafts", () => {
	let own: TestPolicyServer;
	beforeAll(async () => {
		own = await makePolicyServer();
		expect((await own.release(lawDocuments(1, "status", "battery"))).status).toBe(201);
	});
	afterAll(() => own.remove());
	const approve = async (draft: string, token: string) =>
		own.call("POST", `/drafts/${draft}/approvals`, token, { sha256: await own.digest(draft) });
	const publish = (draft: string) => own.call("POST", "/releases", own.tokens.publisher, { draft });

	it("every problem of the documents is told with its path, and nothing that has one can be submitted", async () => {
		const [catalogue, policy, outlets] = lawDocuments(2, "status");
		const wrong = { ...policy, document: { ...policy?.document, version: 0, extra: true } };
		const draft = String(
			at(await own.call("POST", "/drafts", own.tokens.author, { name: "wrong", documents: [catalogue, wrong, outlets] }), "id"),
		);
		const { body } = await own.call("GET", `/drafts/${draft}/problems`, own.tokens.author);
		expect(body).toStrictEqual({
			problems: expect.arrayContaining([
				expect.stringMatching(/^policy\/all\.json: version:/),
				expect.stringMatching(/^policy\/all\.json: extra:/),
			]),
		});
		expect((await own.call("POST", `/drafts/${draft}/submit`, own.tokens.author)).status).toBe(422);
	});

	it("a policy that names what is not there, goes back in version, or leaves two documents for one unit is refused", async () => {
		const problemsOf = async (documents: unknown) => {
			const draft = String(at(await own.call("POST", "/drafts", own.tokens.author, { name: "wrong", documents }), "id"));
			return String(at(await own.call("POST", `/drafts/${draft}/submit`, own.tokens.author), "error.problems"));
		};
		expect(await problemsOf(lawDocuments(2, "absent"))).toContain('no category "absent"');
		expect(await problemsOf(lawDocuments(1, "status"))).toContain("expected more than 1");
		const [catalogue, policy, outlets] = lawDocuments(2, "status");
		const unknown = JSON.parse(JSON.stringify(policy).replace(/"treatments":\[[^\]]*\]/, '"treatments":[{"type":"rund-position"}]'));
		expect(await problemsOf([catalogue, unknown, outlets])).toMatch(/policy\/all\.json: .*rund-position/);
		const halt = { kind: "halt", version: 1, all: false, outlets: ["oem", "eom"], categories: ["stat"] };
		const slips = await problemsOf([catalogue, policy, outlets, { path: "halt/all.json", document: halt }]);
		expect(slips).toMatch(/halt\/all\.json: .*"eom".*halt\/all\.json: .*"stat"/);
		expect(slips).not.toContain('"oem"');
		expect(await problemsOf([catalogue, policy, outlets, { ...policy, path: "policy/two.json" }])).toContain(
			"everybody already has a document",
		);
		const notice = { id: "track", version: 1, categories: ["status"], text: { en: "What is sent and why." }, hash: "0".repeat(64) };
		const notices = { kind: "notices", version: 1, issuedAt: "2026-01-01T00:00:00Z", notices: [notice] };
		expect(await problemsOf([catalogue, policy, outlets, { path: "notices/all.json", document: notices }])).toContain("notice");
		expect(await problemsOf([catalogue, outlets])).toContain('kind "policy" for everybody is missing');
	});

	it("a narrowing draft needs one approval, a widening one two of people who did not write it", async () => {
		const narrowing = await own.submitted(lawDocuments(2, "status"));
		expect(at(await own.call("GET", `/drafts/${narrowing}`, own.tokens.author), "change.approvalsNeeded")).toBe(1);
		expect((await publish(narrowing)).status).toBe(409);
		expect(at(await approve(narrowing, own.tokens.approver), "state")).toBe("approved");
		expect((await publish(narrowing)).status).toBe(201);

		const widening = await own.submitted(lawDocuments(3, "status", "battery"));
		const shown = await own.call("GET", `/drafts/${widening}`, own.tokens.author);
		expect(at(shown, "change.approvalsNeeded")).toBe(2);
		expect(String(at(shown, "change.widening.0.category"))).toBe("battery");
		expect(at(await approve(widening, own.tokens.approver), "state")).toBe("submitted");
		expect(at(await publish(widening), "error.code")).toBe("not_approved");
		expect(at(await approve(widening, own.tokens.approver), "error.code")).toBe("already_approved");
		// A second token of the same person is the same person.
		expect(at(await approve(widening, own.addToken("bob", "approver")), "error.code")).toBe("already_approved");
		expect(at(await approve(widening, own.addToken("ann", "author", "approver")), "error.code")).toBe("own_widening");
		expect(at(await approve(widening, own.tokens.second), "state")).toBe("approved");
		expect((await publish(widening)).status).toBe(201);
		expect((await publish(widening)).status).toBe(409);
	});

	it("who only edited a widening draft cannot approve it either", async () => {
		const draft = await own.submitted(lawDocuments(4, "status"));
		const editor = own.addToken("hal", "author", "approver");
		const documents = lawDocuments(4, "status", "battery").map((each, index) =>
			index === 1 ? { ...each, document: { ...each.document, notAfter: "2099-01-01T00:00:00Z" } } : each,
		);
		expect((await own.call("PUT", `/drafts/${draft}`, editor, { documents })).status).toBe(200);
		await own.call("POST", `/drafts/${draft}/submit`, own.tokens.author);
		expect(at(await approve(draft, editor), "error.code")).toBe("own_widening");
	});

	it("an edit voids approvals, and an approval is for the exact documents that were read", async () => {
		const draft = await own.submitted(lawDocuments(5, "status"));
		const seen = await own.digest(draft);
		expect(at(await approve(draft, own.tokens.approver), "state")).toBe("approved");
		const [, changed] = lawDocuments(6, "status");
		const edited = await own.call("PUT", `/drafts/${draft}/document`, own.tokens.author, changed);
		expect([at(edited, "state"), at(edited, "approvals")]).toStrictEqual(["editing", []]);
		expect((await publish(draft)).status).toBe(409);
		await own.call("POST", `/drafts/${draft}/submit`, own.tokens.author);
		const stale = await own.call("POST", `/drafts/${draft}/approvals`, own.tokens.approver, { sha256: seen });
		expect(at(stale, "error.code")).toBe("draft_changed");
		expect(at(await own.call("PUT", `/drafts/${draft}`, own.tokens.author, { name: "x" }, { "if-match": `"${seen}"` }), "error.code")).toBe(
			"draft_changed",
		);
	});

	it("an approval does not outlive a change of the law that it was given against", async () => {
		const first = await own.submitted(lawDocuments(7, "status"));
		const second = await own.submitted(lawDocuments(8, "status"));
		for (const draft of [first, second]) await approve(draft, own.tokens.approver);
		expect((await publish(first)).status).toBe(201);
		expect(at(await publish(second), "error.code")).toBe("law_changed");
	});

	it("a document for a cohort that widens counts as widening", async () => {
		const [catalogue, policy, outlets] = lawDocuments(7, "status");
		const [, wide] = lawDocuments(9, "status", "battery");
		const draft = await own.submitted([catalogue, policy, outlets, { ...wide, path: "policy/trucks.json", for: { cohorts: ["trucks"] } }]);
		const { body } = await own.call("GET", `/drafts/${draft}/diff`, own.tokens.auditor);
		expect(body).toMatchObject({ approvalsNeeded: 2, widening: [expect.objectContaining({ for: "cohort trucks", category: "battery" })] });
	});

	it("every act is in the audit log, which cannot be changed", async () => {
		const { body } = await own.call("GET", "/audit?limit=1000", own.tokens.auditor);
		const acts = JSON.stringify(body);
		for (const part of ["POST /drafts/{draft}/approvals", "own_widening", "not_approved", "publish", '"bob"']) expect(acts).toContain(part);
		const store = openStore(storePath(own.dataDir), own.crypto);
		expect(store.auditHolds()).toBe(true);
		expect(() => store.db.exec("DELETE FROM audit")).toThrow(/only grows/);
		expect(() => store.db.exec("UPDATE audit SET who = 'x'")).toThrow(/only grows/);
		store.db.exec("DROP TRIGGER audit_stays; UPDATE audit SET who = 'x' WHERE seq = 3");
		expect(store.auditHolds()).toBe(false);
		store.close();
	});
});

describe("OpenAPI", () => {
	it("lists exactly the routes, with exactly their roles", async () => {
		const api = parse(await readFile(repoPath("shared/schemas/policy-server-api.yaml"), "utf8")) as {
			readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly "x-roles"?: readonly string[] }>>>>;
		};
		const listed = Object.entries(api.paths).flatMap(([path, methods]) =>
			Object.entries(methods)
				.filter(([method]) => ["get", "post", "put", "delete"].includes(method))
				.map(([method, operation]) => `${method.toUpperCase()} ${path} ${[...(operation["x-roles"] ?? ["anyone"])].sort().join(",")}`),
		);
		const built = server.routes().map(({ method, path, may }) => `${method} ${path} ${may === "anyone" ? may : [...may].sort().join(",")}`);
		expect(listed.sort()).toStrictEqual(built.sort());
	});
});
