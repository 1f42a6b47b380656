import { describe, expect, it } from "vitest";
import { nodeCurves } from "../../agent/host/node-curves.ts";
import { loadPrimitives } from "../../agent/host/primitives.ts";
import { loadSodiumCurves } from "../../agent/host/sodium-curves.ts";
import { fromHex, toHex } from "../../shared/bytes.ts";
import { isKerbError } from "../../shared/errors.ts";
import { seededBytes } from "../seal/sample-envelope.ts";

const hex = (text: string): Uint8Array => fromHex(text.replaceAll(" ", "")) ?? new Uint8Array();
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const p = await loadPrimitives();
const sodium = await loadSodiumCurves();
const none = new Uint8Array();

describe("Primitives", () => {
	it("sha256 is FIPS 180-4", () => {
		expect(toHex(p.sha256(bytesOf("abc")))).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	});

	it("hkdfSha256 is RFC 5869 (appendix A.1 and A.3)", () => {
		const secret = new Uint8Array(22).fill(0x0b);
		const [salt, info] = [hex("000102030405060708090a0b0c"), hex("f0f1f2f3f4f5f6f7f8f9")];
		expect(toHex(p.hkdfSha256(secret, salt, info, 42))).toBe(
			"3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
		);
		expect(toHex(p.hkdfSha256(secret, none, none, 42))).toBe(
			"8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
		);
	});

	it("wrapKey and unwrapKey are RFC 3394 (sections 4.1 and 4.6)", () => {
		const kek = hex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
		const short = hex("00112233445566778899aabbccddeeff");
		expect(toHex(p.wrapKey(kek.slice(0, 16), short))).toBe("1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5");
		const key = hex("00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f");
		const wrapped = p.wrapKey(kek, key);
		expect(toHex(wrapped)).toBe("28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21");
		expect(p.unwrapKey(kek, wrapped)).toEqual(key);
		for (let bit = 0; bit < wrapped.length * 8; bit++) {
			const flipped = wrapped.slice();
			flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
			expect(p.unwrapKey(kek, flipped)).toBeUndefined();
		}
		for (const length of [0, 8, 16, 23, 25]) expect(p.unwrapKey(kek, new Uint8Array(length))).toBeUndefined();
		expect(() => p.wrapKey(kek, new Uint8Array(15))).toThrow("key wrap");
		expect(() => p.wrapKey(kek.slice(1), key)).toThrow("key wrap");
	});

	it("compress and decompress are each other's inverse and deterministic", () => {
		for (const length of [0, 1, 1_000, 300_000]) {
			const bytes = seededBytes(length)(length).map((byte) => byte & 7);
			expect(p.compress(bytes)).toEqual(p.compress(bytes.slice()));
			expect(p.decompress(p.compress(bytes), length)).toEqual(bytes);
		}
	});

	it("decompress refuses what is longer than told, cut short, followed by more or no zstd at all", () => {
		const bomb = p.compress(new Uint8Array(50_000_000));
		expect(bomb.length).toBeLessThan(10_000);
		const before = process.memoryUsage().arrayBuffers;
		expect(p.decompress(bomb, 1_000_000)).toBeUndefined();
		expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000);
		const frame = p.compress(bytesOf("kerb ".repeat(100)));
		for (let length = 0; length < frame.length; length++) expect(p.decompress(frame.subarray(0, length), 1_000)).toBeUndefined();
		expect(p.decompress(Uint8Array.of(...frame, 1, 2, 3), 1_000)).toBeUndefined();
		expect(p.decompress(bytesOf("no zstd"), 1_000)).toBeUndefined();
	});

	it("equal tells bytes and lengths apart", () => {
		expect(p.equal(hex("0102"), hex("0102"))).toBe(true);
		expect(p.equal(hex("0102"), hex("0103"))).toBe(false);
		expect(p.equal(hex("0102"), hex("01"))).toBe(false);
	});

	it("randomBytes come from whoever was handed in, and otherwise differ each time", async () => {
		const [a, b] = await Promise.all([1, 2].map(() => loadPrimitives({ random: seededBytes(7) })));
		expect(a?.randomBytes(40)).toEqual(b?.randomBytes(40));
		expect(p.randomBytes(32)).not.toEqual(p.randomBytes(32));
	});

	it("chachaSeal gives the same bytes on either side of the length at which the library changes", () => {
		const [key, nonce, aad] = [seededBytes(1)(32), seededBytes(2)(12), bytesOf("label")];
		for (const length of [16_383, 16_384, 16_385, 200_000]) {
			const plain = seededBytes(3)(length);
			const sealed = p.chachaSeal(key, nonce, aad, plain);
			expect(sealed).toEqual(sodium.chachaSeal(key, nonce, aad, plain));
			expect(p.chachaOpen(key, nonce, aad, sealed)).toEqual(plain);
		}
	});
});

/** Low-order points of Curve25519; a shared secret with any of them would be zero. */
const lowOrder = [
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0100000000000000000000000000000000000000000000000000000000000000",
	"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
	"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];

describe.each([
	["libsodium", sodium],
	["node", nodeCurves],
])("Curves of %s", (_name, curves) => {
	it("agree as in RFC 7748 section 6.1", () => {
		const alice = hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
		const bobPublic = hex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
		expect(toHex(curves.x25519Public(alice))).toBe("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
		expect(toHex(curves.x25519Shared(alice, bobPublic) ?? none)).toBe("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
		for (const point of lowOrder) expect(curves.x25519Shared(alice, hex(point))).toBeUndefined();
	});

	it("sign as in RFC 8032 section 7.1, and refuse any other signature", () => {
		const seed = hex("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7");
		const publicKey = curves.ed25519Public(seed);
		expect(toHex(publicKey)).toBe("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025");
		const signature = curves.ed25519Sign(seed, hex("af82"));
		expect(toHex(signature)).toBe(
			"6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
		);
		expect(curves.ed25519Verify(publicKey, hex("af82"), signature)).toBe(true);
		expect(curves.ed25519Verify(publicKey, hex("af83"), signature)).toBe(false);
		for (const wrong of [none, signature.subarray(1), new Uint8Array(64), new Uint8Array(64).fill(0xff)]) {
			expect(curves.ed25519Verify(publicKey, hex("af82"), wrong)).toBe(false);
		}
		for (const wrong of [none, new Uint8Array(31), new Uint8Array(32).fill(0xff)]) {
			expect(curves.ed25519Verify(wrong, hex("af82"), signature)).toBe(false);
		}
	});

	it("cipher as in RFC 8439 section 2.8.2, and open nothing else", () => {
		const key = hex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
		const [nonce, aad] = [hex("070000004041424344454647"), hex("50515253c0c1c2c3c4c5c6c7")];
		const plain = bytesOf(
			"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
		);
		const sealed = curves.chachaSeal(key, nonce, aad, plain);
		expect(toHex(sealed)).toMatch(/^d31a8d34648e60db7b86afbc53ef7ec2.*1ae10b594f09e26a7e902ecbd0600691$/);
		expect(curves.chachaOpen(key, nonce, aad, sealed)).toEqual(plain);
		expect(curves.chachaOpen(key, nonce, none, sealed)).toBeUndefined();
		for (let length = 0; length < sealed.length; length++) {
			expect(curves.chachaOpen(key, nonce, aad, sealed.subarray(0, length))).toBeUndefined();
		}
		expect(curves.chachaOpen(key, nonce, aad, curves.chachaSeal(key, nonce, aad, none))).toEqual(none);
	});

	it("refuse keys of another length with KEY_INVALID", () => {
		const short = new Uint8Array(31);
		const attempts = [
			() => curves.x25519Public(short),
			() => curves.x25519Shared(short, new Uint8Array(32)),
			() => curves.ed25519Sign(short, none),
			() => curves.chachaSeal(short, new Uint8Array(12), none, none),
			() => curves.chachaSeal(new Uint8Array(32), short, none, none),
		];
		for (const attempt of attempts) expect(attempt).toThrow(expect.toSatisfy((error) => isKerbError(error, "KEY_INVALID")));
	});
});

describe("libsodium and node", () => {
	it("give the same bytes and open each other's", () => {
		const random = seededBytes(11);
		for (let round = 0; round < 50; round++) {
			const [a, b, nonce, aad, plain] = [random(32), random(32), random(12), random(round), random(round * 7)];
			const peer = sodium.x25519Public(b);
			expect(nodeCurves.x25519Public(b)).toEqual(peer);
			expect(nodeCurves.x25519Shared(a, peer)).toEqual(sodium.x25519Shared(a, peer));
			expect(nodeCurves.ed25519Public(a)).toEqual(sodium.ed25519Public(a));
			expect(nodeCurves.ed25519Sign(a, plain)).toEqual(sodium.ed25519Sign(a, plain));
			expect(nodeCurves.chachaSeal(a, nonce, aad, plain)).toEqual(sodium.chachaSeal(a, nonce, aad, plain));
		}
	});
});
