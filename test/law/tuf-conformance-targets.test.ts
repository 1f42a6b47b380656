/** What the TUF client conformance suite demands of downloads and of the search through delegated roles. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hashOf } from "../fakes/tuf-simulator.ts";
import { putUnderTest, type UnderTest } from "../fakes/tuf-under-test.ts";

let client: UnderTest;
beforeEach(async () => {
	client = await putUnderTest();
});
afterEach(() => client.close());
const text = new TextEncoder();
const publish = (): void => client.repository.publish("targets", "snapshot", "timestamp");

describe("law tuf-client as the suite judges it: downloads", () => {
	it.each(["target_file.txt", "path/to/a/target_file.txt"])("download takes %j, and refresh takes no target", async (path) => {
		await client.init();
		client.repository.addTarget("targets", path, "content");
		publish();
		expect(await client.refresh()).toBe(0);
		expect(client.downloaded()).toEqual([]);
		expect(await client.download(path)).toBe(0);
		expect(client.downloaded()).toEqual(["content"]);
	});

	it("download keeps what it has and stores nothing when the server's bytes are not the signed ones", async () => {
		await client.init();
		client.repository.addTarget("targets", "one.txt", "content one");
		client.repository.addTarget("targets", "two.txt", "content two");
		publish();
		expect(await client.download("one.txt")).toBe(0);
		for (const path of ["one.txt", "two.txt"]) client.repository.artifacts.set(path, text.encode("other bytes, much longer"));
		await client.download("one.txt");
		expect(client.downloaded()).toEqual(["content one"]);
		expect(await client.download("two.txt")).toBe(1);
		client.repository.artifacts.set("two.txt", text.encode("CONTENT TWO"));
		expect(await client.download("two.txt")).toBe(1);
		expect(client.downloaded()).toEqual(["content one"]);
	});

	it("download replaces a target by its new version under the same name, time after time", async () => {
		await client.init();
		client.repository.addTarget("targets", "file.txt", "start");
		publish();
		expect(await client.download("file.txt")).toBe(0);
		const others: string[] = [];
		for (let turn = 0; turn < 3; turn++) {
			client.repository.addTarget("targets", "file.txt", `changed ${turn}`);
			client.repository.addTarget("targets", `new-${turn}`, `new ${turn}`);
			publish();
			publish();
			expect(await client.download("file.txt")).toBe(0);
			expect(client.downloaded()).toEqual([...others, `changed ${turn}`]);
			expect(await client.download(`new-${turn}`)).toBe(0);
			expect(client.downloaded()).toEqual([...others, `changed ${turn}`, `new ${turn}`]);
			client.repository.artifacts.set("file.txt", text.encode(`malicious ${turn}`));
			publish();
			await client.download("file.txt");
			expect(client.downloaded()).toEqual([...others, `changed ${turn}`, `new ${turn}`]);
			others.push(`new ${turn}`);
		}
	});

	it.each([[["sha256"]], [["sha512"]], [["sha256", "sha512"]]])(
		"download holds a target to %j, and names one in the URL",
		async (hashes) => {
			client.repository.addTarget("targets", "file.txt", "content", hashes);
			publish();
			await client.init();
			expect(await client.download("file.txt")).toBe(0);
			expect(client.downloaded()).toEqual(["content"]);
			const names = hashes.map((hash) => `${hashOf(text.encode("content"), hash)}.file.txt`);
			expect(client.repository.askedTargets).toHaveLength(1);
			expect(names).toContain(client.repository.askedTargets[0]);
		},
	);

	it("download refuses a target of which no hash is known", async () => {
		client.repository.addTarget("targets", "file.txt", "content", ["sha512"]);
		const target = client.repository.targets.targets["file.txt"];
		if (target !== undefined) target.hashes = { "unknown-hash": Object.values(target.hashes)[0] ?? "" };
		publish();
		await client.init();
		expect(await client.download("file.txt")).toBe(1);
		expect(client.downloaded()).toEqual([]);
	});

	it.each([
		["none", {}],
		["only a weak one", { md5: "00" }],
	])("download refuses a target that is signed with %s for its hashes", async (_, hashes) => {
		client.repository.addTarget("targets", "file.txt", "content");
		const target = client.repository.targets.targets["file.txt"];
		if (target !== undefined) target.hashes = "md5" in hashes ? { md5: hashOf(text.encode("content"), "md5") } : {};
		publish();
		await client.init();
		expect(await client.download("file.txt")).toBe(1);
		expect(client.downloaded()).toEqual([]);
	});

	it("download asks for a target that it has only once", async () => {
		client.repository.addTarget("targets", "path/file.txt", "content");
		publish();
		await client.init();
		expect([await client.download("path/file.txt"), await client.download("path/file.txt")]).toEqual([0, 0]);
		expect(client.repository.askedTargets).toHaveLength(1);
	});

	it.each(["constructor", "__proto__", "toString"])("download finds no target named %j where none is", async (name) => {
		await client.init();
		expect(await client.download(name)).toBe(1);
		expect(client.downloaded()).toEqual([]);
		expect(client.said.join("")).toMatch(/no role that may sign it/);
	});

	it("says nothing of this machine's own folders when a target is refused", async () => {
		await client.init();
		await client.download("none");
		expect(client.said.join("\n")).not.toContain(client.metadataDir);
	});
});

describe("law tuf-client as the suite judges it: role names", () => {
	it.each(["?", "#", "/delegatedrole", "../delegatedrole", "rôle", "a b"])(
		"asks for role %j encoded, and keeps it in the folder",
		async (role) => {
			client.repository.addDelegation("targets", role);
			client.repository.addKey(role, client.repository.newKey(), "targets");
			client.repository.publish(role);
			publish();
			await client.init();
			expect(await client.download("nonexistent target")).toBe(1);
			expect(client.repository.asked).toContainEqual([encodeURIComponent(role), 1]);
			expect(client.trusted()).toHaveLength(5);
			expect(existsSync(join(client.metadataDir, "..", "delegatedrole.json"))).toBe(false);
		},
	);
});

/** Delegations as `delegator>role`, with `!` for a terminating one and the paths behind a colon. */
const graphs: readonly (readonly [what: string, delegations: readonly string[], visited: string])[] = [
	["one role", ["targets>A"], "A"],
	["two roles in their order", ["targets>A", "targets>B"], "AB"],
	["a role below the second", ["targets>A", "targets>B", "B>C"], "ABC"],
	["the roles below the first before the second", ["targets>A", "targets>B", "A>C", "A>D"], "ACDB"],
	["all that is below the first before the second", ["targets>A", "targets>B", "A>C", "C>D"], "ACDB"],
	["nothing after a terminating role", ["targets>A", "targets>B", "A>C!", "A>D"], "AC"],
	["what is below a terminating role", ["targets>A", "targets>B", "A>C!", "C>D"], "ACD"],
	["no role whose paths do not match, nor below it", ["targets>A:*.py", "targets>B", "A>C"], "B"],
	["no second-level role whose paths do not match, nor below it", ["targets>A", "targets>B", "A>C:*.py", "C>D"], "AB"],
	["each role of a circle once", ["targets>A", "targets>B", "B>C", "C>D", "D>B"], "ABCD"],
	["a role of two delegators by the first", ["targets>A", "targets>B", "B>C", "A>C"], "ACB"],
	["a role of two delegators by the one whose paths match", ["targets>A", "targets>B", "B>C", "A>C:*.py"], "ABC"],
];

const delegate = (delegations: readonly string[]): void => {
	const roles = new Set<string>();
	for (const each of delegations) {
		const [, delegator = "", role = "", mark, paths] = /^(\w+)>(\w+)(!?)(?::(.*))?$/.exec(each) ?? [];
		client.repository.addDelegation(delegator, role, {
			terminating: mark === "!",
			...(paths === undefined ? {} : { paths: paths.split(",") }),
		});
		roles.add(role);
	}
	client.repository.publish(...roles);
};
const visited = (): string =>
	client.repository.asked
		.slice(4)
		.map(([role]) => role)
		.join("");

describe("law tuf-client as the suite judges it: delegations", () => {
	it.each(graphs)("a search visits %s", async (_, delegations, order) => {
		delegate(delegations);
		publish();
		await client.init();
		expect(await client.download("missingpath")).toBe(1);
		expect(visited()).toBe(order);
	});

	it.each([
		["targetfile", true, ""],
		["README.md", true, "A"],
		["releases/x/x_v1", true, "BC"],
		["releases/y/y_v1.zip", true, "BD"],
		["releases/z/z_v1.zip", false, "B"],
	] as const)("a search for %s: found %s, by way of %j", async (path, found, order) => {
		delegate(["targets>A:*.doc,*.md", "targets>B:releases/*/*", "B>C:releases/x/*", "B>D:releases/y/*.zip"]);
		const holders = {
			targetfile: "targets",
			"README.md": "A",
			"releases/x/x_v1": "C",
			"releases/y/y_v1.zip": "D",
			"releases/z/z_v1.zip": "D",
		};
		for (const [name, role] of Object.entries(holders)) client.repository.addTarget(role, name, `${name} of ${role}`);
		for (const role of "ABCD") {
			client.repository.restart(role);
			client.repository.publish(role);
		}
		publish();
		await client.init();
		expect(await client.download(path)).toBe(found ? 0 : 1);
		expect(client.downloaded()).toEqual(found ? [`${path} of ${holders[path]}`] : []);
		expect(visited()).toBe(order);
	});

	it("a search goes by the hash of the path where a delegation says so", async () => {
		const prefix = createHash("sha256").update("file.txt").digest("hex").slice(0, 2);
		client.repository.addDelegation("targets", "A", { path_hash_prefixes: [prefix === "00" ? "01" : "00"] });
		client.repository.addDelegation("targets", "B", { path_hash_prefixes: ["zz", prefix] });
		client.repository.addTarget("B", "file.txt", "content");
		client.repository.publish("A", "B");
		publish();
		await client.init();
		expect(await client.download("file.txt")).toBe(0);
		expect(visited()).toBe("B");
	});

	it.each([
		[1, "boo"],
		[2, "doo"],
		[8, "bar"],
	])("a search goes to one of 2^%i succinct roles", async (bits, path) => {
		const bins = client.repository.addBins("targets", bits);
		const number = createHash("sha256").update(path).digest().readUInt32BE() >>> (32 - bits);
		client.repository.publish(...bins);
		publish();
		await client.init();
		expect(await client.download(path)).toBe(1);
		expect(visited()).toBe(bins[number]);
		expect(client.trusted()).toHaveLength(5);
	});

	it("a search fails at a role that its delegator's keys did not sign, and trusts nothing of it", async () => {
		delegate(["targets>A", "targets>B"]);
		client.repository.addTarget("B", "file.txt", "content");
		client.repository.rotateKeys("A");
		client.repository.publish("A", "B");
		publish();
		await client.init();
		expect(await client.download("file.txt")).toBe(1);
		expect(client.version("A")).toBeUndefined();
	});
});
