import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { MessageType, SeqType } from "../../../agent/formats/v2x/message-type.ts";
import { decodeUperMessage, shapeOf } from "../../../agent/formats/v2x/shapes.ts";
import { decodeTcsae, encodeTcsae, tcsaePaths, tcsaeTypeOf, tcsaeTypes } from "../../../agent/formats/v2x/tcsae-family.ts";
import { decodeUper } from "../../../agent/formats/v2x/uper-decode.ts";
import { encodeUper } from "../../../agent/formats/v2x/uper-encode.ts";
import type { MessageValue } from "../../../shared/message.ts";
import { type ErlangAsn1, hasErlangAsn1, startErlangAsn1 } from "../../fakes/erlang-asn1.ts";
import { anyOfType } from "../../fakes/message-of-type.ts";
import { compareWithAsn1 } from "./asn1-compare.ts";
import { readAsn1 } from "./asn1-text.ts";
import { hasTcsae, tcsaeAsn1, tcsaeRecorded, tcsaeSamples } from "./tcsae-samples.ts";

const frameType = (): MessageType => {
	const type = tcsaeTypes().get("MessageFrame");
	if (type === undefined) throw new Error("no frame");
	return type;
};

const seqOf = (path: string): SeqType => {
	const type = tcsaeTypeOf(path);
	if (type?.kind !== "seq") throw new Error(`no ${path}`);
	return type;
};

const hexOf = (octets: Uint8Array | undefined): string => (octets === undefined ? "refused" : Buffer.from(octets).toString("hex"));

/** Numbers and names in order, with the names of alternatives; bits and octets left out. */
const leavesOf = (type: MessageType, value: MessageValue): readonly (string | number)[] => {
	if (typeof value === "number") return [value];
	if (typeof value === "string") return type.kind === "enum" ? [value] : [];
	if (Array.isArray(value) && type.kind === "list") return value.flatMap((each: MessageValue) => leavesOf(type.of, each));
	if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
	const fields = type.kind === "seq" ? type.fields : type.kind === "choice" ? type.alternatives : [];
	return Object.entries(value).flatMap(([name, inner]) => {
		const field = fields.find((each) => each.name === name);
		if (field === undefined) throw new Error(`no field ${name}`);
		return [...(type.kind === "choice" ? [name] : []), ...leavesOf(field.type, inner)];
	});
};

const isBitName = (leaf: string | number): boolean =>
	typeof leaf === "string" && /^(?:maneuver|fixedTimeOperation|trafficDependent|lane\d)/.test(leaf);

describe("schemas of T/CSAE 53", () => {
	it.skipIf(!hasTcsae())("have no difference from the standard's ASN.1 (needs shared data v2x/tcsae)", () => {
		expect(compareWithAsn1(frameType(), readAsn1(tcsaeAsn1()).type("MsgFrame", "MessageFrame"))).toEqual([]);
	});

	it("have a shape for each message, always the same", () => {
		expect(tcsaePaths).toEqual(["V2X.TCSAE.BSM", "V2X.TCSAE.MAP", "V2X.TCSAE.RSM", "V2X.TCSAE.SPAT", "V2X.TCSAE.RSI"]);
		for (const path of tcsaePaths) {
			expect(shapeOf("uper", path)).toMatchObject({ path, form: "uper", type: tcsaeTypeOf(path) });
			expect(shapeOf("uper", path)).toBe(shapeOf("uper", path));
		}
		expect(shapeOf("uper", "V2X.TCSAE.NONE")).toBeUndefined();
	});

	const rolesOf = (type: MessageType, place: string, around: readonly string[]): readonly (readonly [string, readonly string[]])[] => {
		const roles = type.role === undefined ? around : [...around, type.role];
		const parts =
			type.kind === "seq"
				? type.fields
				: type.kind === "choice"
					? type.alternatives
					: type.kind === "list"
						? [{ name: "*", type: type.of }]
						: [];
		return [[place, roles], ...parts.flatMap((part) => rolesOf(part.type, `${place}/${part.name}`, roles))];
	};

	it.each([
		["BSM", "BSM/pos/lat", ["own-position", "lat"]],
		["BSM", "pathHistory/crumbData/*/llvOffset/offsetLL/position-LL3/lon", ["path-history", "dlon"]],
		["BSM", "crumbData/*/llvOffset/offsetLL/position-LatLon/lat", ["path-history", "lat"]],
		["BSM", "pathHistory/initialPosition/pos/long", ["path-history", "lon"]],
		["BSM", "pathPrediction/radiusOfCurve", ["path-prediction"]],
		["BSM", "BSM/id", ["id"]],
		["BSM", "size/length", ["size"]],
		["BSM", "vehicleClass/classification", ["class"]],
		["BSM", "accelSet/yaw", ["yaw"]],
		["RSM", "participants/*/pos/offsetLL/position-LL1/lat", ["object", "dlat"]],
		["RSM", "participants/*/pos/offsetLL/position-LatLon/lon", ["object", "lon"]],
		["RSM", "participants/*/id", ["object", "object-id"]],
		["RSM", "participants/*/ptcId", ["object", "object-id"]],
		["RSM", "refPos/lat", ["own-position", "lat"]],
		["MAP", "lanes/*/points/*/posOffset/offsetV/offset1", ["map-geometry", "delevation"]],
		["MAP", "nodes/*/name", ["text"]],
		["MAP", "speedLimits/*/speed", []],
		["RSI", "rtes/*/eventPos/offsetLL/position-LL6/lat", ["event-position", "dlat"]],
		["RSI", "rtss/*/referencePaths/*/activePath/*/offsetLL/position-LL6/lat", ["map-geometry", "dlat"]],
		["RSI", "description/textGB2312", ["text"]],
		["SPAT", "SPAT/moy", ["time"]],
	])("%s: %s is %j", (name, place, roles) => {
		const found = rolesOf(seqOf(`V2X.TCSAE.${name}`), name, []).filter(([at]) => at.endsWith(place));
		expect(found.length).toBeGreaterThan(0);
		for (const [, all] of found) expect(all).toEqual(roles);
	});

	it.each(tcsaePaths)("%s: every coordinate stands in a group that says whose it is", (path) => {
		const groups = ["own-position", "path-history", "event-position", "map-geometry", "object"];
		const stray = rolesOf(seqOf(path), path, []).filter(
			([at, roles]) => /\/(?:lat|lon|long)$/.test(at) && !at.includes("accelSet") && !roles.some((role) => groups.includes(role)),
		);
		expect(stray).toEqual([]);
	});
});

describe.skipIf(!hasTcsae())("recorded messages of T/CSAE 53 (needs shared data v2x/tcsae)", () => {
	it("all are read, written again octet for octet, and are what they were recorded to be", () => {
		const samples = tcsaeSamples();
		expect(samples.map((octets) => octets.length)).toEqual([47, 102, 261, 86, 53, 40, 79, 529]);
		const recorded = tcsaeRecorded();
		expect(recorded.map(({ octets }) => octets)).toEqual([261, 86, 53, 40, 79, 529]);
		for (const octets of samples) {
			const { shape, content } = decodeUperMessage("tcsae", octets);
			expect(hexOf(shape.encode(content))).toBe(hexOf(octets));
			const { leaves } = recorded.find((each) => each.octets === octets.length) ?? {};
			if (leaves !== undefined) {
				const { value } = decodeUper(frameType(), octets);
				expect(leavesOf(frameType(), value)).toEqual(leaves.filter((leaf) => !isBitName(leaf)));
			}
		}
	});

	it("are refused when an octet is missing, added, or when padding is not zero", () => {
		for (const octets of tcsaeSamples()) {
			const last = octets.at(-1) ?? 0;
			for (const spoilt of [octets.subarray(0, -1), Uint8Array.from([...octets, 0]), Uint8Array.from([...octets, ...octets])]) {
				expect(() => decodeUperMessage("tcsae", spoilt)).toThrow(expect.objectContaining({ code: "FORMAT_INVALID" }));
			}
			const { bitsRead } = decodeTcsae(octets);
			if (bitsRead === octets.length * 8) continue;
			const padded = Uint8Array.from([...octets.subarray(0, -1), last | 1]);
			expect(() => decodeUperMessage("tcsae", padded)).toThrow(/other octets/);
		}
	});
});

describe.skipIf(!hasErlangAsn1() || !hasTcsae())(
	"T/CSAE 53 and Erlang's codec of its ASN.1 (needs erlang-asn1 and shared data v2x/tcsae)",
	() => {
		let erlang: ErlangAsn1;
		beforeAll(async () => {
			erlang = await startErlangAsn1(tcsaeAsn1());
		}, 120_000);
		afterAll(async () => {
			await erlang.stop();
		});

		it("every recorded message is read the same", async () => {
			for (const octets of tcsaeSamples()) {
				const { value } = decodeUper(frameType(), octets);
				expect(await erlang.decode("MsgFrame", "MessageFrame", frameType(), octets)).toEqual(value);
				expect(hexOf(await erlang.encode("MsgFrame", "MessageFrame", frameType(), value))).toBe(hexOf(octets));
			}
		});

		it.each(tcsaePaths)(
			"%s: any message gives the same octets, and each reads the other's",
			async (path) => {
				const values = fc.oneof(...[0, 2, 12].map((maxMore) => anyOfType(seqOf(path), { extensions: true, maxMore })));
				await fc.assert(
					fc.asyncProperty(values, async (content) => {
						const octets = encodeTcsae(path, content);
						const { value } = decodeUper(frameType(), octets);
						expect(decodeTcsae(octets)).toMatchObject({ path, content });
						expect(hexOf(await erlang.encode("MsgFrame", "MessageFrame", frameType(), value))).toBe(hexOf(octets));
						expect(await erlang.decode("MsgFrame", "MessageFrame", frameType(), octets)).toEqual(value);
					}),
					{ numRuns: 60 },
				);
			},
			120_000,
		);
	},
);

describe("decodeUperMessage", () => {
	it("refuses more than 64 KiB before it reads any of it", () => {
		for (const size of [65_537, 10_000_000]) expect(() => decodeUperMessage("tcsae", new Uint8Array(size))).toThrow(/at most 65536 octets/);
		expect(() => decodeUperMessage("tcsae", new Uint8Array(65_536))).toThrow(/other octets/);
	});
});

describe("messages that a newer sender of T/CSAE 53 extends", () => {
	it("are read with what is unknown kept apart, and written again as they were", () => {
		const newer = { pos: "02", octets: "c0ffee" };
		const bsm = {
			...{ msgCnt: 1, id: "0011223344556677", secMark: 2, pos: { lat: 1, long: 2 }, transmission: "park", speed: 3, heading: 4 },
			...{ accelSet: { long: 0, lat: 0, vert: 0, yaw: 0 }, brakes: {}, size: { width: 1, length: 2 } },
			vehicleClass: { classification: 10, "?": [newer.octets] },
			"?": [newer.pos, "", newer.octets],
		};
		const octets = encodeTcsae("V2X.TCSAE.BSM", bsm);
		expect(decodeUperMessage("tcsae", octets).content).toEqual(bsm);
		// The frame itself has a sixth alternative there.
		const frame = encodeUper(frameType(), { "?": [0, "c0ffee"] });
		expect(() => decodeUperMessage("tcsae", frame)).toThrow(/extension/);
	});
});
