/**
 * A real drive: every frame of the wheel speed and steering angle messages of comma2k19's segment 40 against the values that comma.ai
 * published for it; the published speed is the mean of the four wheels.
 */
import { createReadStream, readFileSync } from "node:fs";
import { createGunzip } from "node:zlib";
import { describe, expect, it } from "vitest";
import { CandumpParser } from "../../agent/formats/candump.ts";
import { compileDbc } from "../../agent/formats/dbc-decode.ts";
import { parseDbc } from "../../agent/formats/dbc-parse.ts";
import { LineSplitter } from "../../agent/formats/line-splitter.ts";
import { dataPath, hasData } from "../data.ts";

interface Row {
	readonly t: string;
	readonly values: ReadonlyMap<string, number | bigint>;
}

const readDrive = async (): Promise<Map<string, Row[]>> => {
	const decoder = compileDbc([parseDbc(readFileSync(dataPath("can/toyota_2017.dbc")))]);
	const parser = new CandumpParser();
	const splitter = new LineSplitter(1_024);
	const rows = new Map<string, Row[]>([
		["WHEEL_SPEEDS", []],
		["STEER_ANGLE_SENSOR", []],
	]);
	for await (const chunk of createReadStream(dataPath("can/comma2k19_rav4_seg40_candump.log.gz")).pipe(createGunzip())) {
		for (const line of splitter.push(chunk as Uint8Array)) {
			expect(parser.parse(line)).toBe("frame");
			// The published values are those of the first bus.
			const message = parser.frame.bus === "can0" ? decoder.find(parser.frame.id, parser.frame.extended) : undefined;
			const known = message === undefined ? undefined : rows.get(message.name);
			if (message === undefined || known === undefined) continue;
			const values = new Map<string, number | bigint>();
			message.decode(parser.frame.data, (signal, value) => values.set(signal.name, value));
			known.push({ t: (parser.frame.tSec ?? 0).toFixed(6), values });
		}
	}
	return rows;
};

const csv = (name: string): string[][] =>
	readFileSync(dataPath(`can/comma2k19_expected_${name}.csv`), "utf8")
		.trim()
		.split("\n")
		.slice(1)
		.map((line) => line.split(","));

const compare = (
	rows: readonly Row[],
	expected: readonly string[][],
	compute: (value: (name: string) => number) => readonly number[],
): void => {
	expect(rows.length).toBe(expected.length);
	let worst = 0;
	rows.forEach((row, index) => {
		const [t, ...columns] = expected[index] ?? [];
		if (row.t !== t) expect.fail(`row ${index} has another time`);
		const got = compute((name) => Number(row.values.get(name)));
		expect(got.length).toBe(columns.length);
		columns.forEach((column, at) => {
			worst = Math.max(worst, Math.abs((got[at] ?? Number.NaN) - Number(column)));
		});
	});
	expect(worst).toBeLessThan(1e-9);
};

describe("a drive of comma2k19", () => {
	const kmhPerMps = 3.6;

	it.skipIf(!hasData("can/comma2k19_rav4_seg40_candump.log.gz"))("decodes to the published values (needs shared data can)", async () => {
		const drive = await readDrive();
		const wheels = drive.get("WHEEL_SPEEDS") ?? [];
		expect(wheels.length).toBe(4_974);
		const perWheel = (value: (name: string) => number): number[] =>
			["FL", "FR", "RL", "RR"].map((wheel) => value(`WHEEL_SPEED_${wheel}`) / kmhPerMps);
		compare(wheels, csv("wheel_speed_mps"), perWheel);
		compare(wheels, csv("speed_mps"), (value) => [perWheel(value).reduce((sum, speed) => sum + speed, 0) / 4]);
		const steering = drive.get("STEER_ANGLE_SENSOR") ?? [];
		expect(steering.length).toBe(4_974);
		compare(steering, csv("steering_deg"), (value) => [value("STEER_ANGLE") + value("STEER_FRACTION")]);
	});
});
