import { describe, expect, it } from "vitest";
import { parseConfig } from "../agent/config.ts";

const sourcesOf = (...sources: readonly object[]) => {
	const written = { unit: { id: "unit-1" }, dataDir: "data", law: { folder: "law" }, sources };
	return parseConfig(new TextEncoder().encode(JSON.stringify(written)), "/etc/kerbstone").sources;
};

describe("parseConfig: files that sources name", () => {
	it("are meant from the configuration's own folder, wherever in the input they stand", () => {
		const mqtt = { host: "127.0.0.1", topics: ["file"], caFile: "ca.pem", passwordFile: "/run/secret" };
		const [can, gnss, v2x, recorded] = sourcesOf(
			{ id: "can0", type: "can", dbc: ["car.dbc"], input: { pipe: "can.fifo" } },
			{ id: "gnss", type: "gnss", input: { gpsd: { device: "ttyUSB0" } } },
			{ id: "rsu", type: "v2x", input: { mqtt } },
			{ id: "log", type: "v2x", input: { file: "log.ndjson" } },
		);
		expect(can).toMatchObject({ dbc: ["/etc/kerbstone/car.dbc"], input: { pipe: "/etc/kerbstone/can.fifo" } });
		expect(gnss).toMatchObject({ input: { gpsd: { device: "ttyUSB0" } } });
		expect(v2x?.input).toEqual({ mqtt: { ...mqtt, caFile: "/etc/kerbstone/ca.pem" } });
		expect(recorded?.input).toEqual({ file: "/etc/kerbstone/log.ndjson" });
	});

	it("are left as they are where they are no text", () => {
		const [one, two] = sourcesOf(
			{ id: "a", type: "v2x", input: { file: 7, mqtt: { caFile: ["x"] } } },
			{ id: "b", type: "v2x", input: ["file"] },
		);
		expect(one?.input).toEqual({ file: 7, mqtt: { caFile: ["x"] } });
		expect(two?.input).toEqual(["file"]);
	});
});
