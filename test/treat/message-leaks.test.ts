/**
 * Three ways in which the privacy module of the USDOT (jpo-cvdp) lets positions out, each tried on BSMs as the field sends them.
 */
import { describe, expect, it } from "vitest";
import { encodeMessage } from "../../agent/formats/v2x/encode-message.ts";
import { stripUnspeakable } from "../../agent/formats/v2x/message-erase.ts";
import { erasePositions } from "../../agent/formats/v2x/message-position-erase.ts";
import { positionsOf } from "../../agent/formats/v2x/message-positions.ts";
import type { MessageType } from "../../agent/formats/v2x/message-type.ts";
import { compileNotation } from "../../agent/formats/v2x/notation.ts";
import roundPosition from "../../agent/treat/round-position.ts";
import type { MessageFields } from "../../shared/message.ts";
import { testFacilities } from "../contract/treatment-contract.ts";
import { taggedMessage, uperShape } from "../fakes/any-message.ts";
import { bsmContent } from "../fakes/bsm-content.ts";

const shape = uperShape("V2X.J2735.BSM");
const unavailable = { lat: 900_000_001, long: 1_800_000_001 };
const isNorthOf = (latDeg: number) => (position: { readonly isKnown: boolean; readonly latDeg: number }) =>
	!position.isKnown || position.latDeg > latDeg;

describe("a position that is unavailable", () => {
	it("is judged by itself, after a vehicle that may be told of and after one that may not", () => {
		const judged: string[] = [];
		for (const over of [{ lat: 391_874_242 }, unavailable, { lat: 411_874_242 }, unavailable]) {
			const content = bsmContent(over, []);
			const [own] = positionsOf(shape, content);
			judged.push(own?.isKnown === true ? String(own.latDeg > 40) : "unknown");
		}
		expect(judged).toStrictEqual(["false", "unknown", "true", "unknown"]);
	});

	it("gives no reference to the path behind it", () => {
		expect(positionsOf(shape, bsmContent(unavailable)).some(({ isKnown }) => isKnown)).toBe(false);
		const lowered = erasePositions(shape, bsmContent(unavailable), isNorthOf(0));
		expect(JSON.stringify(lowered)).not.toMatch(/latOffset/);
	});
});

describe("a path history", () => {
	it("is found, point by point, and goes with the position", () => {
		const positions = positionsOf(shape, bsmContent());
		expect(positions.map(({ group }) => group)).toStrictEqual(["own-position", "path-history", "path-history", "path-history"]);
		const erased = erasePositions(shape, bsmContent(), ({ isOwn }) => isOwn);
		expect(JSON.stringify(erased)).not.toMatch(/Offset|radiusOfCurve|397801842|"speed":870|"heading":17950/);
	});

	it("goes when it alone has been where nobody may be told of", () => {
		const [, , , oldest] = positionsOf(shape, bsmContent());
		const erased = erasePositions(shape, bsmContent(), isNorthOf((oldest?.latDeg ?? 0) - 0.0001));
		expect(JSON.stringify(erased)).not.toMatch(/latOffset/);
		expect(erased).toMatchObject({ coreData: { lat: 397_801_842, speed: 8191 } });
	});

	it("is not what a rounded position can be rebuilt from", () => {
		const after = roundPosition.compile(
			{ type: "round-position", cellM: 1000 },
			testFacilities(),
		)(taggedMessage("V2X.J2735.BSM", bsmContent()));
		expect(JSON.stringify(after)).not.toMatch(/Offset|radiusOfCurve|397801842|1049407226|"speed":870|"heading":17950|15883|204/);
	});
});

describe("whoever received a message", () => {
	const types = compileNotation(`
		Text = utf8 0..200
		Ode = seq {
			metadata: seq {
				receivedMessageDetails?: seq { locationData?: seq { latitude?: utf8 0..40 @lat, longitude?: utf8 0..40 @lon, speed?: Text @speed } @receiver-position },
				serialId?: seq { streamId: Text @stream, serialNumber: int 0.. }, originIp?: Text @stream, logFileName?: Text @stream, asn1?: Text @copy,
				recordType?: Text
			},
			payload: seq { lat: int -900000000..900000001 @lat*1e-7 !900000001, lon: int -1800000000..1800000001 @lon*1e-7 !1800000001, name?: Text @text }
		}`);
	const type = types.get("Ode") as MessageType;
	const content: MessageFields = {
		metadata: {
			receivedMessageDetails: { locationData: { latitude: "40.5", longitude: "-105.5", speed: "3" } },
			...{
				serialId: { streamId: "2f104985-82e9", serialNumber: 7 },
				originIp: "172.18.0.1",
				logFileName: "rx.gz",
				asn1: "00144505",
				recordType: "bsmTx",
			},
		},
		payload: { lat: 391_874_242, lon: -1_048_498_164, name: "of somebody" },
	};

	it("is found as a position of its own, and is no reference for anybody else", () => {
		expect(positionsOf({ path: "V2X.J2735.BSM", type }, content).map(({ group, latDeg }) => [group, latDeg])).toStrictEqual([
			...[
				["receiver-position", 40.5],
				[undefined, 391_874_242 * 1e-7],
			],
		]);
	});

	it("leaves with no message, nor do stream ids, addresses, file names and the message once more", () => {
		expect(stripUnspeakable({ type }, content)).toStrictEqual({
			metadata: { receivedMessageDetails: {}, recordType: "bsmTx" },
			payload: { lat: 391_874_242, lon: -1_048_498_164 },
		});
	});

	it("is gone from the bytes of a message that no treatment has touched", () => {
		const corrections = { msgs: ["0102030405060708"] };
		const supplement = { "partII-Id": 2, "partII-Value": { SupplementalVehicleExtensions: { doNotUse5: corrections } } };
		const bytes = encodeMessage(taggedMessage("V2X.J2735.BSM", bsmContent({}, [supplement])));
		expect(Buffer.from(bytes).toString("hex")).not.toContain("01020304");
	});
});
