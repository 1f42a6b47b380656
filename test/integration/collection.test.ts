/**
 * One command stops what the outside sensors collect within a second, and it stays stopped over a restart (regulations S-03).
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { openSpool, spoolFile } from "../../agent/spool/spool.ts";
import { toHex } from "../../shared/bytes.ts";
import { utcMs } from "../../shared/units.ts";
import { catalogue, outlet, outlets, policy, row, rule } from "../fakes/law-documents.ts";
import { crypto, document } from "../fakes/law-repository.ts";
import { type LawUnit, makeLawUnit, runLawUnit } from "../fakes/law-unit.ts";
import { tinyJpeg } from "../fakes/tiny-jpeg.ts";

const folder = mkdtempSync(join(tmpdir(), "kerb-collection-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const startMs = Date.parse("2026-06-01T12:00:00Z");

const law = [
	document("catalogue", catalogue(row("outside", { zone: "exterior", match: { kinds: [], paths: ["Camera\\.Exterior\\.Front"] } }))),
	document(
		"policy",
		policy([
			rule("pictures", {
				categories: ["outside"],
				treatments: [{ type: "redact-image", detectors: [{ kind: "delivered" }], maxRateHz: 60, maxBoxAgeMs: 5_000 }],
			}),
		]),
	),
	document(
		"outlets",
		outlets(
			outlet("oem", {
				url: "mqtt://127.0.0.1:9",
				recipients: [{ name: "OEM", x25519: toHex(crypto.x25519Public(new Uint8Array(32).fill(7))) }],
				inspection: { name: "inspection", x25519: toHex(crypto.x25519Public(new Uint8Array(32).fill(8))) },
			}),
		),
	),
];
const sealed = ({ config }: LawUnit): number => {
	const spool = openSpool(join(config.dataDir, spoolFile), { ...config.spool, floors: {}, reserve: () => {} });
	const { length } = spool.pending("oem", 0, 1_000);
	spool.close();
	return length;
};

it("collection stop ends what cameras collect at once and over a restart, and collection start lets it begin again", async () => {
	const unit = await makeLawUnit(law, startMs - 60_000);
	const [pictures, boxes] = [join(folder, "pictures"), join(folder, "boxes")];
	execFileSync("mkfifo", [pictures, boxes]);
	const camera = {
		id: "front",
		type: "camera",
		path: "Camera.Exterior.Front",
		input: { pipe: pictures },
		boxes: { pipe: boxes, waitMs: 1_000 },
	};
	const withCamera = {
		...unit,
		config: { ...unit.config, sources: [...unit.config.sources, camera], batch: { maxRecords: 1, maxAgeMs: 50 } },
	};
	/** Films so many frames, the first with this number. */
	const films = async (count: number, from = 0): Promise<void> => {
		const [picturePipe, boxPipe] = [await open(pictures, "w"), await open(boxes, "w")];
		for (let sequence = from; sequence < from + count; sequence++) {
			const said = { sequence, atMs: utcMs(startMs), widthPx: 64, heightPx: 48, looked: true, detector: "stack", boxes: [] };
			await boxPipe.write(`${JSON.stringify(said)}\n`);
			await picturePipe.write(tinyJpeg(64, 48));
			await new Promise((resolve) => setTimeout(resolve, 60));
		}
		await picturePipe.close();
		await boxPipe.close();
	};
	let before = 0;
	await runLawUnit(
		withCamera,
		startMs,
		async ({ agent, post }) => {
			await films(3);
			await expect.poll(() => agent.status().categories[0]?.coarsened ?? 0, { timeout: 20_000 }).toBeGreaterThan(0);
			expect((await post("/collection", { zone: "exterior", state: "stopped" })).status).toBe(200);
			const { coarsened } = agent.status().categories[0] ?? {};
			await films(3, 3);
			expect(agent.status().categories[0]?.coarsened).toBe(coarsened);
			expect(agent.status().stopped).toEqual(["exterior"]);
			const reasons = () => agent.status().categories[0]?.reasons["collection-stopped"] ?? 0;
			// Counted when the next batch is due.
			await expect.poll(reasons, { timeout: 10_000 }).toBeGreaterThan(0);
		},
		{ realWaits: true },
	);
	before = sealed(withCamera);
	expect(before).toBeGreaterThan(0);
	await runLawUnit(
		withCamera,
		startMs + 60_000,
		async ({ agent, post }) => {
			expect(agent.status().stopped).toEqual(["exterior"]);
			await films(3);
			expect(agent.status().categories[0]?.coarsened ?? 0).toBe(0);
			expect((await post("/collection", { zone: "exterior", state: "running" })).status).toBe(200);
			expect(agent.status().stopped).toBeUndefined();
		},
		{ realWaits: true },
	);
	expect(sealed(withCamera)).toBe(before);
	await unit.remove();
});
