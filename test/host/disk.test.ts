import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createDisk, ensurePrivateFolder, leftoverOf, systemDisk } from "../../agent/host/disk.ts";
import { isKerbError } from "../../shared/errors.ts";
import { TornDisk } from "../fakes/torn-disk.ts";

const path = "/data/state.json";
const old = new TextEncoder().encode("the old content, whole");
const fresh = new TextEncoder().encode("the new content, whole, and longer than the old");
const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);

let folder = "";
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "kerb-disk-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("writeFileDurable", () => {
	it("shows the old content or the new, whole, after a power cut at every call, and never the old after it returned", () => {
		const whole = TornDisk.of(new Map([[path, old]]));
		createDisk(whole).writeFileDurable(path, fresh);
		expect(whole.calls).toBeGreaterThanOrEqual(5);

		const seen = new Set<string>();
		for (let cutBefore = 0; cutBefore <= whole.calls; cutBefore++) {
			const torn = TornDisk.of(new Map([[path, old]]));
			torn.cutBefore = cutBefore;
			let hasReturned = false;
			try {
				createDisk(torn).writeFileDurable(path, fresh);
				hasReturned = true;
			} catch (error) {
				expect(isKerbError(error, "STATE_INVALID")).toBe(true);
			}
			for (const files of torn.survivors()) {
				const disk = createDisk(TornDisk.of(files));
				disk.removeLeftover(path);
				const found = text(disk.readFileBounded(path, 1_000));
				expect([text(old), text(fresh)]).toContain(found);
				if (hasReturned) expect(found).toBe(text(fresh));
				seen.add(found);
				// The next write works whatever was left behind.
				disk.writeFileDurable(path, fresh);
				expect(text(disk.readFileBounded(path, 1_000))).toBe(text(fresh));
			}
		}
		expect(seen.size).toBe(2);
	});

	it("creates with mode 0600, replaces a link instead of following it, and leaves no temporary file", () => {
		const target = join(folder, "elsewhere");
		writeFileSync(target, "untouched");
		const file = join(folder, "key");
		symlinkSync(target, file);
		symlinkSync(target, leftoverOf(file));
		systemDisk.writeFileDurable(file, fresh);
		expect(readFileSync(target, "utf8")).toBe("untouched");
		expect(readFileSync(file, "utf8")).toBe(text(fresh));
		expect(statSync(file).mode & 0o777).toBe(0o600);
		expect(statSync(leftoverOf(file), { throwIfNoEntry: false })).toBeUndefined();
	});

	it("leaves a folder that stands at the path alone and says so", () => {
		const file = join(folder, "state.json");
		mkdirSync(join(file, "inner"), { recursive: true });
		expect(() => systemDisk.writeFileDurable(file, fresh)).toThrow(/could not be written/);
		expect(statSync(join(file, "inner")).isDirectory()).toBe(true);
	});
});

describe("readFileBounded", () => {
	it("gives undefined for a missing file and refuses one that is longer than allowed", () => {
		const file = join(folder, "file");
		expect(systemDisk.readFileBounded(file, 10)).toBeUndefined();
		writeFileSync(file, "0123456789");
		expect(text(systemDisk.readFileBounded(file, 10))).toBe("0123456789");
		expect(() => systemDisk.readFileBounded(file, 9)).toThrow(/longer than 9 bytes/);
	});

	it("refuses a folder, a device and a named pipe without waiting", () => {
		const pipe = join(folder, "pipe");
		expect(spawnSync("mkfifo", [pipe]).status).toBe(0);
		for (const each of [folder, "/dev/zero", pipe]) expect(() => systemDisk.readFileBounded(each, 10)).toThrow(/regular file/);
	});
});

describe("ensurePrivateFolder", () => {
	it("makes a folder with mode 0700 and leaves one that exists as it is", () => {
		const made = join(folder, "a", "b");
		ensurePrivateFolder(made);
		expect(statSync(made).mode & 0o777).toBe(0o700);
		const shared = join(folder, "shared");
		mkdirSync(shared, { mode: 0o755 });
		ensurePrivateFolder(shared);
		expect(statSync(shared).mode & 0o777).toBe(0o755);
	});
});
