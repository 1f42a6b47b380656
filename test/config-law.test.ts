import { describe, expect, it } from "vitest";
import { parseConfig } from "../agent/config.ts";

const parse = (law: Readonly<Record<string, unknown>>) =>
	parseConfig(new TextEncoder().encode(JSON.stringify({ unit: { id: "unit-1" }, dataDir: "data", law, sources: [] })), "/etc/kerbstone")
		.law;
const rootSha256 = "a".repeat(64);
const broker = { url: "mqtts://broker.example", addressRanges: ["192.0.2.0/24"], caFile: "ca.pem" };

describe("parseConfig: where law comes from", () => {
	it("takes a broker by its address or by an outlet, and files from the configuration's own folder", () => {
		expect(parse({ rootSha256, mqtt: broker }).mqtt).toMatchObject({ repository: "main", caFile: "/etc/kerbstone/ca.pem" });
		expect(parse({ rootSha256, mqtt: { outlet: "oem", repository: "north" } }).mqtt).toStrictEqual({ outlet: "oem", repository: "north" });
		expect(parse({ folder: "law", notice: broker }).notice?.caFile).toBe("/etc/kerbstone/ca.pem");
	});

	it.each([
		["nothing", {}, "one of"],
		["two places", { folder: "law", mqtt: broker, rootSha256 }, "one of"],
		["a network and no root", { mqtt: broker }, "rootSha256"],
		["two notices", { mqtt: broker, notice: broker, rootSha256 }, "law.notice"],
		["a broker anywhere", { mqtt: { url: broker.url, caFile: "ca.pem" }, rootSha256 }, "addressRanges"],
		["TLS and no authority", { mqtt: { ...broker, caFile: undefined }, rootSha256 }, "caFile"],
		["half a pair of keys", { mqtt: { ...broker, keyFile: "key.pem" }, rootSha256 }, "certFile"],
		["no range", { mqtt: { ...broker, addressRanges: ["everywhere"] }, rootSha256 }, "10.1.0.0/16"],
		["an outlet and an address", { mqtt: { ...broker, outlet: "oem" }, rootSha256 }, "with an outlet"],
		["a web address", { mqtt: { ...broker, url: "https://broker.example" }, rootSha256 }, "mqtts://"],
		["a password", { mqtt: { ...broker, url: "mqtts://me:secret@broker.example" }, rootSha256 }, "without credentials"],
	])("refuses %s", (_name, law, says) => {
		expect(() => parse(law)).toThrow(says);
	});
});
