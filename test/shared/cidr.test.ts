import { BlockList, isIPv4, isIPv6 } from "node:net";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contains, isLoopback, parseAddress, parseCidr } from "../../shared/cidr.ts";
import { KerbError } from "../../shared/errors.ts";

const inside = (range: string, address: string): boolean => {
	const parsed = parseAddress(address);
	if (parsed === undefined) throw new Error("the test names something that is no address");
	return contains(parseCidr(range), parsed);
};

const digits = fc.stringMatching(/^[0-9a-f:.]{0,24}$/);
const nearlyAddress = fc.oneof(digits, fc.ipV4(), fc.ipV6(), fc.ipV4Extended(), fc.string({ maxLength: 60 }));

describe("parseAddress", () => {
	it("takes exactly what Node's own parser takes, without zones (property)", () =>
		fc.assert(
			fc.property(nearlyAddress, (text) => {
				const expected = (isIPv4(text) || isIPv6(text)) && !text.includes("%");
				expect(parseAddress(text) !== undefined).toBe(expected);
			}),
		));

	it.each([
		"",
		"1.2.3",
		"1.2.3.4.5",
		"01.2.3.4",
		"256.1.1.1",
		"0x7f.0.0.1",
		"127.1",
		"2130706433",
		"1.2.3.4 ",
		"fe80::1%eth0",
		":::",
		"1::2::3",
	])("refuses %j, which another reader might take for an address", (text) => expect(parseAddress(text)).toBeUndefined());

	it("reads an IPv4-mapped address as the IPv4 address it carries", () => {
		expect(parseAddress("::ffff:127.0.0.1")).toEqual(parseAddress("127.0.0.1"));
		expect(parseAddress("::FFFF:7f00:1")).toEqual(parseAddress("127.0.0.1"));
		expect(parseAddress("::7f00:1")?.family).toBe(6);
	});
});

describe("parseCidr", () => {
	it.each([
		"10.0.0.0",
		"10.0.0.0/",
		"10.0.0.0/33",
		"10.0.0.0/08",
		"10.0.0.0/-1",
		"10.0.0.0/8/8",
		"10.0.0.1/8",
		"::1/64",
		"::/129",
		"/8",
		"a/8",
		"::/1e1",
	])("refuses %j with FORMAT_INVALID", (text) => {
		const thrown = (() => {
			try {
				return parseCidr(text);
			} catch (error) {
				return error;
			}
		})();
		expect(thrown).toBeInstanceOf(KerbError);
		expect(thrown).toMatchObject({ code: "FORMAT_INVALID" });
	});
});

describe("contains", () => {
	it("agrees with Node's BlockList for IPv4 (property)", () =>
		fc.assert(
			fc.property(fc.ipV4(), fc.ipV4(), fc.integer({ min: 0, max: 32 }), fc.boolean(), (net, other, length, near) => {
				const mask = length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0;
				const number = (text: string): number => text.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
				const text = (value: number): string => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join(".");
				const base = text((number(net) & mask) >>> 0);
				// Half of the addresses differ from the range in its last counted bit at the most, where mistakes would be.
				const address = near ? text((number(base) ^ (length === 0 ? 0 : 1 << (32 - length))) >>> 0) : other;
				const oracle = new BlockList();
				oracle.addSubnet(base, length, "ipv4");
				expect(inside(`${base}/${length}`, address)).toBe(oracle.check(address, "ipv4"));
			}),
		));

	it("agrees with Node's BlockList for IPv6 at every length (property)", () =>
		fc.assert(
			fc.property(
				fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }),
				fc.integer({ min: 0, max: 128 }),
				fc.integer({ min: 0, max: 127 }),
				(net, length, bit) => {
					const text = (value: bigint): string =>
						Array.from({ length: 8 }, (_, index) => ((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16)).join(":");
					const base = (net >> BigInt(128 - length)) << BigInt(128 - length);
					const address = text(base ^ (1n << BigInt(bit)));
					const oracle = new BlockList();
					oracle.addSubnet(text(base), length, "ipv6");
					fc.pre(!address.startsWith("0:0:0:0:0:ffff") && !text(base).startsWith("0:0:0:0:0:ffff"));
					expect(inside(`${text(base)}/${length}`, address)).toBe(oracle.check(address, "ipv6"));
				},
			),
		));

	it("keeps the families apart, mapped addresses among the IPv4 ones", () => {
		expect(inside("0.0.0.0/0", "::1")).toBe(false);
		expect(inside("::/0", "127.0.0.1")).toBe(false);
		expect(inside("::/0", "::ffff:8.8.8.8")).toBe(false);
		expect(inside("10.0.0.0/8", "::ffff:10.1.2.3")).toBe(true);
		expect(inside("::ffff:10.0.0.0/104", "10.1.2.3")).toBe(true);
		expect(inside("::ffff:10.0.0.0/104", "11.1.2.3")).toBe(false);
	});
});

describe("isLoopback", () => {
	it.each([
		["127.0.0.1", true],
		["127.255.255.254", true],
		["::1", true],
		["::ffff:127.0.0.2", true],
		["128.0.0.1", false],
		["126.255.255.255", false],
		["::", false],
		["::2", false],
		["::ffff:10.0.0.1", false],
	])("says of %s: %s", (text, expected) => {
		const address = parseAddress(text);
		expect(address !== undefined && isLoopback(address)).toBe(expected);
	});
});
