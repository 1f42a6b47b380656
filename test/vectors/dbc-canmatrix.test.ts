/**
 * Every signal of every DBC against Debian's python3-canmatrix 0.9.5, on seeded random payloads of the message's own size and on payloads
 * that set each multiplexer to each of its values.
 *
 * Where canmatrix's own Frame.decode is not followed, and why:
 * - multiplex.dbc and multiplex_choices.dbc, Message1 and Message2; issue_184, ext_MUX_multiple_values; any message that mixes the two ways:
 *   signals marked mN without SG_MUL_VAL_ are lost in canmatrix as soon as another signal of the message has an SG_MUL_VAL_. The file says
 *   when they are there, so they are decoded.
 * - a signal of a length or position that does not lie within its message: canmatrix slices its bit string wrongly or refuses the whole frame.
 */
import { spawnSync } from "node:child_process";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { compileDbc, type DbcDecoder } from "../../agent/formats/dbc-decode.ts";
import type { Dbc, DbcMessage } from "../../agent/formats/dbc-model.ts";
import { parseDbc } from "../../agent/formats/dbc-parse.ts";
import { dataPath, hasData, repoPath } from "../data.ts";
import { hasPython, python } from "../peers.ts";
import { referenceFits, referenceWrite } from "./bit-reference.ts";

interface Answer {
	readonly message: string | null;
	readonly signals: readonly (readonly [name: string, physical: string | null, there: boolean])[];
	readonly decoded: readonly string[] | null;
}

interface Frame {
	readonly id: number;
	readonly extended: boolean;
	readonly data: Uint8Array;
}

/** A small generator with a fixed seed: the same payloads on every machine. */
type RandomBytes = (size: number) => Uint8Array<ArrayBuffer>;

const randomBytes = (seed: number): RandomBytes => {
	let state = seed >>> 0;
	return (size) =>
		Uint8Array.from({ length: size }, () => {
			state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
			return state >>> 24;
		});
};

const framesOf = (message: DbcMessage, random: RandomBytes): Frame[] => {
	const payloads = [new Uint8Array(message.sizeBytes), new Uint8Array(message.sizeBytes).fill(0xff)];
	for (let i = 0; i < 12; i++) payloads.push(random(message.sizeBytes));
	for (const signal of message.signals) {
		if (signal.selector === undefined) continue;
		for (const value of signal.selector.ranges.flat()) {
			const data = random(message.sizeBytes);
			for (let at: typeof signal.selector | undefined = signal.selector, raw = value; at !== undefined; ) {
				if (!referenceFits(at.multiplexer, message.sizeBytes)) break;
				referenceWrite(at.multiplexer, data, BigInt(raw));
				at = at.multiplexer.selector;
				raw = at?.ranges[0]?.[0] ?? 0;
			}
			payloads.push(data);
		}
	}
	return payloads.map((data) => ({ id: message.id, extended: message.extended, data }));
};

const ask = (path: string, frames: readonly Frame[]): Answer[] => {
	const input = frames.map((f) => `0 ${f.id.toString(16)} ${f.extended ? 1 : 0} ${Buffer.from(f.data).toString("hex")}`).join("\n");
	const { stdout, status, stderr } = spawnSync(python, [repoPath("test/vectors/canmatrix-oracle.py"), path], {
		input: `${input}\n`,
		encoding: "utf8",
		maxBuffer: 1 << 30,
	});
	expect(status, stderr).toBe(0);
	return stdout
		.trim()
		.split("\n")
		.map((line) => JSON.parse(line) as Answer);
};

/** A bigint must be equal to the last digit, a double within 1e-9. */
const isSame = (value: number | bigint, text: string): boolean => {
	if (typeof value === "bigint") return value.toString() === text.replace(/\.0+$/, "");
	if (Number.isNaN(value)) return /nan/i.test(text);
	const expected = Number(text);
	return value === expected || Math.abs(value - expected) <= 1e-9 * Math.max(1, Math.abs(expected));
};

/** Compares and returns how many values were equal, and which messages canmatrix decodes with fewer signals. */
const compare = (path: string): { values: number; fewer: Set<string>; refused: Set<string> } => {
	const dbc: Dbc = parseDbc(readFileSync(path));
	const decoder: DbcDecoder = compileDbc([dbc]);
	const random = randomBytes(20_260_101);
	const frames = dbc.messages.flatMap((message) => framesOf(message, random));
	const answers = frames.length === 0 ? [] : ask(path, frames);
	expect(answers.length).toBe(frames.length);
	let values = 0;
	const fewer = new Set<string>();
	const refused = new Set<string>();
	frames.forEach((frame, index) => {
		const answer = answers[index];
		const message = decoder.find(frame.id, frame.extended);
		expect(message?.name).toBe(answer?.message);
		const got = new Map<string, number | bigint>();
		message?.decode(frame.data, (signal, value) => got.set(signal.name, value));
		const expected = new Map<string, string>();
		for (const [name, physical, there] of answer?.signals ?? []) if (there && physical !== null) expected.set(name, physical);
		expect([...got.keys()].sort(), message?.name).toEqual([...expected.keys()].sort());
		for (const [name, value] of got) {
			if (!isSame(value, expected.get(name) ?? ""))
				expect.fail(`${message?.name}.${name} differs: ${value}, canmatrix ${expected.get(name)}`);
			values++;
		}
		if (answer?.decoded === null) refused.add(answer.message ?? "");
		else {
			const outside = new Set(answer?.signals.filter(([, physical]) => physical === null).map(([name]) => name));
			const missing = answer?.decoded?.filter((name) => !got.has(name) && !outside.has(name));
			expect(missing, `signals of ${answer?.message} that canmatrix decodes, too`).toEqual([]);
			if ((answer?.decoded?.length ?? 0) < got.size) fewer.add(answer?.message ?? "");
		}
	});
	return { values, fewer, refused };
};

/** A DBC with signals at random places of payloads of 1 to 64 bytes: every length to 64, both orders, both signs, floats, nested multiplexers. */
const randomDbc = (seed: number): string => {
	const random = randomBytes(seed);
	const below = (limit: number): number => (((random(1)[0] ?? 0) << 16) | ((random(1)[0] ?? 0) << 8) | (random(1)[0] ?? 0)) % limit;
	const pick = <T>(values: readonly T[]): T => values[below(values.length)] as T;
	const scales = ["(1,0)", "(0.01,-40)", "(-0.5,7)", "(1E-05,0)", "(3,-1000)", "(1.0,0.0)", "(0.00390625,-250)"];
	const field = (sizeBytes: number): string => {
		for (;;) {
			const littleEndian = below(2) === 1;
			const floating = below(12) === 0;
			const length = floating ? pick([32, 64]) : 1 + below(64);
			const startBit = below(sizeBytes * 8);
			if (!referenceFits({ startBit, length, littleEndian }, sizeBytes)) continue;
			return `${startBit}|${length}@${littleEndian ? 1 : 0}${pick(["+", "-"])} ${floating ? "(1,0)" : pick(scales)} [0|0] "x" Node${floating ? `\0${length / 32}` : ""}`;
		}
	};
	const lines = ['VERSION ""', "", "BU_: Node", ""];
	const ends: string[] = [];
	for (let i = 0; i < 120; i++) {
		const sizeBytes = pick([1, 2, 3, 5, 7, 8, 8, 8, 12, 20, 48, 64]);
		const id = i % 3 === 0 ? 0x8000_0000 + 0x1800_0000 + i * 0x101 : i;
		lines.push(`BO_ ${id} Message${i}: ${sizeBytes} Node`);
		const add = (name: string, role = ""): void => {
			const [text, float] = field(sizeBytes).split("\0");
			lines.push(` SG_ ${name} ${role}: ${text}`);
			if (float !== undefined) ends.push(`SIG_VALTYPE_ ${id} ${name} : ${float};`);
		};
		for (let s = 0; s < 6; s++) add(`Plain${s}`);
		if (i % 4 === 1) {
			lines.push(` SG_ Mux M : ${pick(["0|4@1+", "7|3@0+"])} (1,0) [0|0] "" Node`);
			for (let s = 0; s < 4; s++) add(`Part${s}`, `m${s} `);
		} else if (i % 4 === 2 && sizeBytes > 1) {
			lines.push(' SG_ Outer M : 0|4@1+ (1,0) [0|0] "" Node', ' SG_ Inner m3M : 15|8@0+ (1,0) [0|0] "" Node');
			for (let s = 0; s < 4; s++) add(`Part${s}`, `m${s} `);
			ends.push(`SG_MUL_VAL_ ${id} Inner Outer 3-5;`, `SG_MUL_VAL_ ${id} Part0 Outer 0-0, 3-9;`, `SG_MUL_VAL_ ${id} Part1 Outer 1-1;`);
			ends.push(`SG_MUL_VAL_ ${id} Part2 Inner 2-2,100-180;`, `SG_MUL_VAL_ ${id} Part3 Inner 3-3, 150-255;`);
		}
		lines.push("");
	}
	return [...lines, ...ends, ""].join("\n");
};

/** Messages of which canmatrix itself decodes fewer signals; see the head of this file. */
const knownFewer: Readonly<Record<string, readonly string[]>> = {
	"multiplex.dbc": ["Message1"],
	"multiplex_choices.dbc": ["Message1", "Message2"],
	"issue_184_extended_mux_multiple_values.dbc": ["ext_MUX_multiple_values"],
};

const shared = hasData("can") ? globSync("**/*.dbc", { cwd: dataPath("can") }).sort() : [];
const ready = shared.length > 0 && hasPython("canmatrix");
const own = "/usr/lib/python3/dist-packages/canmatrix";
const installed = existsSync(own) ? globSync("**/*.dbc", { cwd: own }).map((path) => `${own}/${path}`) : [];

describe("parseDbc and compileDbc against canmatrix", () => {
	it.skipIf(!ready).each(shared)("decodes every signal of %s as canmatrix does (needs shared data can, python3-canmatrix)", (path) => {
		const { values, fewer, refused } = compare(dataPath("can", path));
		expect([...fewer].sort()).toEqual([...(knownFewer[basename(path)] ?? [])].sort());
		expect([...refused]).toEqual([]);
		if (basename(path) !== "cp1252.dbc") expect(values).toBeGreaterThan(0);
	});

	it.skipIf(!hasPython("canmatrix")).each([1, 2, 3])("decodes made-up DBC %i as canmatrix does (needs python3-canmatrix)", (seed) => {
		const folder = mkdtempSync(join(tmpdir(), "kerb-dbc-"));
		try {
			const path = join(folder, "random.dbc");
			writeFileSync(path, randomDbc(seed));
			expect(parseDbc(readFileSync(path)).problems).toEqual([]);
			const { values, refused } = compare(path);
			expect(values).toBeGreaterThan(10_000);
			expect([...refused]).toEqual([]);
		} finally {
			rmSync(folder, { recursive: true });
		}
	});

	it.skipIf(!ready || installed.length === 0).each(installed)(
		"decodes canmatrix's own file %s as it does (needs python3-canmatrix)",
		(path) => {
			expect(compare(path).values).toBeGreaterThan(0);
		},
	);
});
