import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../agent/host/clock.ts";
import { systemDisk } from "../../agent/host/disk.ts";
import { openCarrier } from "../../agent/law/carrier.ts";
import { httpReader } from "../../agent/law/http-reader.ts";
import { specificityOf, TargetCustomSchema, type UnitAddress } from "../../shared/law-targets.ts";
import { lawHashOf } from "../../simulators/policy-server/law-hash.ts";
import { percentileOf } from "../../simulators/policy-server/units.ts";
import { at, lawDocuments, makePolicyServer, type TestPolicyServer } from "../fakes/policy-server.ts";
import { makeTufClient } from "../fakes/tuf-client.ts";

const unitIds = Array.from({ length: 40 }, (_none, index) => `unit-${index + 100}`);
let server: TestPolicyServer;
let tokens: Record<string, string>;

beforeAll(async () => {
	server = await makePolicyServer({ limits: { perSecond: 10_000, burst: 10_000 } });
	expect((await server.release(lawDocuments(1, "status"))).status).toBe(201);
	tokens = Object.fromEntries(unitIds.map((id) => [id, server.addToken(id, "unit")]));
	for (const [index, id] of unitIds.entries())
		await server.call("PUT", `/units/${id}`, server.tokens.operator, { cohorts: index < 10 ? ["canary"] : ["road"], hardware: "t-box-2" });
});
afterAll(() => server.remove());

interface Target {
	readonly path: string;
	readonly sha256: string;
	readonly custom: v.InferOutput<typeof TargetCustomSchema>;
}

/** Every target that is published, read from the files as a unit would. */
const targets = async (): Promise<readonly Target[]> => {
	const read = async (name: string) => JSON.parse(await readFile(join(server.dataDir, "public", "metadata", name), "utf8")).signed;
	const timestamp = await read("timestamp.json");
	const snapshot = await read(`${timestamp.meta["snapshot.json"].version}.snapshot.json`);
	const roles = await Promise.all(
		["catalogue", "policy", "halt"].map((role) => read(`${snapshot.meta[`${role}.json`].version}.${role}.json`)),
	);
	return roles.flatMap(({ targets: all }) =>
		Object.entries<{ readonly hashes: { readonly sha256: string }; readonly custom: { readonly kerbstone: unknown } }>(all).map(
			([path, { hashes, custom }]) => ({
				path,
				sha256: hashes.sha256,
				custom: v.parse(TargetCustomSchema, custom.kerbstone),
			}),
		),
	);
};

const addressOf = (unitId: string): UnitAddress => ({
	unitId,
	cohorts: unitIds.indexOf(unitId) < 10 ? ["canary"] : ["road"],
	hardware: "t-box-2",
});

/** The targets that a unit takes, by kind; fails when two are equally close, as a unit would. */
const takenBy = async (unitId: string): Promise<readonly Target[]> => {
	const all = (await targets())
		.map((target) => ({ target, rank: specificityOf(target.custom.for, addressOf(unitId)) }))
		.filter(({ rank }) => rank !== undefined);
	return [...new Set(all.map(({ target }) => target.custom.kind))].map((kind) => {
		const own = all.filter(({ target }) => target.custom.kind === kind).sort((a, b) => (b.rank ?? 0) - (a.rank ?? 0));
		expect(own[0]?.rank).not.toBe(own[1]?.rank);
		return own[0]?.target ?? { path: "", sha256: "", custom: { kind } };
	});
};

const policyVersionOf = async (unitId: string): Promise<number> => {
	const policy = (await takenBy(unitId)).find(({ custom }) => custom.kind === "policy");
	const file = join(server.dataDir, "public", "targets", (policy?.path ?? "").replace("/", `/${policy?.sha256}.`));
	return JSON.parse(await readFile(file, "utf8")).version;
};

/** Says what a unit says that took what is published for it. */
const obey = async (unitId: string): Promise<void> => {
	const lawHash = lawHashOf(
		(await takenBy(unitId)).map(({ path, sha256, custom: { kind } }) => ({ path, kind, sha256, text: "" })),
		server.crypto,
	);
	expect((await server.call("POST", "/units/report", tokens[unitId], { lawHash })).status).toBe(204);
};
const refuse = async (unitId: string, code = "TREATMENT_INVALID"): Promise<void> => {
	expect((await server.call("POST", "/units/report", tokens[unitId], { refusal: { code } })).status).toBe(204);
};
const start = async (version: number, stages: unknown, stopAt: unknown = {}, ...rules: readonly string[]) =>
	server.call("POST", "/rollouts", server.tokens.publisher, {
		draft: await server.approved(lawDocuments(version, ...rules)),
		stages,
		stopAt,
	});
const step = (id: string, name: string, body: unknown = {}) => server.call("POST", `/rollouts/${id}/${name}`, server.tokens.operator, body);

describe("roll-out", () => {
	let version = 1;
	beforeEach(() => {
		version += 10;
	});

	it("reaches a cohort, then a share, then everybody, who then share one law", async () => {
		const begun = await start(version, [{ cohorts: ["canary"], percent: 100 }, { percent: 50 }], {}, "status", "battery");
		const id = String(at(begun, "id"));
		expect([begun.status, at(begun, "state"), at(begun, "stage")]).toStrictEqual([201, "running", 0]);
		for (const unit of unitIds) expect(await policyVersionOf(unit), unit).toBe(addressOf(unit).cohorts[0] === "canary" ? version : 1);
		await obey(unitIds[0] ?? "");
		await obey(unitIds[20] ?? "");
		expect(at(await server.call("GET", `/rollouts/${id}`, server.tokens.auditor), "progress")).toStrictEqual({
			applied: 1,
			refused: 0,
			refusals: [],
		});

		expect(at(await step(id, "advance"), "stage")).toBe(1);
		const half = unitIds.filter((unit) => percentileOf(unit, server.crypto) < 50);
		expect(half.length).toBeGreaterThan(8);
		// Who has the new law keeps it: a unit does not go back to lower versions.
		expect(unitIds.slice(0, 10).some((unit) => !half.includes(unit))).toBe(true);
		for (const unit of unitIds)
			expect(await policyVersionOf(unit), unit).toBe(half.includes(unit) || addressOf(unit).cohorts[0] === "canary" ? version : 1);

		expect(at(await step(id, "advance"), "state")).toBe("completed");
		for (const unit of unitIds) expect(await policyVersionOf(unit)).toBe(version);
		expect((await targets()).every(({ custom }) => custom.for === undefined)).toBe(true);
		expect((await step(id, "advance")).status).toBe(409);
		await obey(unitIds[0] ?? "");
		const unit = await server.call("GET", `/units/${unitIds[0]}`, server.tokens.auditor);
		expect(at(unit, "release")).toBe(at(await server.call("GET", "/law", server.tokens.auditor), "release"));
	});

	it("stops by itself when more units refuse than it may, says why, and goes back under a higher version", async () => {
		const before = await policyVersionOf(unitIds[30] ?? "");
		const id = String(
			at(await start(version, [{ cohorts: ["canary"], percent: 100 }], { refusals: 1, share: 1, minReports: 1000 }, "status"), "id"),
		);
		const state = async () => at(await server.call("GET", `/rollouts/${id}`, server.tokens.auditor), "state");
		await refuse(unitIds[1] ?? "");
		await refuse(unitIds[1] ?? "");
		// What was published before the stage.
		await server.call("POST", "/units/report", tokens[unitIds[3] ?? ""], { snapshotVersion: 1, refusal: { code: "LAW_INVALID" } });
		// Not of the stage: what it refuses is another law.
		await refuse(unitIds[30] ?? "");
		expect(await state()).toBe("running");
		await refuse(unitIds[2] ?? "");
		const stopped = await server.call("GET", `/rollouts/${id}`, server.tokens.auditor);
		expect(at(stopped, "state")).toBe("stopped");
		expect(at(stopped, "reason")).toBe("2 units refused, more than 1: TREATMENT_INVALID (2)");
		expect(at(await step(id, "advance"), "error.code")).toBe("rollout_state");
		expect(JSON.stringify((await server.call("GET", "/audit", server.tokens.auditor)).body)).toContain("stop roll-out");

		expect(at(await step(id, "rollback", { why: "the treatment is not known to old units" }), "state")).toBe("rolled-back");
		for (const unit of unitIds) expect(await policyVersionOf(unit)).toBe(version + 1);
		expect(before).toBeLessThan(version);
		const law = await server.call("GET", "/law", server.tokens.auditor);
		expect(at(law, "documents.1.document.release.length")).toBe(2);
	});

	it("stops by share once enough units have spoken", async () => {
		const id = String(at(await start(version, [{ percent: 100 }], { refusals: 1000, share: 0.2, minReports: 5 }, "status"), "id"));
		const state = async () => at(await server.call("GET", `/rollouts/${id}`, server.tokens.auditor), "state");
		await refuse(unitIds[0] ?? "");
		for (const unit of unitIds.slice(1, 4)) await obey(unit);
		expect(await state()).toBe("running");
		await obey(unitIds[4] ?? "");
		// One of five is not more than a fifth.
		expect(await state()).toBe("running");
		await refuse(unitIds[1] ?? "");
		expect(await state()).toBe("stopped");
		expect(at(await step(id, "resume"), "state")).toBe("running");
		expect(at(await step(id, "pause", { why: "the night" }), "state")).toBe("paused");
		expect((await step(id, "advance")).status).toBe(409);
		expect(at(await step(id, "rollback", { why: "enough" }), "state")).toBe("rolled-back");
	});

	it("lets nothing but the kill switch be released beside it, and keeps that through its stages", async () => {
		const law = at(await server.call("GET", "/law", server.tokens.auditor), "documents") as object[];
		const id = String(at(await start(version, [{ cohorts: ["canary"], percent: 100 }], {}, "status"), "id"));
		expect(at(await server.release(lawDocuments(version + 1)), "error.code")).toBe("rollout_active");
		expect(at(await start(version + 1, [{ percent: 10 }], {}), "error.code")).toBe("rollout_active");
		const halt = { path: "halt/all.json", document: { kind: "halt", version: 1, all: true, outlets: [], categories: [] } };
		expect(at(await server.release([...law, halt]), "state")).toBe("published");
		const kinds = async (unit: string) => (await takenBy(unit)).map(({ custom }) => custom.kind);
		expect(await kinds(unitIds[0] ?? "")).toContain("halt");
		expect(await kinds(unitIds[30] ?? "")).toContain("halt");
		expect([await policyVersionOf(unitIds[0] ?? ""), (await policyVersionOf(unitIds[30] ?? "")) < version]).toStrictEqual([version, true]);
		expect(at(await step(id, "advance"), "state")).toBe("completed");
		expect(await kinds(unitIds[30] ?? "")).toContain("halt");
	});

	it("survives a restart, and an independent client reads every stage", async () => {
		const law = at(await server.call("GET", "/law", server.tokens.auditor), "documents") as { readonly path: string }[];
		const documents = [...lawDocuments(version, "status", "battery"), ...law.filter(({ path }) => path.startsWith("halt/"))];
		const draft = await server.approved(documents);
		const id = String(at(await server.call("POST", "/rollouts", server.tokens.publisher, { draft, stages: [{ percent: 30 }] }), "id"));
		const client = await makeTufClient(await readFile(join(server.dataDir, "public", "root.json")));
		expect(JSON.parse((await client.fetch(`${server.url()}/tuf`, "policy/staged-all.json")) ?? "{}").version).toBe(version);
		await server.stop();
		await server.restart();
		expect(at(await step(id, "advance"), "state")).toBe("completed");
		expect(JSON.parse((await client.fetch(`${server.url()}/tuf`, "policy/all.json")) ?? "{}").version).toBe(version);
		await client.remove();
		expect(server.problems).toStrictEqual([]);
	});

	it("a unit's own carrier takes what the server expects of it, at every stage", async () => {
		const law = at(await server.call("GET", "/law", server.tokens.auditor), "documents") as { readonly path: string }[];
		const halts = law.filter(({ path }) => path.startsWith("halt/"));
		const folder = await mkdtemp(join(tmpdir(), "kerbstone-policy-units-"));
		const carriers = [unitIds[0] ?? "", unitIds[30] ?? ""].map((unitId) => {
			const carrier = openCarrier({
				folder: join(folder, unitId),
				reader: httpReader(`${server.url()}/tuf`),
				disk: systemDisk,
				crypto: server.crypto,
				unit: addressOf(unitId),
				rootSha256: () => undefined,
				floors: () => ({}),
				nowMs: () => systemClock.nowMs(),
				check: () => {},
			});
			return async () => {
				const { law: taken } = await carrier.update();
				expect((await server.call("POST", "/units/report", tokens[unitId], { lawHash: taken.hash })).status).toBe(204);
				return [taken.policy.version, at(await server.call("GET", `/units/${unitId}`, server.tokens.auditor), "release")];
			};
		});
		const look = () => Promise.all(carriers.map((carrier) => carrier()));
		const before = await look();
		const draft = await server.approved([...lawDocuments(version, "status"), ...halts]);
		const stages = [{ cohorts: ["canary"], percent: 100 }];
		const id = String(at(await server.call("POST", "/rollouts", server.tokens.publisher, { draft, stages }), "id"));
		const release = async () => at(await server.call("GET", `/rollouts/${id}`, server.tokens.auditor), "release");
		expect(await look()).toStrictEqual([[version, await release()], before[1]]);
		expect(at(await server.call("GET", `/rollouts/${id}`, server.tokens.auditor), "progress.applied")).toBe(1);
		await step(id, "advance");
		const last = await release();
		expect(await look()).toStrictEqual([
			[version, last],
			[version, last],
		]);
		await rm(folder, { recursive: true, force: true });
	});

	it("what a collector hands in counts as what a unit says", async () => {
		const labels = [{ unitId: "unit-900", lawHash: "d".repeat(64) }];
		expect((await server.call("POST", "/units/labels", server.tokens.collector, { labels })).status).toBe(204);
		expect(at(await server.call("GET", "/units/unit-900", server.tokens.auditor), "lawHash")).toBe("d".repeat(64));
		const wrong = await server.call("POST", "/units/labels", server.tokens.collector, {
			labels: [{ unitId: "WVWZZZ1JZXW000001", lawHash: "d".repeat(64) }],
		});
		expect(wrong.status).toBe(400);
		expect(wrong.text).not.toContain("WVWZZZ");
	});
});
