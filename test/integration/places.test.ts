/**
 * Rules that hold in places hold where the unit is, from the fix on that says so, and nowhere once nobody knows where it is.
 */
import { join } from "node:path";
import { expect, it } from "vitest";
import { unixHttp } from "../../agent/host/unix-http.ts";
import { toHex } from "../../shared/bytes.ts";
import { catalogue, outlet, outlets, policy, row, rule } from "../fakes/law-documents.ts";
import { crypto, document } from "../fakes/law-repository.ts";
import { type LawUnit, makeLawUnit, type RunningUnit, runLawUnit } from "../fakes/law-unit.ts";

const startMs = Date.parse("2026-06-01T12:00:00Z");
const keyOf = (fill: number): string => toHex(crypto.x25519Public(new Uint8Array(32).fill(fill)));
const yard = { latDeg: 48.2, lonDeg: 11.5 };

const law = (notAfter: string) => [
	document("catalogue", catalogue(row("status", { match: { kinds: [], paths: ["Vehicle\\.Speed"] } }))),
	document(
		"policy",
		policy([rule("in-the-yard", { categories: ["status"], conditions: { offsetMinutes: 0, places: { inside: ["yard"] } } })]),
	),
	document(
		"outlets",
		outlets(
			outlet("oem", {
				url: "mqtt://127.0.0.1:9",
				recipients: [{ name: "OEM", x25519: keyOf(7) }],
				inspection: { name: "inspection", x25519: keyOf(8) },
			}),
		),
	),
	document("places", {
		kind: "places",
		id: "places",
		version: 1,
		issuedAt: "2026-05-01T00:00:00Z",
		notAfter,
		datum: "wgs84",
		areas: [{ id: "yard", kind: "named", shape: { type: "circle", centre: [yard.lonDeg, yard.latDeg], radiusM: 30 } }],
	}),
];

const drive = async ({ config }: LawUnit, latDeg: number, atMs: number, count = 4): Promise<void> => {
	const fixes = Array.from({ length: count }, (_, at) => ({
		...{ kind: "fix", latDeg: latDeg + at * 1e-6, lonDeg: yard.lonDeg, datum: "wgs84", takenAtMs: atMs + at * 1_000 },
	}));
	const { status } = await unixHttp({
		...{ socketPath: join(config.dataDir, "control.sock"), method: "POST", path: "/readings?source=apps" },
		headers: { "content-type": "application/x-ndjson" },
		body: fixes.map((fix) => JSON.stringify(fix)).join("\n"),
	});
	expect(status).toBe(200);
};
const uploaded = ({ agent }: RunningUnit): number => agent.status().categories.find(({ id }) => id === "status")?.uploaded ?? 0;

it("a rule that asks for a place holds inside it, and not before, behind or when the fix is old", async () => {
	const unit = await makeLawUnit(law("2027-01-01T00:00:00Z"), startMs - 60_000);
	await runLawUnit(unit, startMs, async (running) => {
		const { sense } = running;
		await sense(2);
		expect(uploaded(running)).toBe(0);
		await drive(unit, yard.latDeg, startMs - 3_000);
		await sense(3);
		await expect.poll(() => uploaded(running)).toBe(3);
		// A hundred metres on in three seconds; the clock of the box comes to them.
		await drive(unit, yard.latDeg + 0.001, startMs + 1_000, 2);
		await new Promise((resolve) => setTimeout(resolve, 2_500));
		await sense(5);
		expect(uploaded(running)).toBe(3);
	});
	await unit.remove();
});

it("a list of places past its term holds for nothing", async () => {
	const unit = await makeLawUnit(law("2026-05-30T00:00:00Z"), startMs - 60_000);
	await runLawUnit(unit, startMs, async (running) => {
		await drive(unit, yard.latDeg, startMs - 3_000);
		await running.sense(3);
		expect(uploaded(running)).toBe(0);
	});
	await unit.remove();
});
