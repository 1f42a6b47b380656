import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { decodeJ2735, encodeJ2735, j2735Paths, j2735TypeOf, j2735Types } from "../../../agent/formats/v2x/j2735-family.ts";
import { decodeUperMessage } from "../../../agent/formats/v2x/shapes.ts";
import type { MessageFields, MessageValue } from "../../../shared/message.ts";
import { dataPath, hasData } from "../../data.ts";
import { jerOf } from "./j2735-jer.ts";

interface Vector {
	readonly hex: string;
	readonly jer: { readonly messageId: number; readonly value: { readonly [name: string]: MessageFields } };
	readonly reencodes: boolean;
}

const read = (name: string): string => readFileSync(dataPath("v2x", name), "utf8").replace(/^\uFEFF/, "");
const octets = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex").toUpperCase();
const typeOf = (path: string) => {
	const type = j2735TypeOf(path);
	if (type === undefined) throw new Error(`no type of ${path}`);
	return type;
};
const jerOfHex = (hex: string): MessageValue => {
	const { path, content } = decodeJ2735(octets(hex));
	return jerOf(typeOf(path), content);
};

const hasOde = hasData("v2x/j2735-ode");
const vectors: readonly Vector[] = hasOde ? JSON.parse(read("j2735-ode/ode_uper_vectors.jer.json")) : [];

it.skipIf(!hasOde)("decodeJ2735 reads from every vector exactly what an independent codec read (needs shared data v2x/j2735-ode)", () => {
	expect(vectors).toHaveLength(30);
	for (const { hex, jer } of vectors) expect(jerOfHex(hex)).toEqual(Object.values(jer.value)[0]);
});

it.skipIf(!hasOde)("encodeJ2735 writes every vector's frame again, octet for octet (needs shared data v2x/j2735-ode)", () => {
	let whole = 0;
	for (const { hex, reencodes } of vectors) {
		const { path, content, bitsRead } = decodeJ2735(octets(hex));
		const frame = Math.ceil(bitsRead / 8);
		expect(hexOf(encodeJ2735(path, content))).toBe(hex.toUpperCase().slice(0, frame * 2));
		// The vectors that did not re-encode have something behind the frame: a signature, or padding.
		expect(frame * 2 === hex.length).toBe(reencodes);
		whole += reencodes ? 1 : 0;
	}
	expect(whole).toBe(11);
});

/** Dotted names of all leaves in which two trees differ. */
const differences = (one: unknown, other: unknown, at = ""): readonly string[] => {
	if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return Object.is(one, other) ? [] : [at];
	const names = new Set([...Object.keys(one), ...Object.keys(other)]);
	return [...names].flatMap((name) => {
		const inner = at === "" ? name : `${at}.${name}`;
		return differences((one as MessageFields)[name], (other as MessageFields)[name], inner);
	});
};

const isBsm = (sample: { metadata?: { asn1?: string }; payload?: { data?: { messageId?: number } } }): boolean =>
	sample.metadata?.asn1 !== undefined && sample.payload?.data?.messageId === 20;

it.skipIf(!hasData("v2x/jpo-cvdp"))(
	"decodeJ2735 reads the bytes beside jpo-cvdp's messages as their payload, but for the fields that its authors edited (needs shared data v2x/jpo-cvdp)",
	() => {
		// The samples put other positions and speeds into the payload of a few recorded messages and left the recorded bytes.
		const edited = new Set(["coreData.lat", "coreData.long", "coreData.id", "coreData.speed"]);
		const files = ["CO-Motorways_test", "test-case.all.good", "test-case.bad.id", "test-case.bad.speed", "test-case.inside.geofence"];
		files.push("test-case.outside.geofence", "test-case.redaction.general");
		const samples = files.flatMap((file) =>
			read(`jpo-cvdp/${file}.json`)
				.split("\n")
				.filter((line) => line.trim() !== "")
				.map((line) => JSON.parse(line))
				.filter(isBsm),
		);
		expect(samples.length).toBe(21);
		let same = 0;
		for (const { metadata, payload } of samples) {
			const found = differences(jerOfHex(metadata.asn1), payload.data.value.BasicSafetyMessage);
			expect(found.filter((name) => !edited.has(name))).toEqual([]);
			same += found.length === 0 ? 1 : 0;
		}
		expect(same).toBeGreaterThanOrEqual(3);
	},
);

it.skipIf(!hasOde)(
	"decodeJ2735 reads the sensor data of the ODE's own sample as the JSON beside it (needs shared data v2x/j2735-ode)",
	() => {
		const { metadata, payload } = JSON.parse(read("j2735-ode/expected-sdsm.json"));
		expect(jerOfHex(metadata.asn1)).toEqual(payload.data.value.SensorDataSharingMessage);
	},
);

it.skipIf(!hasOde)(
	"decodeJ2735 reads the traveller information of the ODE's own sample as the JSON beside it (needs shared data v2x/j2735-ode)",
	() => {
		const { metadata, payload } = JSON.parse(read("j2735-ode/expected-tim.json"));
		// The sample is signed (IEEE 1609.2): ten octets before the frame, the signature behind it.
		const hex: string = metadata.asn1.slice(metadata.asn1.indexOf("001F80D0"));
		// The JSON has bits by their names, and 0 for the fields that the standard has withdrawn.
		const slices = new Set(["viewAngle", "direction"]);
		const found = JSON.parse(JSON.stringify(jerOfHex(hex)), (name, value) =>
			slices.has(name) ? Number.parseInt(value, 16) : name.startsWith("doNotUse") ? 0 : value,
		);
		const beside = JSON.parse(JSON.stringify(payload.data), (name, value) =>
			slices.has(name) ? Object.values<boolean>(value).reduce((sum, isSet) => sum * 2 + (isSet ? 1 : 0), 0) : value,
		);
		expect(found).toEqual(beside);
	},
);

it.skipIf(!hasOde)(
	"decodeJ2735 reads the BSM of the ODE's own sample as the scaled JSON beside it (needs shared data v2x/j2735-ode)",
	() => {
		const { metadata, payload } = JSON.parse(read("j2735-ode/expected-bsm.json"));
		const { content } = decodeJ2735(octets(metadata.asn1));
		const core = content.coreData as Record<string, number>;
		const { position, speed, heading, size, secMark } = payload.data.coreData;
		const round = (value: number): number => Number(value.toFixed(7));
		expect([core.lat, core.long].map((value) => round((value ?? 0) * 1e-7))).toEqual([position.latitude, position.longitude]);
		expect([core.elev, core.speed, core.heading].map((value, at) => round((value ?? 0) * ([0.1, 0.02, 0.0125][at] ?? 0)))).toEqual([
			position.elevation,
			speed,
			heading,
		]);
		expect({ size: core.size, secMark: core.secMark }).toEqual({ size, secMark });
		const [safety] = content.partII as readonly { readonly "partII-Value": { readonly VehicleSafetyExtensions: MessageFields } }[];
		const history = safety?.["partII-Value"].VehicleSafetyExtensions.pathHistory as {
			readonly crumbData: readonly Record<string, number>[];
		};
		expect(
			history.crumbData.map(({ latOffset = 0, lonOffset = 0, elevationOffset = 0, timeOffset = 0 }) => ({
				elevationOffset: round(elevationOffset * 0.1),
				latOffset: round(latOffset * 1e-7),
				lonOffset: round(lonOffset * 1e-7),
				timeOffset: round(timeOffset * 0.01),
			})),
		).toEqual(payload.data.partII[0].value.pathHistory.crumbData);
	},
);

it("j2735Paths have a type each, and no other path has one", () => {
	expect(j2735Paths).toHaveLength(8);
	for (const path of j2735Paths) expect(typeOf(path).kind).toBe("seq");
	expect(j2735TypeOf("V2X.J2735.RTCM")).toBeUndefined();
	expect(j2735TypeOf("V2X.ETSI.CAM")).toBeUndefined();
	expect(j2735Types()).toBe(j2735Types());
});

it.skipIf(!hasOde)(
	"decodeUperMessage takes the vectors that are one frame and refuses those with more behind it (needs shared data v2x/j2735-ode)",
	() => {
		for (const { hex, reencodes, jer } of vectors) {
			const bytes = octets(hex);
			if (reencodes) {
				const { shape, content } = decodeUperMessage("j2735", bytes);
				expect(jerOf(shape.type, content)).toEqual(Object.values(jer.value)[0]);
				expect(hexOf(shape.encode(content))).toBe(hex.toUpperCase());
			} else expect(() => decodeUperMessage("j2735", bytes)).toThrow(/more follows it/);
		}
	},
);

it("decodeJ2735 refuses what is no frame, or of a message that it does not know", () => {
	expect(() => decodeJ2735(new Uint8Array())).toThrow(expect.objectContaining({ code: "FORMAT_INVALID" }));
	// RTCM corrections, one octet of content
	expect(() => decodeJ2735(octets("001C0100"))).toThrow(/no schema for a J2735 message with the id 28; known are 18 MapData/);
	// A number beyond the range of message ids does not exist: fifteen bits are all there are. The frame's extension bit is set here.
	expect(() => decodeJ2735(octets("801C0100"))).toThrow(expect.objectContaining({ code: "FORMAT_INVALID" }));
});

it.skipIf(!hasOde)("decodeJ2735 refuses every vector cut short (needs shared data v2x/j2735-ode)", () => {
	for (const { hex } of vectors) {
		const bytes = octets(hex);
		const whole = Math.ceil(decodeJ2735(bytes).bitsRead / 8);
		for (const length of [0, 1, 3, 7, Math.floor(whole / 2), whole - 1]) {
			expect(() => decodeJ2735(bytes.subarray(0, length))).toThrow(expect.objectContaining({ code: "FORMAT_INVALID" }));
		}
	}
});

it("encodeJ2735 refuses a path or a content that it does not know, and says nothing of the content", () => {
	expect(() => encodeJ2735("V2X.J2735.RTCM", {})).toThrow(/no J2735 schema of V2X.J2735.RTCM/);
	expect(() => encodeJ2735("V2X.J2735.SPAT", {})).toThrow(expect.objectContaining({ code: "FORMAT_INVALID" }));
	const secret = 404_740_169;
	try {
		encodeJ2735("V2X.J2735.BSM", { coreData: { lat: secret, long: secret * 10 } });
		expect.unreachable();
	} catch (error) {
		expect(String(error)).not.toContain(String(secret));
	}
});
