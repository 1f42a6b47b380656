import { describe, expect, it } from "vitest";
import { decodeUperMessage } from "../../../agent/formats/v2x/shapes.ts";
import { isKerbError } from "../../../shared/errors.ts";
import { spoiltMessages } from "./uper-mutations.ts";

describe("decodeUperMessage", () => {
	it("20,000 spoilt messages: each is refused by a KerbError, or is written again octet for octet", () => {
		const next = spoiltMessages(4_711);
		let refused = 0;
		let kept = 0;
		for (let count = 0; count < 20_000; count += 1) {
			const { family, octets } = next();
			const before = Uint8Array.from(octets);
			try {
				const { shape, content } = decodeUperMessage(family, octets);
				if (Buffer.compare(shape.encode(content), before) !== 0) expect.fail("written again it is another message");
				kept += 1;
			} catch (error) {
				if (!isKerbError(error, "FORMAT_INVALID")) throw error;
				refused += 1;
			}
			if (Buffer.compare(octets, before) !== 0) expect.fail("borrowed octets were changed");
		}
		expect(refused).toBeGreaterThan(5_000);
		expect(kept).toBeGreaterThan(1_000);
	});
});
