/** What the TUF client conformance suite demands of every refresh: what is asked for, in which order, and what is trusted afterwards. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeTufKey } from "../fakes/tuf-keys.ts";
import { putUnderTest, type UnderTest } from "../fakes/tuf-under-test.ts";

let client: UnderTest;
beforeEach(async () => {
	client = await putUnderTest();
});
afterEach(() => client.close());

const firstLook = [
	["root", 2],
	["timestamp", undefined],
	["snapshot", 1],
	["targets", 1],
];
const topRoles = ["root", "snapshot", "targets", "timestamp"];

describe("law tuf-client as the suite judges it: basics", () => {
	it("refresh asks for the next root, the timestamp, the snapshot and the targets, and trusts just those bytes", async () => {
		expect(await client.init()).toBe(0);
		expect(client.repository.asked).toEqual([]);
		expect(await client.refresh()).toBe(0);
		expect(client.repository.asked).toEqual(firstLook);
		for (const role of topRoles) expect([...client.bytes(role)]).toEqual([...client.repository.newest(role)]);
	});

	it("works the same as a program of its own, called as the suite calls it", async () => {
		const how = { asProgram: true };
		expect(await client.init(undefined, how)).toBe(0);
		expect(await client.refresh(how)).toBe(0);
		expect(client.repository.asked).toEqual(firstLook);
		client.repository.addTarget("targets", "path/to/file.txt", "content");
		client.repository.publish("targets", "snapshot", "timestamp");
		expect(await client.download("path/to/file.txt", how)).toBe(0);
		expect(client.downloaded()).toEqual(["content"]);
		expect(await client.download("nonexistent artifact", how)).toBe(1);
		client.repository.published.delete("timestamp");
		expect(await client.refresh(how)).toBe(1);
		expect(client.trusted()).toEqual(["root 1", "snapshot 2", "targets 2", "timestamp 2"]);
	});

	it("download refreshes first, even when the target then is not there", async () => {
		await client.init();
		expect(await client.download("nonexistent artifact")).toBe(1);
		expect(client.repository.asked).toEqual(firstLook);
		for (const role of topRoles) expect([...client.bytes(role)]).toEqual([...client.repository.newest(role)]);
		expect(client.downloaded()).toEqual([]);
	});

	it.each([
		["without a version", (root: { signed: { version?: number } }) => delete root.signed.version],
		[
			"with somebody else's signature",
			(root: { signatures: { sig: string }[] }) => {
				const strange = makeTufKey().sign(new Uint8Array([1]));
				for (const signature of root.signatures) signature.sig = strange;
			},
		],
		["that is no JSON", () => "{"],
	] as const)("refresh asks for nothing with a first root %s", async (_, spoil) => {
		const root = JSON.parse(new TextDecoder().decode(client.repository.newest("root")));
		const spoilt = spoil(root) === "{" ? "{" : JSON.stringify(root);
		await client.init(new TextEncoder().encode(spoilt));
		expect(await client.refresh()).toBe(1);
		expect(client.repository.asked).toEqual([]);
	});

	const untilRole = [
		["root", ["root 1"]],
		["timestamp", ["root 2"]],
		["snapshot", ["root 2", "timestamp 2"]],
		["targets", ["root 2", "snapshot 2", "timestamp 2"]],
	] as const;

	it.each(untilRole)("refresh trusts what came before a %s that nobody signed, and nothing after", async (role, trusted) => {
		client.repository.signers.delete(role);
		client.repository.publishAll();
		await client.init();
		expect(await client.refresh()).toBe(1);
		expect(client.trusted()).toEqual(trusted);
	});

	it.each(untilRole.filter(([role]) => role !== "timestamp"))(
		"refresh trusts what came before a %s whose version is not the one in its URL",
		async (role, trusted) => {
			const part = client.repository.signed.get(role);
			if (part !== undefined) part.version++;
			client.repository.publishAll();
			await client.init();
			expect(await client.refresh()).toBe(1);
			expect(client.trusted()).toEqual(trusted);
		},
	);

	it("refresh keeps the timestamp that it has when another of the same version is served", async () => {
		await client.init();
		await client.refresh();
		client.repository.restart("timestamp");
		client.repository.timestamp.meta["snapshot.json"].version = 100;
		client.repository.publish("timestamp");
		expect(await client.refresh()).toBe(0);
		expect(client.repository.asked.at(-1)).toEqual(["timestamp", undefined]);
		expect(JSON.parse(client.bytes("timestamp").toString()).signed.meta["snapshot.json"].version).toBe(1);
	});

	it.each(["hashes", "length"] as const)("refresh holds metadata to its %s", async (member) => {
		client.repository.withHashes = true;
		client.repository.publish("targets", "snapshot", "timestamp");
		await client.init();
		expect(await client.refresh()).toBe(0);
		client.repository.publish("targets");
		const meta = client.repository.snapshot.meta["targets.json"];
		if (member === "hashes") Object.assign(meta ?? {}, { hashes: { sha256: "46".repeat(32) } });
		else if (meta?.length !== undefined) meta.length--;
		client.repository.publish("snapshot", "timestamp");
		expect(await client.refresh()).toBe(1);
		expect([client.version("snapshot"), client.version("targets")]).toEqual([3, 2]);
	});

	it("refresh stores the bytes as they came", async () => {
		await client.init();
		const spaced = new Uint8Array([...client.repository.newest("timestamp"), 32]);
		client.repository.published.set("timestamp", [spaced]);
		expect(await client.refresh()).toBe(0);
		expect([...client.bytes("timestamp")]).toEqual([...spaced]);
	});

	it("refresh takes members that the specification does not name, in root, roles and keys", async () => {
		await client.init();
		expect(await client.refresh()).toBe(0);
		const { repository } = client;
		repository.addKey("root", makeTufKey("ecdsa-p256", { "extra-field": { a: 1, b: 2 } }));
		repository.root["custom-field"] = "value";
		repository.rootRole("root")["another-field"] = "value";
		repository.publish("root");
		expect(await client.refresh()).toBe(0);
		expect(client.version("root")).toBe(2);
	});

	it("refresh takes no notice of a key's keyid_hash_algorithms", async () => {
		await client.init();
		client.repository.rootRole("snapshot").keyids = [];
		client.repository.signers.delete("snapshot");
		client.repository.addKey("snapshot", makeTufKey("ecdsa-p256", { keyid_hash_algorithms: "md5" }));
		client.repository.publish("root", "snapshot", "timestamp");
		expect(await client.refresh()).toBe(0);
		expect([client.version("root"), client.version("snapshot")]).toEqual([2, 2]);
	});

	it.each([
		["snapshot", ["root 1", "snapshot 1", "targets 1", "timestamp 2"]],
		["targets", ["root 1", "snapshot 2", "targets 1", "timestamp 2"]],
	] as const)("refresh fails at a %s that is named but not there, and keeps what named it", async (role, trusted) => {
		await client.init();
		await client.refresh();
		if (role === "snapshot") {
			client.repository.timestamp.meta["snapshot.json"].version++;
			client.repository.publish("timestamp");
		} else {
			client.repository.snapshot.meta["targets.json"] = { version: 2 };
			client.repository.publish("snapshot", "timestamp");
		}
		expect(await client.refresh()).toBe(1);
		expect(client.repository.asked.at(-1)).toEqual([role, 2]);
		expect(client.trusted()).toEqual(trusted);
	});

	it("refresh fails without a timestamp, also when the server breaks off instead of answering", async () => {
		await client.init();
		await client.refresh();
		client.repository.published.delete("timestamp");
		expect(await client.refresh()).toBe(1);
		expect(client.repository.asked.at(-1)).toEqual(["timestamp", undefined]);
		client.repository.published.set("timestamp", []);
		expect(await client.refresh()).toBe(1);
		expect(client.trusted()).toEqual(["root 1", "snapshot 1", "targets 1", "timestamp 1"]);
	});

	it("refresh refuses a snapshot that poses as a timestamp, though the timestamp's key signed it", async () => {
		await client.init();
		const { repository } = client;
		const [key] = repository.signers.get("timestamp")?.values() ?? [];
		repository.addKey("snapshot", key);
		repository.snapshot.meta = { "snapshot.json": { version: 1 } };
		repository.publish("root", "snapshot");
		repository.published.set("timestamp", [repository.newest("snapshot")]);
		expect(await client.refresh()).toBe(1);
		expect(client.trusted()).toEqual(["root 2"]);
	});

	it("refresh asks for unversioned files where root says that there are no consistent snapshots", async () => {
		client.repository.root.consistent_snapshot = false;
		client.repository.addTarget("targets", "path/file.txt", "plain");
		client.repository.publishAll();
		await client.init();
		expect(await client.download("path/file.txt")).toBe(0);
		expect(client.repository.asked.slice(-3)).toEqual(["timestamp", "snapshot", "targets"].map((role) => [role, undefined]));
		expect(client.repository.askedTargets).toEqual(["path/file.txt"]);
		expect(client.downloaded()).toEqual(["plain"]);
	});

	it("refresh follows 256 roots in one run and keeps the last", { timeout: 120_000 }, async () => {
		await client.init();
		for (let turn = 0; turn < 255; turn++) client.repository.publish("root");
		expect(await client.refresh()).toBe(0);
		expect(client.version("root")).toBe(256);
	});
});
