import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AreaBook, areaFile, openAreaBook, type Shown } from "../agent/area-book.ts";
import { cellsInKm2, coveredCells, km2OfCells } from "../agent/place/covered-area.ts";
import type { NewLedgerEntry } from "../shared/ledger-entry.ts";

let folder = "";
let entries: NewLedgerEntry[] = [];
let kept = false;
let books: AreaBook[] = [];
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "kerbstone-area-"));
	[entries, kept, books] = [[], false, []];
});
afterEach(async () => {
	for (const book of books) book.close();
	await rm(folder, { recursive: true });
});

const open = (within = folder): AreaBook => {
	for (const book of books) book.close();
	const book = openAreaBook({
		path: join(within, areaFile),
		key: new Uint8Array(32).fill(3),
		nowMs: () => 1_767_225_600_000,
		append: (added) => entries.push(...added),
		wasKept: kept,
		onKept: () => {
			kept = true;
		},
	});
	books = [book];
	return book;
};
const rules = (): readonly string[] => entries.flatMap((entry) => (entry.kind === "security" ? [entry.ruleId] : []));

const metresPerDegree = 110_574;
/** Positions so far apart that each covers ground of its own, in lanes; `north` counts lanes. */
const lane = (north: number, precisionM: number, count = 100): readonly Shown[] =>
	Array.from({ length: count }, (_, at) => ({
		positions: [
			{ latDeg: 30 + (north * 400) / metresPerDegree, lonDeg: 110 + (at * 600) / (metresPerDegree * Math.cos((30 * Math.PI) / 180)) },
		],
		precisionM,
		isWay: true,
	}));
/** Ground that one lone position covers. */
const discKm2 = (): number => km2OfCells(coveredCells({ latDeg: 30, lonDeg: 110 }, undefined)?.size ?? 0);

const show = (book: AreaBook, shown: readonly Shown[], recipients = ["aa"]): number =>
	book.take({ shown, recipients }).filter((allowed) => allowed).length;

describe("openAreaBook", () => {
	it("lets positions known to more than 10 m pass without end, and counts those of 10 m and finer (T-14)", () => {
		for (const [precisionM, isCounted] of [
			[9.9, true],
			[10, true],
			[10.1, false],
		] as const) {
			const book = open();
			const allowed = Array.from({ length: 60 }, (_, north) => show(book, lane(north, precisionM), [`r${precisionM}`])).reduce(
				(a, b) => a + b,
			);
			if (isCounted) expect(allowed).toBeLessThan(6_000);
			else expect(allowed).toBe(6_000);
		}
	});

	it("stops at 25 km2 and no earlier than a disc before it, and warns at 20", () => {
		const book = open();
		let allowed = 0;
		for (let north = 0; north < 60 && allowed === north * 100; north += 1) allowed += show(book, lane(north, 5));
		const coveredKm2 = allowed * discKm2();
		expect(coveredKm2).toBeLessThanOrEqual(25.2);
		expect(coveredKm2).toBeGreaterThan(24);
		expect(rules()).toEqual(["area-near-limit", "area-limit"]);
	});

	it("goes on counting over restarts, and over the uploads of each recipient apart", () => {
		let allowed = 0;
		for (let north = 0; north < 60; north += 1) allowed += show(open(), lane(north, 5));
		expect(allowed * discKm2()).toBeLessThanOrEqual(25.2);
		expect(show(open(), lane(59, 5))).toBe(0);
		expect(show(open(), lane(59, 5), ["bb"])).toBe(100);
		expect(show(open(), lane(58, 5), ["bb", "aa"])).toBe(0);
	});

	it("lets a recipient see again what it has seen, also when there is no room for more", () => {
		const book = open();
		for (let north = 0; north < 60; north += 1) show(book, lane(north, 5));
		expect(show(book, lane(0, 5))).toBe(100);
		expect(show(book, lane(70, 5))).toBe(0);
	});

	it("counts the way between two positions of a drive, not between far ones", () => {
		const near = coveredCells({ latDeg: 30, lonDeg: 110.004 }, { latDeg: 30, lonDeg: 110 })?.size ?? 0;
		const alone = coveredCells({ latDeg: 30, lonDeg: 110.004 }, undefined)?.size ?? 0;
		expect(near).toBeGreaterThan(2 * alone);
		expect(coveredCells({ latDeg: 30, lonDeg: 110.1 }, { latDeg: 30, lonDeg: 110 })?.size).toBe(
			coveredCells({ latDeg: 30, lonDeg: 110.1 }, undefined)?.size,
		);
	});

	it("never counts less than the disc itself, wherever on the earth", () => {
		const disc = (Math.PI * 50 * 50) / 1e6;
		for (const latDeg of [-90, -89.999, -60, -0.0001, 0, 45, 89.9999, 90]) {
			for (const lonDeg of [-180, -179.9999, 0, 179.9999, 180]) {
				expect(km2OfCells(coveredCells({ latDeg, lonDeg }, undefined)?.size ?? 0), `${latDeg} ${lonDeg}`).toBeGreaterThan(
					Math.abs(latDeg) > 89.99 ? disc / 3 : disc,
				);
			}
		}
		expect(coveredCells({ latDeg: Number.NaN, lonDeg: 0 }, undefined)).toBeUndefined();
		expect(coveredCells({ latDeg: 0, lonDeg: 200 }, undefined)).toBeUndefined();
	});

	it("lets nothing fine leave when the count is gone or damaged, or a position cannot be told", async () => {
		expect(show(open(), [{ positions: undefined, precisionM: 0, isWay: false }])).toBe(0);
		expect(show(open(), lane(0, 5))).toBe(100);
		books[0]?.close();
		books = [];
		for (const suffix of ["", "-wal", "-shm"]) await rm(join(folder, `${areaFile}${suffix}`), { force: true });
		expect(show(open(), lane(0, 5))).toBe(0);
		expect(show(open(), lane(0, 50))).toBe(100);
		expect(rules()).toContain("area-lost");
		// A restart does not make an empty count of a lost one.
		for (let start = 0; start < 3; start += 1) expect(show(open(), lane(start, 5))).toBe(0);
	});

	it("puts a damaged file aside and stays closed", async () => {
		expect(show(open(), lane(0, 5))).toBe(100);
		books[0]?.close();
		books = [];
		for (const suffix of ["-wal", "-shm"]) await rm(join(folder, `${areaFile}${suffix}`), { force: true });
		await writeFile(join(folder, areaFile), "no database");
		expect(show(open(), lane(1, 5))).toBe(0);
		expect(show(open(), lane(2, 5))).toBe(0);
	});

	it("says once, and not at every envelope, that nothing can be opened", () => {
		const book = open(join(folder, "missing"));
		for (let at = 0; at < 5; at += 1) expect(show(book, lane(at, 5))).toBe(0);
		expect(rules()).toEqual(["area-unreadable"]);
	});

	it("keeps no place that could be read from the file", async () => {
		show(open(), lane(0, 5));
		books[0]?.close();
		books = [];
		const bytes = await readFile(join(folder, areaFile));
		expect(cellsInKm2(25)).toBe(40_000);
		for (const cell of coveredCells({ latDeg: 30, lonDeg: 110 }, undefined) ?? []) expect(bytes.includes(String(cell))).toBe(false);
	});
});
