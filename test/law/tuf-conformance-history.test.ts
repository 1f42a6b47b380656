/** What the TUF client conformance suite demands when a repository goes back in time, recovers from it, or expires. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { inDays } from "../fakes/tuf-simulator.ts";
import { putUnderTest, type UnderTest } from "../fakes/tuf-under-test.ts";
import { hasProgram } from "../peers.ts";

let client: UnderTest;
beforeEach(async () => {
	client = await putUnderTest();
});
afterEach(() => client.close());
const versions = (...roles: readonly string[]) => roles.map((role) => client.version(role));

describe("law tuf-client as the suite judges it: rollback", () => {
	it("refuses a timestamp that went back", async () => {
		await client.init();
		client.repository.publish("timestamp");
		expect(await client.refresh()).toBe(0);
		client.repository.restart("timestamp");
		client.repository.publish("timestamp");
		expect(await client.refresh()).toBe(1);
		expect(client.version("timestamp")).toBe(2);
		expect(client.repository.asked.at(-1)).toEqual(["timestamp", undefined]);
	});

	it.each([false, true])("refuses a timestamp that names an older snapshot (hashes: %s)", async (withHashes) => {
		await client.init();
		client.repository.withHashes = withHashes;
		client.repository.publish("snapshot", "timestamp");
		expect(await client.refresh()).toBe(0);
		client.repository.restart("snapshot");
		client.repository.publish("snapshot", "timestamp");
		expect(await client.refresh()).toBe(1);
		expect(versions("timestamp", "snapshot")).toEqual([2, 2]);
		expect(client.repository.asked.at(-1)).toEqual(["timestamp", undefined]);
	});

	it.each([false, true])("refuses a snapshot that names older targets (hashes: %s)", async (withHashes) => {
		await client.init();
		client.repository.withHashes = withHashes;
		client.repository.publish("targets", "snapshot", "timestamp");
		expect(await client.refresh()).toBe(0);
		client.repository.restart("targets");
		client.repository.publish("targets", "snapshot", "timestamp");
		expect(await client.refresh()).toBe(1);
		expect(versions("timestamp", "snapshot", "targets")).toEqual([3, 2, 2]);
	});

	it("refuses a snapshot that leaves out a role it named before", async () => {
		await client.init();
		client.repository.addDelegation("targets", "delegated", { paths: ["delegatedpath/*"] });
		client.repository.publish("delegated", "targets", "snapshot", "timestamp");
		expect(await client.refresh()).toBe(0);
		delete client.repository.snapshot.meta["delegated.json"];
		client.repository.publish("snapshot", "timestamp");
		expect(await client.refresh()).toBe(1);
		expect(client.version("snapshot")).toBe(2);
	});

	it("asks for no targets or snapshot that are published but not named yet", async () => {
		await client.init();
		await client.refresh();
		client.repository.publish("targets");
		expect(await client.refresh()).toBe(0);
		expect(client.repository.asked.at(-1)).toEqual(["timestamp", undefined]);
		client.repository.publish("snapshot");
		client.repository.timestamp.meta["snapshot.json"] = { version: 1 };
		client.repository.publish("root", "timestamp");
		expect(await client.refresh()).toBe(0);
		expect(client.trusted()).toEqual(["root 2", "snapshot 1", "targets 1", "timestamp 2"]);
	});

	it("recovers from targets pushed far forward when the snapshot's keys are replaced, with fewer roles then", async () => {
		await client.init();
		client.repository.addDelegation("targets", "delegated", { paths: ["delegatedpath/*"] });
		client.repository.publish("delegated");
		for (let turn = 0; turn < 99; turn++) client.repository.publish("targets");
		client.repository.publish("snapshot", "timestamp");
		expect(await client.refresh()).toBe(0);
		expect(client.version("targets")).toBe(100);
		client.repository.rotateKeys("snapshot");
		client.repository.restart("targets");
		delete client.repository.snapshot.meta["delegated.json"];
		client.repository.publishAll();
		expect(await client.refresh()).toBe(0);
		expect(client.version("targets")).toBe(1);
	});

	it("recovers from a snapshot pushed far forward when its keys and the timestamp's are replaced", async () => {
		await client.init();
		for (let turn = 0; turn < 99; turn++) client.repository.publish("snapshot");
		client.repository.publish("timestamp");
		expect(await client.refresh()).toBe(0);
		expect(client.version("snapshot")).toBe(100);
		client.repository.rotateKeys("snapshot");
		client.repository.rotateKeys("timestamp");
		client.repository.restart("snapshot");
		client.repository.publishAll();
		expect(await client.refresh()).toBe(0);
		expect(client.version("snapshot")).toBe(1);
	});

	it("recovers from a timestamp pushed far forward when its keys are replaced", async () => {
		await client.init();
		for (let turn = 0; turn < 99; turn++) client.repository.publish("timestamp");
		expect(await client.refresh()).toBe(0);
		expect(client.version("timestamp")).toBe(100);
		client.repository.rotateKeys("timestamp");
		client.repository.restart("timestamp");
		client.repository.publish("root", "timestamp");
		expect(await client.refresh()).toBe(0);
		expect(client.version("timestamp")).toBe(1);
	});
});

const expire = (role: string, days: number): void => {
	const part = client.repository.signed.get(role);
	if (part !== undefined) part.expires = inDays(days);
};

describe("law tuf-client as the suite judges it: expiry", () => {
	it("keeps an expired root and goes no further", async () => {
		await client.init();
		await client.refresh();
		client.repository.publish("root");
		expect(await client.refresh()).toBe(0);
		expire("root", -1);
		client.repository.publishAll();
		expect(await client.refresh()).toBe(1);
		expect(client.trusted()).toEqual(["root 3", "snapshot 1", "targets 1", "timestamp 1"]);
	});

	it.each([
		["timestamp", ["root 1", "snapshot 1", "targets 1", "timestamp 1"]],
		["snapshot", ["root 1", "snapshot 1", "targets 1", "timestamp 2"]],
		["targets", ["root 1", "snapshot 2", "targets 1", "timestamp 2"]],
	] as const)("refuses an expired %s and keeps the one before", async (role, trusted) => {
		await client.init();
		expect(await client.refresh()).toBe(0);
		expire(role, -5);
		client.repository.publish(...["targets", "snapshot", "timestamp"].slice(["targets", "snapshot", "timestamp"].indexOf(role)));
		expect(await client.refresh()).toBe(1);
		expect(client.trusted()).toEqual(trusted);
	});

	it("does not use a delegated role that is expired when it is first seen, and does not keep it", async () => {
		await client.init();
		client.repository.addDelegation("targets", "delegated", { paths: ["delegatedpath/*"], expires: inDays(-1) });
		client.repository.addTarget("delegated", "delegatedpath/target", "content");
		client.repository.publish("delegated", "targets", "snapshot", "timestamp");
		expect(await client.refresh()).toBe(0);
		expect(await client.download("delegatedpath/target")).toBe(1);
		expect(client.downloaded()).toEqual([]);
		expect(client.trusted()).toEqual(["root 1", "snapshot 2", "targets 2", "timestamp 2"]);
	});
});

describe.skipIf(!hasProgram("faketime"))("law tuf-client under another clock (needs faketime)", () => {
	it("notices that root has expired", async () => {
		await client.init();
		expire("root", 7);
		client.repository.publish("root");
		expect(await client.refresh()).toBe(0);
		expect(await client.refresh({ days: 8 })).toBe(1);
		expect(client.said.join("")).toMatch(/expired/);
	});

	it("goes from an expired root to a newer one that holds", async () => {
		await client.init();
		expire("root", 7);
		client.repository.publish("root");
		expect(await client.refresh()).toBe(0);
		expire("root", 21);
		client.repository.publish("root");
		expect(await client.refresh({ days: 18 })).toBe(0);
		expect(client.version("root")).toBe(3);
	});

	it.each(["timestamp", "snapshot", "targets"])("goes from an expired %s to a newer one that holds", async (role) => {
		await client.init();
		expire(role, 7);
		client.repository.publish("targets", "snapshot", "timestamp");
		expect(await client.refresh()).toBe(0);
		expect(await client.refresh({ days: 18 })).toBe(1);
		expire(role, 21);
		client.repository.publish("targets", "snapshot", "timestamp");
		expect(await client.refresh({ days: 18 })).toBe(0);
		expect(client.trusted()).toEqual(["root 1", "snapshot 3", "targets 3", "timestamp 3"]);
	});

	it("stops using a trusted delegated role when it expires, and uses a newer one", async () => {
		await client.init();
		client.repository.addDelegation("targets", "delegated", { paths: ["delegatedpath/*"], expires: inDays(7) });
		client.repository.addTarget("delegated", "delegatedpath/first", "first");
		client.repository.addTarget("delegated", "delegatedpath/second", "second");
		client.repository.publish("delegated", "targets", "snapshot", "timestamp");
		expect(await client.download("delegatedpath/first")).toBe(0);
		expect(await client.download("delegatedpath/second", { days: 18 })).toBe(1);
		expect(client.downloaded()).toEqual(["first"]);
		expire("delegated", 21);
		client.repository.publish("delegated", "snapshot", "timestamp");
		expect(await client.download("delegatedpath/second", { days: 18 })).toBe(0);
		expect(client.downloaded()).toEqual(["first", "second"]);
	});
});
