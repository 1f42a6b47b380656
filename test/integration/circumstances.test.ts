/** What the box says of itself and what time does to what waits, on the whole agent. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { runLedgerShow } from "../../agent/commands/ledger.ts";
import { toHex } from "../../shared/bytes.ts";
import { catalogue, outlet, outlets, policy, row, rule } from "../fakes/law-documents.ts";
import { crypto, document, sha256 } from "../fakes/law-repository.ts";
import { type LawUnit, makeLawUnit, type RunningUnit, runLawUnit } from "../fakes/law-unit.ts";

const startMs = Date.parse("2026-06-01T12:00:00Z");
const dayMs = 86_400_000;
const keyOf = (byte: number): string => toHex(crypto.x25519Public(new Uint8Array(32).fill(byte)));

let unit: LawUnit | undefined;
afterEach(async () => {
	await unit?.remove();
	unit = undefined;
});

const law = (spoolDays?: number) => [
	document("catalogue", catalogue(row("status", { match: { kinds: [], paths: ["Vehicle\\.Speed"] } }))),
	document(
		"policy",
		policy([rule("wifi", { conditions: { offsetMinutes: 0, networks: ["wifi", "ethernet"] } })], {
			issuedAt: "2026-05-31T00:00:00Z",
			...(spoolDays === undefined ? {} : { retention: { spoolDays } }),
		}),
	),
	document(
		"outlets",
		outlets(
			outlet("oem", {
				url: "mqtt://127.0.0.1:9",
				recipients: [{ name: "a platform", x25519: keyOf(1) }],
				inspection: { name: "an inspector", x25519: keyOf(2) },
			}),
		),
	),
];
const pending = ({ agent }: RunningUnit): number => agent.status().outlets[0]?.pendingEnvelopes ?? -1;
const entriesOf = ({ config }: LawUnit) => runLedgerShow({ dataDir: config.dataDir, limit: 10_000 }).flatMap(({ entry }) => entry ?? []);

it("POST /circumstances opens and closes rules that ask for a network, and the act is in the ledger", async () => {
	unit = await makeLawUnit(law(), startMs);
	await runLawUnit(unit, startMs, async (running) => {
		const { sense, post, agent } = running;
		await sense(1);
		expect(pending(running)).toBe(0);
		expect(await post("/circumstances", { network: "wifi" })).toMatchObject({ status: 200 });
		await sense(1);
		expect(pending(running)).toBe(1);
		for (const network of ["cellular", "unknown"]) {
			expect((await post("/circumstances", { network })).status).toBe(200);
			await sense(1);
		}
		for (const wrong of [{}, { network: "lan" }, { network: "wifi", more: 1 }])
			expect((await post("/circumstances", wrong)).status).toBe(400);
		await sense(1);
		expect(pending(running)).toBe(1);
		expect(agent.status().categories[0]?.reasons["conditions-unmet"]).toBe(4);
	});
	const acts = entriesOf(unit).flatMap((entry) =>
		entry.kind === "act" && entry.opType === "circumstances" ? [[entry.opObject, entry.result]] : [],
	);
	expect(acts.slice(0, 3)).toEqual(["wifi", "cellular", "unknown"].map((network) => [`network ${network}`, "done"]));
	await runLawUnit(unit, startMs, async (running) => {
		await running.sense(1);
		expect(pending(running)).toBe(1);
	});
}, 60_000);

it("envelopes that waited longer than spoolDays are taken back and in the ledger, before anything is sent", async () => {
	unit = await makeLawUnit(law(2), startMs, { circumstances: { network: "ethernet" } });
	await runLawUnit(unit, startMs, ({ sense }) => sense(1));
	await runLawUnit(unit, startMs + dayMs, ({ sense }) => sense(1));
	await runLawUnit(unit, startMs + 2 * dayMs - 60_000, (running) => expect(pending(running)).toBe(2));
	await runLawUnit(unit, startMs + 2 * dayMs + 60_000, (running) => expect(pending(running)).toBe(1));
	await runLawUnit(unit, startMs + 4 * dayMs, (running) => expect(pending(running)).toBe(0));
	const shed = entriesOf(unit).flatMap((entry) => (entry.kind === "shed" ? [[entry.reason, entry.firstSequence, entry.records]] : []));
	expect(shed).toEqual([
		["retention-over", 1, 1],
		["retention-over", 2, 1],
	]);
}, 60_000);

it("the start entry has the overlay's hash, and what is odd about the overlay is said", async () => {
	const overlay = JSON.stringify({ kind: "overlay", id: "o", signals: { "Nothing.Known": "Vehicle.Speed" } });
	unit = await makeLawUnit(law(), startMs, { overlay: "overlay.json" });
	await writeFile(join(unit.folder, "overlay.json"), overlay);
	await runLawUnit(unit, startMs, ({ events }) => {
		expect(events.filter(({ event }) => event === "source_warned")).toEqual([
			{ event: "source_warned", source: "overlay", detail: "Nothing.Known: no signal has this name" },
		]);
	});
	expect(entriesOf(unit).find(({ kind }) => kind === "start")).toMatchObject({ overlaySha256: sha256(new TextEncoder().encode(overlay)) });
}, 60_000);
