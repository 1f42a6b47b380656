/**
 * Figures of the spool and the ledger on this machine's disk: `node test/bench/spool.bench.ts [FOLDER]`.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../agent/host/clock.ts";
import { systemDisk } from "../../agent/host/disk.ts";
import { openState } from "../../agent/host/state.ts";
import { openLedger } from "../../agent/ledger/ledger.ts";
import { openSpool } from "../../agent/spool/spool.ts";
import type { NewLedgerEntry } from "../../shared/ledger-entry.ts";
import { spoolItem } from "../fakes/spool-items.ts";

const folder = mkdtempSync(join(process.argv[2] ?? tmpdir(), "kerb-bench-"));
const rssMb = (): number => Math.round(process.memoryUsage().rss / 1_048_576);

const time = (name: string, rounds: number, work: (round: number) => void): void => {
	const startedMs = systemClock.bootMs();
	for (let round = 0; round < rounds; round++) work(round);
	const perRoundMs = (systemClock.bootMs() - startedMs) / rounds;
	console.log(
		`${name.padEnd(44)} ${perRoundMs.toFixed(3).padStart(9)} ms each ${Math.round(1_000 / perRoundMs)
			.toString()
			.padStart(8)} /s   RSS ${rssMb()} MB`,
	);
};

console.log(`start: RSS ${rssMb()} MB`);
const state = openState(join(folder, "state.json"), systemDisk, { unitId: "unit-1" });
const spool = openSpool(join(folder, "spool.db"), {
	maxBytes: 256_000_000,
	maxEnvelopes: 200_000,
	floors: {},
	reserve: (sequenceFloors) => state.updateNow({ sequenceFloors }),
});
const batch = (count: number, size: number) =>
	Array.from({ length: count }, () => spoolItem("cloud", spool.nextSequence("cloud"), { bytes: new Uint8Array(size).fill(7) }));

time("append of 64 envelopes of 256 B", 300, () => void spool.append(batch(64, 256)));
time("append of 1 envelope of 10 KB", 500, () => void spool.append(batch(1, 10_240)));
time("append of 1 envelope of 100 KB", 200, () => void spool.append(batch(1, 102_400)));
let after = 0;
time("pending of 16", 500, () => {
	after = spool.pending("cloud", after, 16).at(-1)?.sequence ?? 0;
});
time("settle of 16", 500, (round) =>
	spool.settle(
		"cloud",
		Array.from({ length: 16 }, (_, at) => round * 16 + at + 1),
	),
);
time("stat", 200, () => void spool.stat());
time("verify", 1, () => void spool.verify());
spool.close();
time("open and close, 12,000 waiting", 10, () =>
	openSpool(join(folder, "spool.db"), { maxBytes: 256_000_000, maxEnvelopes: 200_000, floors: {}, reserve: () => undefined }).close(),
);
time("state.updateNow", 100, (round) => state.updateNow({ lastGoodMs: round }));

const ledger = openLedger(join(folder, "ledger.db"), { head: null, nowMs: systemClock.nowMs });
const entry: NewLedgerEntry = {
	...{ kind: "decision", atMs: 1_700_000_000_000, sinceMs: 1_700_000_000_000, lawHash: "a".repeat(64) },
	counts: Array.from({ length: 12 }, () => ({
		...{
			category: "vehicle.dynamics",
			level: "general",
			outlet: "cloud",
			effect: "upload",
			rule: "speed-1",
			reasons: ["floor-upload"],
			readings: 99,
		},
	})),
};
time("ledger append of 1 entry of 12 counts", 500, () => ledger.append([entry]));
time("ledger append of 64 entries", 100, () => ledger.append(Array.from({ length: 64 }, () => entry)));
time("ledger verify of 6,900 entries", 1, () => void ledger.verify());
ledger.close();
rmSync(folder, { recursive: true });
