/**
 * Messages per CPU second read and written as JSON, beside what JSON.parse and JSON.stringify do with the same ones. CPU time is the least of many short
 * rounds: other work on the machine lengthens rounds and never shortens them. Run: node test/bench/message-json.bench.ts
 */
import { readFileSync } from "node:fs";
import { decodeJsonMessage } from "../../agent/formats/v2x/json-message.ts";
import { dataPath, hasData } from "../data.ts";

const linesOf = (file: string): readonly string[] =>
	readFileSync(dataPath("v2x", ...file.split("/")), "utf8")
		.trim()
		.split("\n");

const rounds = 400;
const perRound = 64;

const leastUs = (work: (index: number) => unknown, count: number): number => {
	let least = Number.POSITIVE_INFINITY;
	for (let round = 0; round < rounds; round += 1) {
		const start = process.hrtime.bigint();
		for (let index = 0; index < perRound; index += 1) work(index % count);
		least = Math.min(least, Number(process.hrtime.bigint() - start) / 1_000 / perRound);
	}
	return least;
};

const measure = (name: string, file: string): void => {
	const texts = linesOf(file);
	const lines = texts.map((line) => Buffer.from(line));
	const decoded = lines.map((line) => decodeJsonMessage("ode", line));
	const values = texts.map((line): unknown => JSON.parse(line));
	const at = <T>(all: readonly T[], index: number): T => all[index] as T;
	const bytes = Math.round(lines.reduce((sum, line) => sum + line.length, 0) / lines.length);
	const figures: readonly (readonly [string, (index: number) => unknown])[] = [
		["read", (index) => decodeJsonMessage("ode", at(lines, index))],
		["written", (index) => at(decoded, index).shape.encode(at(decoded, index).content)],
		["JSON.parse", (index) => JSON.parse(at(lines, index).toString("latin1"))],
		["JSON.stringify", (index) => JSON.stringify(at(values, index))],
	];
	console.log(
		`${name}, ${bytes} bytes: ${figures.map(([what, work]) => `${what} ${leastUs(work, lines.length).toFixed(1)} us`).join(", ")}`,
	);
};

if (hasData("v2x")) {
	measure("plain BSM", "j2735-ode/bsmTx.json");
	measure("JER BSM", "jpo-cvdp/test-case.all.good.json");
	measure("bare BSM", "j2735-ode/I_80_test.json");
} else console.log("needs shared data v2x");
