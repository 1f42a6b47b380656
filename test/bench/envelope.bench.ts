/**
 * Bytes and microseconds per record: columns with zstd, and whole envelopes to two keys, against lines of JSON with gzip; and what sealing
 * costs in memory. On a real drive (comma2k19), all signals that its DBC names. Run: node test/bench/envelope.bench.ts [libsodium|node]
 */
import { readFileSync } from "node:fs";
import { gunzipSync, gzipSync } from "node:zlib";
import { CandumpParser } from "../../agent/formats/candump.ts";
import { compileDbc } from "../../agent/formats/dbc-decode.ts";
import { parseDbc } from "../../agent/formats/dbc-parse.ts";
import { loadPrimitives } from "../../agent/host/primitives.ts";
import { identityOf } from "../../agent/seal/identity.ts";
import { seal } from "../../agent/seal/seal.ts";
import type { CleanReading } from "../../shared/clean.ts";
import { decodeColumns, encodeColumns } from "../../shared/columns.ts";
import { openEnvelope } from "../../shared/envelope.ts";
import { dataPath } from "../data.ts";
import { clean, draft, openerOf, secretOf, signal, target } from "../seal/sample-envelope.ts";

const megabytes = (): string => `${(process.memoryUsage().rss / 1e6).toFixed(0)} MB`;
const curves = process.argv[2] === "node" ? "node" : "libsodium";
const p = await loadPrimitives({ curves });
const identity = identityOf({ ed25519Seed: secretOf(1), pseudonymRoot: secretOf(2) }, p);

const readDrive = (): CleanReading[] => {
	const dbc = compileDbc([parseDbc(readFileSync(dataPath("can", "toyota_2017.dbc")))]);
	const parser = new CandumpParser();
	const records: CleanReading[] = [];
	const text = gunzipSync(readFileSync(dataPath("can", "comma2k19_rav4_seg40_candump.log.gz"))).toString("latin1");
	for (const line of text.split("\n")) {
		if (parser.parse(line) !== "frame") continue;
		const { id, extended, data, tMs = 0 } = parser.frame;
		dbc.find(id, extended)?.decode(data, (found, value) => records.push(clean(signal(tMs, value, found.path))));
	}
	return records;
};

const drive = readDrive();
const sets: readonly (readonly [string, readonly CleanReading[]])[] = [
	["all signals", drive],
	["wheel speeds", drive.filter((record) => record.kind === "signal" && /WHEEL_SPEEDS\./.test(record.path))],
];

console.log(`${drive.length} records; curves by ${curves}; ${megabytes()} with the drive in memory`);
for (const [name, records] of sets) {
	for (const size of [100, 500, 2_000, 20_000]) {
		const batches = Array.from({ length: Math.min(8, Math.floor(records.length / size)) }, (_, at) =>
			records.slice(at * size, (at + 1) * size),
		);
		const count = batches.length * size;
		const spent = { encode: 0, decode: 0, seal: 0, open: 0 };
		const timed = <T>(what: keyof typeof spent, work: () => T): T => {
			const start = performance.now();
			const result = work();
			spent[what] += performance.now() - start;
			return result;
		};
		let [json, columns, envelopes] = [0, 0, 0];
		for (const batch of batches) {
			json += gzipSync(batch.map((record) => JSON.stringify(record)).join("\n")).length;
			const encoded = timed("encode", () => encodeColumns(batch));
			timed("decode", () => decodeColumns(encoded));
			columns += p.compress(encoded).length;
			const { bytes } = timed("seal", () => seal(draft, batch, target, identity, p));
			envelopes += bytes.length;
			timed("open", () => openEnvelope(bytes, openerOf(10), p));
		}
		const each = (total: number): string => (total / count).toFixed(2).padStart(6);
		const micros = (what: keyof typeof spent): string => `${what} ${((spent[what] * 1_000) / count).toFixed(1)}`;
		const times = (["encode", "decode", "seal", "open"] as const).map(micros).join(", ");
		console.log(
			`${name.padEnd(12)} x ${String(size).padStart(6)}: JSON+gzip ${each(json)} B, columns+zstd ${each(columns)} B, envelope ${each(envelopes)} B; us per record: ${times}`,
		);
	}
}
console.log(`${megabytes()} at the end`);
