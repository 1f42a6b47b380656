import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeUper } from "../../../agent/formats/v2x/uper-decode.ts";
import { encodeUper } from "../../../agent/formats/v2x/uper-encode.ts";
import type { MessageFields, MessageValue } from "../../../shared/message.ts";
import { type ErlangAsn1, hasErlangAsn1, startErlangAsn1 } from "../../fakes/erlang-asn1.ts";
import { anyOfType } from "../../fakes/message-of-type.ts";
import { constructNames, constructsAsn1, constructType } from "./uper-types.ts";

const hexOf = (octets: Uint8Array | undefined): string => (octets === undefined ? "refused" : Buffer.from(octets).toString("hex"));

/** Values of a size at which lengths change their form. */
const sized: Readonly<Record<string, (size: number) => MessageValue>> = {
	BitsAny: (size) => "011".repeat(size).slice(0, size),
	OctetsAny: (size) => "a7".repeat(size),
	OctetsFrom: (size) => "0b".repeat(size),
	OctetsExtensible: (size) => "17".repeat(size),
	OctetsTo65535: (size) => "a1".repeat(Math.min(size, 65_535)),
	OctetsTo65536: (size) => "a1".repeat(Math.min(size, 65_536)),
	Ia5Any: (size) => "Kerb".repeat(size).slice(0, size),
	NumericAny: (size) => "12 ".repeat(size).slice(0, size),
	ListAny: (size) => Array.from({ length: size }, (_, index) => index - 300),
	ListTo65536: (size) => Array.from({ length: Math.min(size, 65_536) }, (_, index) => index % 8),
	OpenHuge: (size) => ({ a: true, b: "55".repeat(size) }),
};

describe.skipIf(!hasErlangAsn1())("every construct and Erlang's codec of its ASN.1 (needs erlang-asn1)", () => {
	let erlang: ErlangAsn1;
	beforeAll(async () => {
		erlang = await startErlangAsn1([constructsAsn1]);
	}, 120_000);
	afterAll(async () => {
		await erlang.stop();
	});

	const agree = async (name: string, value: MessageFields): Promise<void> => {
		const type = constructType(name);
		const ours = encodeUper(type, value);
		expect(hexOf(await erlang.encode("Constructs", name, type, value))).toBe(hexOf(ours));
		expect(await erlang.decode("Constructs", name, type, ours)).toEqual(value);
		expect(decodeUper(type, ours).value).toEqual(value);
	};

	it.each(constructNames.filter((name) => !name.endsWith("Huge")))("%s: same octets, and each reads the other's", async (name) => {
		const values = anyOfType(constructType(name), { extensions: true, maxMore: 140 });
		await fc.assert(
			fc.asyncProperty(values, (value) => agree(name, value)),
			{ numRuns: 25 },
		);
	});

	it.each(Object.keys(sized))("%s: same octets where a length has one octet, two, or fragments", async (name) => {
		for (const size of [0, 3, 127, 128, 16_383, 16_384, 65_536, 98_305]) {
			if (size < 3 && name === "OctetsFrom") continue;
			await agree(name, { before: true, value: sized[name]?.(size) ?? null, after: false });
		}
	});

	it("OctetsHuge: a fixed size of 64 Ki has a length all the same", async () => {
		await agree("OctetsHuge", { before: true, value: "0f".repeat(65_536), after: false });
	});
});
