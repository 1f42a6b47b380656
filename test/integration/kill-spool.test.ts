/** kill -9 in the middle of whatever the spool does: everything that `append` returned for is there, once, in order. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemDisk } from "../../agent/host/disk.ts";
import { openState } from "../../agent/host/state.ts";
import { openSpool, spoolFile } from "../../agent/spool/spool.ts";
import { repoPath } from "../data.ts";
import { sealedBytes } from "../fakes/spool-items.ts";

let folder = "";
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "kerb-kill-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the child until it has said `lines` lines, kills it, and gives all that it said. */
const runAndKill = (life: number, lines: number): Promise<string[]> =>
	new Promise((resolve, reject) => {
		const child = spawn(process.execPath, [repoPath("test/fakes/spool-child.ts"), folder, String(life)], {
			stdio: ["ignore", "pipe", "pipe"],
		});
		let said = "";
		let complaint = "";
		child.stdout.setEncoding("utf8").on("data", (text: string) => {
			said += text;
			if (said.split("\n").length > lines) child.kill("SIGKILL");
		});
		child.stderr.setEncoding("utf8").on("data", (text: string) => {
			complaint += text;
		});
		child.on("error", reject);
		child.on("close", (_code, signal) => {
			if (signal === "SIGKILL") resolve(said.slice(0, said.lastIndexOf("\n")).split("\n"));
			else reject(new Error(`the child ended by itself: ${complaint}`));
		});
	});

describe("append", () => {
	it("keeps what it returned for through twenty kills, without a gap or a repeated number", async () => {
		const lifeOf = new Map<number, number>();
		const leaving = new Set<number>();
		for (let life = 1; life <= 20; life++) {
			const before = Math.max(0, ...lifeOf.keys());
			const said = await runAndKill(life, 5 + ((life * 37) % 90));
			const appended = said.filter((line) => line.startsWith("+")).map(Number);
			for (const line of said) if (line.startsWith("-")) leaving.add(-Number(line));
			const state = openState(join(folder, "state.json"), systemDisk, { unitId: "unit-1" });
			expect(state.recovered).toBe(false);
			const floors = state.get().sequenceFloors;
			const spool = openSpool(join(folder, spoolFile), { maxBytes: 100_000_000, maxEnvelopes: 100_000, floors, reserve: () => undefined });
			expect(spool.recovered).toBeUndefined();
			expect(spool.verify()).toEqual([]);
			const pending = spool.pending("cloud", 0, 1_000);

			// A batch whose append had not returned, or whose lines were cut, may be there as well, whole.
			const last = spool.stat().outlets[0]?.lastSequence ?? 0;
			expect(last).toBeGreaterThanOrEqual(appended.at(-1) ?? before);
			expect(last).toBeLessThanOrEqual((appended.at(-1) ?? before) + 5);
			for (let sequence = before + 1; sequence <= last; sequence++) lifeOf.set(sequence, life);
			expect(appended).toEqual(appended.map((_, at) => before + 1 + at));

			const here = pending.map(({ sequence }) => sequence);
			expect(here).toEqual([...lifeOf.keys()].filter((sequence) => here.includes(sequence) || !leaving.has(sequence)));
			for (const { sequence, bytes } of pending) expect(bytes).toEqual(sealedBytes("cloud", sequence, 500, lifeOf.get(sequence)));
			expect(spool.nextSequence("cloud")).toBe(last + 1);
			spool.close();
		}
		expect(lifeOf.size).toBeGreaterThan(200);
	}, 180_000);
});
