import { expect, it } from "vitest";
import { j2735Types } from "../../../agent/formats/v2x/j2735-family.ts";
import type { MessageType } from "../../../agent/formats/v2x/message-type.ts";
import { hasData } from "../../data.ts";
import { compareWithAsn1 } from "./asn1-compare.ts";
import { readAsn1 } from "./asn1-text.ts";
import { etsiAsn1 } from "./etsi-messages.ts";

const typeOf = (name: string): MessageType => {
	const type = j2735Types().get(name);
	if (type === undefined) throw new Error(`no type ${name}`);
	return type;
};

/** Where Europe's edition of 2016 differs from SAE's of 2024, and nothing else may. */
const known = [
	// SAE's longitudes leave out -180 degrees.
	/\/(long|lon): int -1799999999\.\.1800000001 <> int -1800000000\.\.1800000001$/,
	// Europe's regional extensions (region 3) are none of SAE's messages in the field; they are kept as unknown and never leave.
	/\/regExtValue: open by regionId {2}<> open by regionId 3: [\w-]+-addGrpC$/,
	// Added in 2023.
	/^\/intersections\/\*: seq ([^|]*) \| roadAuthorityID\? <> seq \1 \| $/,
	// Of ISO 24534, whose text is not at hand.
	/\/iso3883: int 0\.\.100 <> int 0\.\.255$/,
];

it.skipIf(!hasData("v2x/etsi/asn1")).each([
	["MapData", 15],
	["SPAT", 5],
	["SignalRequestMessage", 4],
	["SignalStatusMessage", 2],
	["FullPositionVector", 1],
	["RTCMheader", 0],
] as const)(
	"j2735Types has %s as the DSRC module of ISO TS 19091 has it, but for %i known differences (needs shared data v2x/etsi/asn1)",
	(name, count) => {
		const found = compareWithAsn1(typeOf(name), readAsn1(etsiAsn1()).type("DSRC", name));
		expect(found.filter((difference) => !known.some((pattern) => pattern.test(difference)))).toEqual([]);
		expect(found).toHaveLength(count);
	},
);
