import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { endpointOf, type GuardedOutlet, judgeAddress } from "../../agent/upload/guard.ts";
import { contains, isLoopback, parseAddress, parseCidr } from "../../shared/cidr.ts";

const outlet = (url: string, ...addressRanges: string[]): GuardedOutlet => ({ id: "cn-cloud", url, addressRanges });

describe("endpointOf", () => {
	it.each([
		["mqtts://broker.example:8884", { host: "broker.example", port: 8884, tls: true }],
		["mqtts://broker.example", { host: "broker.example", port: 8883, tls: true }],
		["mqtt://127.0.0.1", { host: "127.0.0.1", port: 1883, tls: false }],
		["mqtts://[2001:db8::1]:1", { host: "2001:db8::1", port: 1, tls: true }],
	])("reads %s", (url, expected) => expect(endpointOf(outlet(url))).toEqual(expected));

	it.each(["http://a", "ws://a", "mqtts://", "mqtts://a:99999", "nonsense", "MQTT"])("refuses %s", (url) => {
		expect(() => endpointOf(outlet(url))).toThrow(expect.objectContaining({ code: "OUTLET_REFUSED" }));
	});
});

describe("judgeAddress", () => {
	it.each([
		["mqtts://a", ["10.0.0.0/8"], "10.1.2.3", "ok"],
		["mqtts://a", ["10.0.0.0/8"], "::ffff:10.1.2.3", "ok"],
		["mqtts://a", ["10.0.0.0/8"], "11.1.2.3", "address-outside-ranges"],
		["mqtts://a", ["2001:db8::/32", "10.0.0.0/8"], "2001:db8::5", "ok"],
		["mqtts://a", ["2001:db8::/32"], "2001:db9::5", "address-outside-ranges"],
		["mqtts://a", ["::/0"], "8.8.8.8", "address-outside-ranges"],
		["mqtt://a", ["0.0.0.0/0"], "10.0.0.1", "plain-not-loopback"],
		["mqtt://a", ["0.0.0.0/0"], "127.0.0.1", "ok"],
		["mqtt://a", ["::/0"], "::1", "ok"],
		["mqtt://a", ["10.0.0.0/8"], "127.0.0.1", "address-outside-ranges"],
		["mqtts://a", ["10.0.0.0/8"], "broker.example", "not-an-address"],
		["mqtts://a", ["10.0.0.0/8"], "10.0.0.1%eth0", "not-an-address"],
		["mqtts://a", ["999.0.0.0/8", "10.0.0.1/8"], "10.0.0.1", "address-outside-ranges"],
	] as const)("says of %s with %j at %s: %s", (url, ranges, address, expected) => {
		expect(judgeAddress(outlet(url, ...ranges), address)).toBe(expected);
	});

	const range = fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })).map(([address, length]) => {
		const bits = parseAddress(address)?.bits ?? 0n;
		const base = (bits >> BigInt(32 - length)) << BigInt(32 - length);
		return `${[24n, 16n, 8n, 0n].map((shift) => (base >> shift) & 255n).join(".")}/${length}`;
	});

	it("never says ok to an address outside every range, nor to plain traffic off this machine (property)", () =>
		fc.assert(
			fc.property(fc.array(range, { minLength: 1, maxLength: 4 }), fc.oneof(fc.ipV4(), fc.ipV6()), fc.boolean(), (ranges, address, tls) => {
				const parsed = parseAddress(address);
				const inside = parsed !== undefined && ranges.some((each) => contains(parseCidr(each), parsed));
				const allowed = inside && (tls || isLoopback(parsed));
				expect(judgeAddress(outlet(tls ? "mqtts://a" : "mqtt://a", ...ranges), address) === "ok").toBe(allowed);
			}),
		));
});
