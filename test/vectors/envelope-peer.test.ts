import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { seal } from "../../agent/seal/seal.ts";
import { fromHex, toHex } from "../../shared/bytes.ts";
import { decodeColumns } from "../../shared/columns.ts";
import { openEnvelope } from "../../shared/envelope.ts";
import { repoPath } from "../data.ts";
import { hasPython, python } from "../peers.ts";
import { cleanSpeeds, draft, identity, openerOf, primitives as p, secretOf, target } from "../seal/sample-envelope.ts";

const hasPeer = hasPython("cbor2") && hasPython("cryptography");

describe.skipIf(!hasPeer)("an independent implementation (needs python3-cbor2 and python3-cryptography)", () => {
	it.each([3, 3_000])("verifies and opens an envelope of %i records, and writes one that opens here", (count) => {
		const records = cleanSpeeds(count);
		const sealed = seal(draft, records, target, identity, p);
		for (const secret of [10, 11, 12]) {
			const task = {
				envelope: toHex(sealed.bytes),
				unitPublic: toHex(identity.publicKey),
				unitSeed: toHex(secretOf(1)),
				secret: toHex(secretOf(secret)),
			};
			const peer = spawnSync(python, [repoPath("test/vectors/envelope-peer.py")], { input: JSON.stringify(task), encoding: "utf8" });
			expect(peer.stderr).toBe("");
			const { compressed, again } = JSON.parse(peer.stdout);
			const batch = p.decompress(fromHex(compressed) ?? new Uint8Array(), 1_000_000);
			expect(decodeColumns(batch ?? new Uint8Array())).toEqual(records);
			const opened = openEnvelope(fromHex(again) ?? new Uint8Array(), openerOf(secret), p);
			expect(opened.records).toEqual(records);
			expect(() => openEnvelope(fromHex(again) ?? new Uint8Array(), openerOf(secret + 1), p)).toThrow("none of the 1 given is one");
		}
	});
});
