/**
 * gpsd 3.22's own recordings beside what gpsd reported for them (its regression tests, test/daemon in its source): every report in its order,
 * with time, mode and position.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseGpsdLine } from "../../agent/formats/gpsd.ts";
import { parseNmeaLog } from "../../agent/formats/nmea.ts";
import { dataPath, hasData } from "../data.ts";

interface Report {
	readonly mode: number;
	readonly timeMs: number | undefined;
	readonly latDeg: number | undefined;
	readonly lonDeg: number | undefined;
}

const expectedReports = (log: string): Report[] =>
	readFileSync(dataPath("gnss", `${log}.chk`), "latin1")
		.split("\n")
		.filter((line) => line.startsWith('{"class":"TPV"'))
		.map((line) => {
			const message = parseGpsdLine(line);
			if (message?.class !== "TPV") throw new Error("a TPV line that is none");
			return { mode: message.mode, timeMs: message.timeMs, latDeg: message.latDeg, lonDeg: message.lonDeg };
		});

/** gpsd prints nine decimals of a degree (0.1 mm) and whole milliseconds, cut off. */
const isSame = (mine: Report | undefined, theirs: Report | undefined): boolean =>
	mine !== undefined &&
	theirs !== undefined &&
	mine.mode === theirs.mode &&
	(mine.timeMs === undefined ? undefined : Math.floor(mine.timeMs + 1e-3)) === theirs.timeMs &&
	(mine.latDeg === undefined) === (theirs.latDeg === undefined) &&
	Math.abs((mine.latDeg ?? 0) - (theirs.latDeg ?? 0)) < 1e-9 &&
	Math.abs((mine.lonDeg ?? 0) - (theirs.lonDeg ?? 0)) < 1e-9;

/** Reports in each recording; all of them are equal. */
const totals = {
	"bu353s4.log": 27,
	"bundg_zeus_9.log": 2_484,
	"haicom-305N.log": 142,
	"iTrek.log": 43,
	"sirfstarv-nmea.log": 63,
	"telit-he910.log": 301,
	"ublox-8.log": 76,
	"ublox-neo-m9n-nmea.log": 67,
} as const;

describe("parseNmeaLog against gpsd's reports", () => {
	for (const [log, total] of Object.entries(totals)) {
		it.skipIf(!hasData("gnss", log))(`gives all ${total} reports of ${log} (needs shared data gnss)`, () => {
			const theirs = expectedReports(log);
			const { epochs } = parseNmeaLog(readFileSync(dataPath("gnss", log)));
			const mine = epochs.map(({ mode, timeMs, latDeg, lonDeg }) => ({ mode, timeMs, latDeg, lonDeg }));
			expect(theirs).toHaveLength(total);
			expect(mine).toHaveLength(total);
			expect(theirs.filter((report, index) => !isSame(mine[index], report))).toEqual([]);
		});
	}

	it.skipIf(!hasData("gnss", "iTrek.log"))("believes a receiver's own date without a floor (needs shared data gnss)", () => {
		const { epochs } = parseNmeaLog(readFileSync(dataPath("gnss", "iTrek.log")), { dateFloorMs: Number.NEGATIVE_INFINITY });
		expect(new Date(epochs.at(-1)?.timeMs ?? 0).toISOString()).toMatch(/^2005-07-27T04:59:23/);
	});

	it.skipIf(!hasData("gnss", "haicom-305N.log"))("does not depend on how the bytes are cut (needs shared data gnss)", async () => {
		const { NmeaReader } = await import("../../agent/formats/nmea.ts");
		const bytes = readFileSync(dataPath("gnss", "haicom-305N.log"));
		const reader = new NmeaReader();
		const epochs = [];
		for (let at = 0; at < bytes.length; at += 7) epochs.push(...reader.push(bytes.subarray(at, at + 7)));
		epochs.push(...reader.end());
		expect({ epochs, counts: reader.counts }).toEqual(parseNmeaLog(bytes));
	});
});
