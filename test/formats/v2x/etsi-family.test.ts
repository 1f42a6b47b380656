import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { etsiPathOf, etsiPaths, etsiTypeOf } from "../../../agent/formats/v2x/etsi-family.ts";
import { compileNotation } from "../../../agent/formats/v2x/notation.ts";
import { decodeUperMessage } from "../../../agent/formats/v2x/shapes.ts";
import { etsiCam } from "../../../agent/formats/v2x/standards/etsi-cam.ts";
import { etsiCdd } from "../../../agent/formats/v2x/standards/etsi-cdd.ts";
import { decodeUper } from "../../../agent/formats/v2x/uper-decode.ts";
import { encodeUper } from "../../../agent/formats/v2x/uper-encode.ts";
import { isKerbError } from "../../../shared/errors.ts";
import { type MessageFields, unknownField } from "../../../shared/message.ts";
import { anyEtsi, etsiMessages, etsiType, valueAt } from "./etsi-messages.ts";

const refusal = (bytes: readonly number[]): unknown => {
	try {
		return etsiPathOf(Uint8Array.from(bytes));
	} catch (error) {
		return isKerbError(error) ? error.code : error;
	}
};

describe("etsiPathOf", () => {
	it.each(etsiMessages)("knows $name by version $version and id $id", ({ name, version, id }) => {
		expect(etsiPathOf(Uint8Array.of(version, id, 0, 0, 0, 0))).toBe(`V2X.ETSI.${name}`);
	});

	it("refuses versions and messages that no schema is for, and what is too short for a header", () => {
		const known = new Set(etsiMessages.map(({ version, id }) => `${version} ${id}`));
		const accepted: string[] = [];
		for (const version of [0, 1, 2, 3, 255])
			for (let id = 0; id < 256; id += 1) if (refusal([version, id, 0, 0]) !== "FORMAT_INVALID") accepted.push(`${version} ${id}`);
		expect(new Set(accepted)).toEqual(known);
		expect(refusal([])).toBe("FORMAT_INVALID");
		expect(refusal([2])).toBe("FORMAT_INVALID");
	});
});

describe("etsiTypeOf", () => {
	it("has a type for every path of the family, the same each time, and none for others", () => {
		for (const path of etsiPaths) {
			expect(etsiTypeOf(path)).toBeDefined();
			expect(etsiTypeOf(path)).toBe(etsiTypeOf(path));
		}
		for (const path of ["V2X.ETSI.", "V2X.ETSI.IVIM", "V2X.J2735.MAP", "CAM", "", "V2X.ETSI.toString"])
			expect(etsiTypeOf(path)).toBeUndefined();
	});

	it("a CAM of a later release keeps what was added as unknown content and is written again as it came", () => {
		const before = "specialVehicleContainer?: SpecialVehicleContainer, ...\n";
		expect(etsiCam).toContain(before);
		const later = etsiCam.replace(before, before.replace("...\n", "..., later?: octets 3, [[ last: int 0..3, least?: bool ]]\n"));
		const laterCam = compileNotation(later, compileNotation(etsiCdd)).get("CAM");
		if (laterCam === undefined) throw new Error("no CAM");
		const [cam] = etsiMessages;
		fc.assert(
			fc.property(anyEtsi(cam, { maxMore: 1 }), fc.boolean(), (message, hasGroup) => {
				const body = message.cam as MessageFields;
				const added = { ...(body.camParameters as MessageFields), later: "010203", ...(hasGroup ? { last: 2, least: true } : {}) };
				const bytes = encodeUper(laterCam, { ...message, cam: { ...body, camParameters: added } });
				const { value } = decodeUper(etsiType("CAM"), bytes);
				expect(valueAt(value as MessageFields, "cam", "camParameters", unknownField)).toBeDefined();
				expect(encodeUper(etsiType("CAM"), value)).toEqual(bytes);
			}),
			{ numRuns: 50 },
		);
	});

	it.each(etsiMessages)(
		"bytes of $name with errors in them are refused with FORMAT_INVALID or written again as they came, never anything else",
		(message) => {
			const type = etsiType(message.name);
			const flips = fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { minLength: 1, maxLength: 4 });
			fc.assert(
				fc.property(anyEtsi(message, { maxMore: 1, extensions: true, unknowns: true }), flips, fc.nat(600), (content, changes, cut) => {
					const bytes = encodeUper(type, content);
					expect(decodeUper(type, bytes).value).toEqual(content);
					for (const [at, bits] of changes) bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ bits;
					const torn = bytes.subarray(0, cut < bytes.length ? cut : bytes.length);
					try {
						const read = decodeUperMessage("etsi", torn);
						expect(Buffer.compare(read.shape.encode(read.content), torn)).toBe(0);
					} catch (error) {
						expect(isKerbError(error, "FORMAT_INVALID")).toBe(true);
					}
				}),
				{ numRuns: 150 },
			);
		},
	);
});
