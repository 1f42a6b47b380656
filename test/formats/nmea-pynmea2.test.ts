/** Debian's pynmea2 as a second reader of the same sentences. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { decodeSentence } from "../../agent/formats/nmea-decode.ts";
import type { NmeaMessage } from "../../agent/formats/nmea-message.ts";
import { parseSentence } from "../../agent/formats/nmea-sentence.ts";
import { dataPath, hasData } from "../data.ts";
import { hasPython, python } from "../peers.ts";

/** One line per sentence: null when it is refused, else its type, latitude, longitude, knots, course, altitude, HDOP; null where empty. */
const script = `
import json, sys
import pynmea2
def number(value):
    try: return float(value)
    except (TypeError, ValueError): return None
for line in sys.stdin.buffer:
    try:
        m = pynmea2.parse(line.decode('latin1').strip(), check=True)
    except Exception:
        print('null'); continue
    try: where = [m.latitude, m.longitude] if m.lat and m.lon else [None, None]
    except Exception: where = [None, None]
    get = lambda name: number(getattr(m, name, None))
    print(json.dumps([getattr(m, 'sentence_type', ''), *where, get('spd_over_grnd'), get('true_course'), get('altitude'), get('horizontal_dil')]))
`;

const sentences = (): string[] =>
	readdirSync(dataPath("gnss"))
		.filter((name) => name.endsWith(".log"))
		.flatMap((name) => readFileSync(dataPath("gnss", name), "latin1").split("\n"))
		.map((line) => line.trim())
		.filter((line) => line.startsWith("$"));

type Theirs = readonly [string, ...(number | null)[]] | null;

const differs = (mine: number | undefined, theirs: number | null | undefined, tolerance: number): boolean =>
	mine !== undefined && (theirs === null || theirs === undefined || Math.abs(mine - theirs) > tolerance);

const mps = (knots: number | null | undefined): number | null => (knots === null || knots === undefined ? null : (knots * 1852) / 3600);

const fieldsDiffer = (message: NmeaMessage, theirs: readonly (string | number | null)[]): boolean => {
	const [, lat, lon, knots, course, altitude, hdop] = theirs as readonly (number | null)[];
	const position = "position" in message ? message.position : undefined;
	if (differs(position?.latDeg, lat, 1e-9) || differs(position?.lonDeg, lon, 1e-9)) return true;
	if (message.type === "RMC") return differs(message.speedMps, mps(knots), 1e-9) || differs(message.courseDeg, course, 1e-9);
	return message.type === "GGA" && (differs(message.altMslM, altitude, 1e-9) || differs(message.hdop, hdop, 1e-9));
};

describe("parseSentence and decodeSentence beside pynmea2", () => {
	it.skipIf(!hasData("gnss") || !hasPython("pynmea2"))(
		"read every sentence that pynmea2 reads, with the same values (needs shared data gnss, python3-nmea2)",
		() => {
			const lines = sentences();
			const run = spawnSync(python, ["-c", script], { input: Buffer.from(lines.join("\n"), "latin1"), maxBuffer: 64 << 20 });
			const theirs = run.stdout
				.toString()
				.trim()
				.split("\n")
				.map((line) => JSON.parse(line) as Theirs);
			expect(theirs).toHaveLength(lines.length);
			const mine = lines.map((line) => parseSentence(line));
			const count = (list: readonly unknown[]): number => list.filter((item) => item !== null && typeof item !== "string").length;
			expect(count(mine)).toBeGreaterThanOrEqual(count(theirs));
			const unread: string[] = [];
			const different: string[] = [];
			let compared = 0;
			for (const [index, other] of theirs.entries()) {
				const sentence = mine[index];
				if (other === null || sentence === undefined) continue;
				if (typeof sentence === "string") unread.push(lines[index] ?? "");
				else {
					const message = decodeSentence(sentence);
					if (message === undefined || !["RMC", "GGA", "GLL", "GNS"].includes(message.type)) continue;
					compared++;
					if (fieldsDiffer(message, other)) different.push(lines[index] ?? "");
				}
			}
			expect(unread).toEqual([]);
			expect(different).toEqual([]);
			expect(compared).toBeGreaterThan(1_500);
		},
	);
});
