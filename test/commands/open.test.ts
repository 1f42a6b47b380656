import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import command, { runOpen } from "../../agent/commands/open.ts";
import { seal } from "../../agent/seal/seal.ts";
import { toHex } from "../../shared/bytes.ts";
import { clean, cleanSpeeds, draft, identity, primitives as p, secretOf, signal, target } from "../seal/sample-envelope.ts";

let folder = "";
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "kerbstone-open-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const unit = { unitId: draft.unitId, ed25519: toHex(identity.publicKey) };

const writeKeys = async (units: readonly unknown[], secretByte = 10): Promise<string> => {
	const path = join(folder, "keys.json");
	await writeFile(path, JSON.stringify({ kind: "keys", recipients: [{ name: "a", x25519Secret: toHex(secretOf(secretByte)) }], units }));
	return path;
};

const sealedBytes = (sequence: number, records = cleanSpeeds(2)): Uint8Array =>
	seal({ ...draft, sequence }, records, target, identity, p).bytes;

const run = async (keys: string, inputs: readonly string[], labelsOnly = false) => {
	const [lines, warnings]: [string[], string[]] = [[], []];
	const out = (line: string): Promise<void> => {
		lines.push(line);
		return Promise.resolve();
	};
	const result = await runOpen({ keys, inputs, labelsOnly, out, warn: (line) => warnings.push(line) });
	return { lines, warnings, ...result };
};

describe("runOpen", () => {
	it("prints records with their label, ordered by sequence, from nested folders and files", async () => {
		await mkdir(join(folder, "in/unit-7/home-cloud"), { recursive: true });
		await writeFile(join(folder, "in/unit-7/home-cloud/10.cose"), sealedBytes(10));
		await writeFile(join(folder, "in/unit-7/home-cloud/9.cose"), sealedBytes(9));
		await writeFile(join(folder, "in/readme.txt"), "not an envelope");
		await writeFile(join(folder, "third"), sealedBytes(11));
		const { lines, ...counts } = await run(await writeKeys([unit]), [join(folder, "third"), join(folder, "in")]);
		expect(counts).toEqual({ envelopes: 3, records: 6, failures: 0, warnings: [] });
		expect(lines.map((line) => JSON.parse(line).sequence)).toEqual([9, 9, 10, 10, 11, 11]);
		expect(lines[1]).toBe(
			'{"unit":"unit-7","outlet":"home-cloud","category":"telemetry.vehicle-status","sequence":9,"purpose":"traffic-information",' +
				'"record":{"kind":"signal","takenAtMs":1700000000100,"path":"Vehicle.Speed","value":0.1}}',
		);
	});

	it("prints whole numbers beyond 53 bits as digits and stays JSON for numbers that JSON does not have", async () => {
		const records = [2n ** 63n + 1n, Number.NaN, 'a\n"b"', -0].map((value) => clean(signal(1_700_000_000_000, value)));
		await writeFile(join(folder, "1.cose"), sealedBytes(1, records));
		const { lines } = await run(await writeKeys([unit]), [folder]);
		expect(lines[0]).toContain('"value":9223372036854775809}');
		expect(lines.slice(1).map((line) => JSON.parse(line).record.value)).toEqual([null, 'a\n"b"', 0]);
	});

	it("prints labels without a secret", async () => {
		await writeFile(join(folder, "1.cose"), sealedBytes(1));
		const { lines, ...counts } = await run(await writeKeys([unit], 99), [folder], true);
		expect(counts).toEqual({ envelopes: 1, records: 2, failures: 0, warnings: [] });
		expect(JSON.parse(lines[0] ?? "").label).toMatchObject({
			level: "general",
			policy: { id: "sample", version: 3 },
			transforms: ["round-number"],
		});
	});

	it("names and counts what fails, prints nothing of it, and goes on", async () => {
		const broken = sealedBytes(2);
		broken[broken.length - 1] = (broken.at(-1) ?? 0) ^ 1;
		await writeFile(join(folder, "1.cose"), sealedBytes(1));
		await writeFile(join(folder, "2.cose"), broken);
		await writeFile(join(folder, "3.cose"), sealedBytes(3).subarray(0, 200));
		await writeFile(join(folder, "4.cose"), new Uint8Array());
		await writeFile(join(folder, "5.cose"), new Uint8Array(5 * 1_048_576));
		const { lines, warnings, ...counts } = await run(await writeKeys([unit]), [folder]);
		expect(counts).toEqual({ envelopes: 1, records: 2, failures: 4 });
		expect(lines).toHaveLength(2);
		expect(warnings.filter((line) => line.includes("2.cose") && line.includes("[ENVELOPE_SIGNATURE]"))).toHaveLength(1);
		for (const name of ["3", "4", "5"])
			expect(warnings.some((line) => line.includes(`${name}.cose`) && line.includes("[ENVELOPE_INVALID]"))).toBe(true);
	});

	it("fails with ENVELOPE_NO_KEY when no secret fits", async () => {
		await writeFile(join(folder, "1.cose"), sealedBytes(1));
		const { warnings, failures } = await run(await writeKeys([unit], 99), [folder]);
		expect(failures).toBe(1);
		expect(warnings[0]).toContain("[ENVELOPE_NO_KEY]");
	});

	it("takes a unit's key from unit.json beside the envelopes and warns that it is not pinned", async () => {
		await writeFile(join(folder, "1.cose"), sealedBytes(1));
		await writeFile(join(folder, "unit.json"), JSON.stringify({ unitId: draft.unitId, ed25519: unit.ed25519 }));
		const { warnings, ...counts } = await run(await writeKeys([]), [folder]);
		expect(counts).toMatchObject({ envelopes: 1, failures: 0 });
		expect(warnings).toHaveLength(1);
		expect(warnings[0]).toMatch(/not pinned/);
	});

	it("never lets unit.json stand in for a unit that the keys file lists", async () => {
		await writeFile(join(folder, "1.cose"), sealedBytes(1));
		await writeFile(join(folder, "unit.json"), JSON.stringify({ unitId: draft.unitId, ed25519: unit.ed25519 }));
		const { warnings, failures } = await run(await writeKeys([{ ...unit, ed25519: "11".repeat(32) }]), [folder]);
		expect(failures).toBe(1);
		expect(warnings[0]).toContain("[ENVELOPE_SIGNATURE]");
	});

	it("prints an envelope that is there twice once, and refuses two different ones of one number", async () => {
		await writeFile(join(folder, "1.cose"), sealedBytes(1));
		await copyFile(join(folder, "1.cose"), join(folder, "1-again.cose"));
		const twice = await run(await writeKeys([unit]), [folder]);
		expect(twice).toMatchObject({ envelopes: 1, records: 2, failures: 0 });
		await writeFile(join(folder, "1-other.cose"), sealedBytes(1, cleanSpeeds(3)));
		expect(await run(await writeKeys([unit]), [folder])).toMatchObject({ envelopes: 1, failures: 1 });
	});

	it("refuses a keys file that is none without showing its content, and inputs that are not there", async () => {
		const path = join(folder, "keys.json");
		await writeFile(path, `{"kind":"keys","recipients":[{"name":"a","x25519Secret":"${"ab".repeat(31)}"}],"units":[]}`);
		await expect(run(path, [folder])).rejects.toMatchObject({ code: "KEY_INVALID", message: expect.not.stringContaining("abab") });
		await expect(run(join(folder, "none"), [folder])).rejects.toMatchObject({ code: "SOURCE_UNAVAILABLE" });
		await expect(run(await writeKeys([unit]), [join(folder, "none")])).rejects.toMatchObject({ code: "SOURCE_UNAVAILABLE" });
	});
});

describe("open", () => {
	it("exits with 1 when an envelope is refused and 0 when none is", async () => {
		const io = { out: () => Promise.resolve(), err: () => {}, progress: () => {}, isTerminal: false, signal: new AbortController().signal };
		await writeFile(join(folder, "1.cose"), sealedBytes(1));
		const keys = await writeKeys([unit]);
		expect(await command.run({ values: { keys }, positionals: [folder] }, io)).toBe(0);
		await writeFile(join(folder, "2.cose"), "x");
		expect(await command.run({ values: { keys }, positionals: [folder] }, io)).toBe(1);
		await expect(command.run({ values: {}, positionals: [folder] }, io)).rejects.toMatchObject({ code: "USAGE" });
	});
});
