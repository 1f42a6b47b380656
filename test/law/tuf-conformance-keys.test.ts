/** What the TUF client conformance suite demands of keys, thresholds and signatures, and of their rotation. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type KeyKind, makeTufKey, type TufKey } from "../fakes/tuf-keys.ts";
import { putUnderTest, type UnderTest } from "../fakes/tuf-under-test.ts";

let client: UnderTest;
beforeEach(async () => {
	client = await putUnderTest();
});
afterEach(() => client.close());

describe("law tuf-client as the suite judges it: keys", () => {
	it("refuses a snapshot that fewer keys signed than root demands", async () => {
		const { repository } = client;
		repository.rootRole("snapshot").threshold = 3;
		const last = [repository.addKey("snapshot"), repository.addKey("snapshot")][1];
		repository.publishAll();
		await client.init();
		expect(await client.refresh()).toBe(0);
		repository.signers.get("snapshot")?.delete(last?.keyid ?? "");
		repository.publish("targets", "snapshot", "timestamp");
		expect(await client.refresh()).toBe(1);
		expect(client.version("snapshot")).toBe(2);
	});

	it("refuses a snapshot for which root names fewer keys than it demands", async () => {
		const { repository } = client;
		await client.init();
		for (let turn = 0; turn < 4; turn++) repository.addKey("snapshot");
		repository.rootRole("snapshot").threshold = 6;
		repository.publish("root", "snapshot", "timestamp");
		expect(await client.refresh()).toBe(1);
		expect([client.version("root"), client.version("snapshot")]).toEqual([2, undefined]);
	});

	it("does not count one key named nine times as nine", async () => {
		const { repository } = client;
		await client.init();
		const key = repository.newKey();
		for (let turn = 0; turn < 9; turn++) repository.addKey("snapshot", key);
		repository.rootRole("snapshot").threshold = 6;
		repository.publish("root", "snapshot", "timestamp");
		repository.bend("snapshot", ({ signatures }) => {
			const own = signatures.filter(({ keyid }) => keyid === key.keyid);
			for (let turn = 0; turn < 8; turn++) signatures.push(...own);
		});
		expect(await client.refresh()).toBe(1);
		expect(client.version("snapshot")).toBeUndefined();
	});

	it("refuses two signatures of one key id", async () => {
		await client.init();
		client.repository.bend("snapshot", ({ signatures }) => void signatures.push(...signatures));
		expect(await client.refresh()).toBe(1);
		expect(client.version("snapshot")).toBeUndefined();
	});

	it.each(["rsa-pss", "rsa-pss-longest-salt", "ecdsa-p256", "ecdsa-p384", "ed25519"] satisfies KeyKind[])(
		"takes root's signature by a key of kind %s, and refuses a wrong one that looks alike",
		async (kind) => {
			const { repository } = client;
			await client.init();
			const key = repository.addKey("root", makeTufKey(kind));
			repository.rootRole("root").threshold++;
			repository.publish("root");
			expect(await client.refresh()).toBe(0);
			expect(client.version("root")).toBe(2);
			repository.publish("root");
			const wrong = makeTufKey(kind).sign(new Uint8Array([1]));
			repository.bend("root", ({ signatures }) => {
				for (const signature of signatures) if (signature.keyid === key.keyid) signature.sig = wrong;
			});
			expect(await client.refresh()).toBe(1);
			expect(client.version("root")).toBe(2);
		},
	);

	it.each([
		["of another moment", undefined],
		["that is empty", ""],
		["that is no hex", "signature"],
	])("takes a timestamp that enough keys signed besides a signature %s", async (_, text) => {
		const { repository } = client;
		await client.init();
		const old = repository.seal("timestamp").signatures[0];
		repository.addKey("timestamp");
		repository.publish("root", "timestamp");
		repository.bend("timestamp", ({ signatures }) => {
			for (const signature of signatures) if (signature.keyid === old?.keyid) signature.sig = text ?? old.sig;
		});
		expect(await client.refresh()).toBe(0);
		expect(client.version("timestamp")).toBe(2);
	});

	it.each([
		["of an unknown type", { keytype: "clay", scheme: "clay-tablet" }],
		["of an unknown scheme", { keytype: "ed25519", scheme: "ed25519-next" }],
		["whose text is no key", { keyval: { public: "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n" } }],
	])("lives with a key %s in root as long as enough others sign", async (_, over) => {
		const { repository } = client;
		await client.init();
		const key = repository.newKey();
		const odd = { ...key, keyid: key.keyid.replace(/^./, (first) => (first === "a" ? "b" : "a")), json: { ...key.json, ...over } };
		repository.addKey("snapshot", odd);
		repository.publish("root", "snapshot", "timestamp");
		expect(await client.refresh()).toBe(0);
		expect(client.version("snapshot")).toBe(2);
	});
});

/** Keys by digit, how many must sign, and who signed, such as `012 2 01`; one after the other behind commas. */
const rootTurns: readonly (readonly [what: string, taken: boolean, turns: string])[] = [
	["one key takes over from another", true, "1 1 1, 2 1 21, 2 1 2"],
	["one key takes over, and strangers sign too", true, "1 1 314, 2 1 3214, 2 1 324"],
	["any three of five sign", true, "01234 3 024, 01234 3 041, 01234 3 013, 01234 3 013"],
	["one of five is replaced, and three who stay sign", true, "01234 3 024, 01345 3 041"],
	["one of five is replaced, old and new three sign", true, "01234 3 024, 01345 3 0245, 01345 3 045"],
	["all five are replaced, old and new three sign", true, "01234 3 024, 56789 3 024567, 56789 3 567"],
	["one of three becomes two of three", true, "123 1 1, 123 2 12"],
	["two of three become one of three", true, "123 2 12, 123 1 12, 123 1 1"],
	["one of one becomes two of two", true, "1 1 1, 12 2 12"],
	["the old key did not sign", false, "1 1 1, 2 1 234"],
	["the new key did not sign", false, "1 1 1, 2 1 134"],
	["only two of the new three signed", false, "01234 3 024, 01345 3 024"],
	["only two of the old three signed", false, "01234 3 024, 01345 3 045"],
	["the raised threshold is not reached", false, "123 1 1, 123 2 2"],
	["the threshold was lowered, but the old one is not reached", false, "123 2 12, 123 1 1"],
];

const otherTurns: readonly (readonly [what: string, taken: boolean, turn: string])[] = [
	["a new key signs", true, "2 1 2"],
	["strangers sign too", true, "1 1 314"],
	["the new key does not sign", false, "2 1 134"],
	["one of three signers was replaced", false, "01345 3 024"],
	["two of three sign", false, "01345 3 04"],
	...["024", "041", "013", "123", "234"].map((who) => [`${who} of five sign`, true, `01234 3 ${who}`] as const),
];

describe("law tuf-client as the suite judges it: rotation", () => {
	const take = (role: string, keys: readonly TufKey[], turn: string): void => {
		const [named = "", threshold, signers = ""] = turn.split(" ");
		const { repository } = client;
		repository.rootRole(role).keyids = [];
		repository.rootRole(role).threshold = Number(threshold);
		repository.signers.delete(role);
		const key = (digit: string) => keys[Number(digit)] ?? repository.newKey();
		for (const digit of named) repository.addKey(role, key(digit));
		repository.signers.delete(role);
		for (const digit of signers) repository.addSigner(role, key(digit));
	};

	it.each(rootTurns)("root: %s (taken: %s)", async (_, taken, turns) => {
		const { repository } = client;
		const keys = Array.from({ length: 10 }, () => repository.newKey());
		repository.restart("root");
		for (const turn of turns.split(", ")) {
			take("root", keys, turn);
			repository.publish("root");
		}
		repository.publish("targets", "snapshot", "timestamp");
		await client.init();
		expect(await client.refresh()).toBe(taken ? 0 : 1);
		const expected = repository.published.get("root")?.at(taken ? -1 : -2) ?? [];
		expect([...client.bytes("root")]).toEqual([...expected]);
	});

	it.each(otherTurns)("timestamp, snapshot, targets: %s (taken: %s)", async (_, taken, turn) => {
		const { repository } = client;
		await client.init();
		const keys = Array.from({ length: 10 }, () => repository.newKey());
		for (const role of ["timestamp", "snapshot", "targets"]) {
			take(role, keys, turn);
			repository.publishAll();
			expect(await client.refresh()).toBe(taken ? 0 : 1);
			if (taken) expect([...client.bytes(role)]).toEqual([...repository.newest(role)]);
			else expect(client.version(role)).toBeUndefined();
		}
	});
});
