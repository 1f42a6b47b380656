import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { grant, withdraw } from "../../agent/consent/consent-rules.ts";
import { consentsFile, openConsentStore } from "../../agent/consent/consent-store.ts";
import { emptyRegister } from "../../agent/consent/register.ts";
import { systemDisk } from "../../agent/host/disk.ts";

let folder = "";
let path = "";
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "kerb-consents-"));
	path = join(folder, consentsFile);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const now = Date.parse("2026-06-01T08:00:00.000Z");
const { register } = grant(
	emptyRegister,
	{ subjectPseudonym: "somebody-1", categoryId: "a.b", purpose: "p", noticeHash: "a".repeat(64), term: "drive", channel: "hmi" },
	now,
	undefined,
);

describe("openConsentStore", () => {
	it("finds nobody's consent where there is no file, and what was written where there is one", () => {
		const store = openConsentStore(path, systemDisk);
		expect([store.found, store.damaged]).toEqual([emptyRegister, false]);
		const both = withdraw(register, { purpose: "q" }, now + 1).register;
		store.write(both);
		expect(openConsentStore(path, systemDisk)).toMatchObject({ found: both, damaged: false });
		expect(statSync(path).mode & 0o777).toBe(0o600);
	});

	it("believes no file with any byte changed, cut off, or of another kind, and keeps a copy of it", () => {
		openConsentStore(path, systemDisk).write(register);
		const whole = readFileSync(path);
		for (let position = 0; position < whole.length - 1; position += 7) {
			const bytes = Buffer.from(whole);
			bytes[position] = (bytes[position] ?? 0) ^ 1;
			writeFileSync(path, bytes);
			const { found, damaged } = openConsentStore(path, systemDisk);
			expect([position, found, damaged]).toEqual([position, emptyRegister, true]);
			expect(existsSync(path)).toBe(false);
			expect(readFileSync(`${path}.damaged`)).toEqual(bytes);
		}
		for (const cut of [0, 1, whole.length >> 1]) {
			writeFileSync(path, whole.subarray(0, cut));
			expect(openConsentStore(path, systemDisk)).toMatchObject({ found: emptyRegister, damaged: true });
		}
		writeFileSync(path, Buffer.alloc(5_000_000, 0x20));
		expect(openConsentStore(path, systemDisk).damaged).toBe(true);
		mkdirSync(path);
		expect(openConsentStore(path, systemDisk).damaged).toBe(true);
	});
});
