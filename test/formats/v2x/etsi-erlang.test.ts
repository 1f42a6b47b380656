import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeUper } from "../../../agent/formats/v2x/uper-decode.ts";
import { encodeUper } from "../../../agent/formats/v2x/uper-encode.ts";
import { hasData } from "../../data.ts";
import { type ErlangAsn1, hasErlangAsn1, startErlangAsn1 } from "../../fakes/erlang-asn1.ts";
import { anyEtsi, etsiAsn1, etsiMessages, etsiType } from "./etsi-messages.ts";

/** Erlang would give numbers back by their names. */
const withoutNamedNumbers = (text: string): string => text.replace(/INTEGER\s*\{[^}]*\}/g, "INTEGER");

describe.skipIf(!hasErlangAsn1() || !hasData("v2x", "etsi", "asn1"))(
	"ETSI messages and Erlang's codec of the same ASN.1 (needs erlang-asn1 and shared data v2x/etsi/asn1)",
	() => {
		let erlang: ErlangAsn1;
		beforeAll(async () => {
			erlang = await startErlangAsn1(etsiAsn1().map(withoutNamedNumbers));
		}, 120_000);
		afterAll(async () => {
			await erlang.stop();
		});

		it.each(etsiMessages)(
			"$name: encodeUper gives Erlang's octets, and each reads what the other has written",
			async (message) => {
				const { name, module } = message;
				const type = etsiType(name);
				const anyMessage = fc.oneof(
					anyEtsi(message, { maxMore: 2, extensions: true }),
					anyEtsi(message, { maxMore: 0 }),
					anyEtsi(message, { maxMore: 6 }),
				);
				await fc.assert(
					fc.asyncProperty(anyMessage, async (content) => {
						const ours = encodeUper(type, content);
						const theirs = await erlang.encode(module, name, type, content);
						expect(theirs === undefined ? erlang.lastRefusal() : Buffer.from(theirs).toString("hex")).toBe(
							Buffer.from(ours).toString("hex"),
						);
						expect(await erlang.decode(module, name, type, ours)).toEqual(content);
						expect(decodeUper(type, theirs ?? new Uint8Array()).value).toEqual(content);
					}),
					{ numRuns: 80 },
				);
			},
			120_000,
		);
	},
);
