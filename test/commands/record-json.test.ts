import { describe, expect, it } from "vitest";
import { recordJson } from "../../agent/commands/record-json.ts";
import type { FlowRecord, MessageRecord } from "../../shared/record.ts";
import { utcMs } from "../../shared/units.ts";

const message = (form: MessageRecord["form"], bytes: Uint8Array): MessageRecord => ({
	...{ kind: "message", takenAtMs: utcMs(7), path: "V2X.ETSI.CAM", form, datum: "wgs84", bytes },
});
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("recordJson", () => {
	it("prints a message in JSON as an object and one in bits as hexadecimal", () => {
		expect(recordJson(message("ode", utf8('{"a":[1.5,"\u4e2d\\n"],"b":{}}')))).toBe(
			'{"kind":"message","takenAtMs":7,"path":"V2X.ETSI.CAM","form":"ode","datum":"wgs84","message":{"a":[1.5,"\u4e2d\\n"],"b":{}}}',
		);
		expect(recordJson(message("uper", Uint8Array.of(0, 0x7b, 0x7d, 255)))).toBe(
			'{"kind":"message","takenAtMs":7,"path":"V2X.ETSI.CAM","form":"uper","datum":"wgs84","bytes":"007b7dff"}',
		);
	});

	it("stays one line of JSON whatever a message is", () => {
		for (const bytes of [utf8('{"a":\n1}'), utf8("{"), utf8('1},"x":{'), utf8("\n"), Uint8Array.of(0x22, 0xff, 0x22), new Uint8Array(0)]) {
			const line = recordJson(message("vanetza", bytes));
			expect(line).not.toContain("\n");
			const { message: object, bytes: hex } = JSON.parse(line);
			if (object === undefined) expect(hex).toBe(Buffer.from(bytes).toString("hex"));
			else expect(object).toEqual({ a: 1 });
		}
	});

	it("prints a flow as it is", () => {
		const flow: FlowRecord = {
			...{ kind: "flow", takenAtMs: utcMs(7), latDeg: 31, lonDeg: 121, datum: "wgs84", cellM: 500, windowMs: 900_000, subjects: 12 },
		};
		expect(JSON.parse(recordJson(flow))).toEqual(flow);
		expect(JSON.parse(recordJson({ ...flow, meanSpeedMps: Number.NaN })).meanSpeedMps).toBeNull();
	});
});
