/** Cell sets: every position of a site and its buffer is in its cells, nothing in the list says where, and decoys look like sites. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import command from "../../agent/commands/law-cells.ts";
import { compilePlaces } from "../../agent/place/compile-places.ts";
import { type CellsInput, cellsOf } from "../../agent/place/make-cells.ts";
import { metresPerLatDeg } from "../../agent/place/metres.ts";
import type { Site } from "../../agent/place/read-sites.ts";
import { cellNumber, columnOfCell, createCellGrid, rowOfCell } from "../../shared/cell-grid.ts";
import type { Area } from "../../shared/places.ts";
import { seeded } from "../fakes/seeded.ts";
import { inTermMs, places, polygonArea, square } from "./places.ts";

const secret = new Uint8Array(32).fill(3);
const sites: readonly Site[] = [
	{ id: "one", polygons: [square(121.5, 31.2, 0.01)] },
	{ id: "two", polygons: [square(180, -17, 0.02)] },
	{ id: "three", polygons: [square(10.7, 69.9, 0.004), square(10.8, 69.9, 0.004)] },
];
const input: CellsInput = { sites, cellM: 1_000, bufferM: 500, decoys: 0, land: undefined, secret };

const areaOf = (shape: Area["shape"]): Area => ({ id: "cells", kind: "sensitive", shape });
const testOf = (area: Area) => compilePlaces(places([area]), { nowMs: () => inTermMs }).test({ ids: [area.id] });

describe("cellsOf", () => {
	it("covers every position of the sites and their buffers, and little more than a cell beyond", () => {
		const cells = testOf(areaOf(cellsOf(input)));
		const random = seeded(5);
		for (const { polygons } of sites) {
			const exact = testOf(polygonArea("a", polygons, { bufferM: 500 }));
			const [lonDeg, latDeg] = polygons[0]?.[0]?.[0] ?? [0, 0];
			let inside = 0;
			for (let index = 0; index < 5_000; index += 1) {
				const lon = ((((lonDeg + (random() - 0.5) * 0.3 + 180) % 360) + 360) % 360) - 180;
				const lat = latDeg + (random() - 0.5) * 0.15;
				const answer = cells?.at(lat, lon, "wgs84");
				if (exact?.at(lat, lon, "wgs84") === "inside") {
					inside += 1;
					expect(answer).toBe("inside");
				}
				if (exact?.at(lat, lon, "wgs84", 1_600) === "outside") expect(answer).toBe("outside");
			}
			expect(inside).toBeGreaterThan(50);
		}
	});

	it("takes in cells within extraM", () => {
		const cells = testOf(areaOf(cellsOf({ ...input, sites: sites.slice(0, 1), bufferM: 0 })));
		const north = (m: number): number => 31.21 + m / metresPerLatDeg(31.2);
		expect(cells?.at(north(4_000), 121.5, "wgs84")).toBe("outside");
		expect(cells?.at(north(4_000), 121.5, "wgs84", 4_100)).toBe("inside");
		expect(cells?.at(north(9_000), 121.5, "wgs84", 4_000)).toBe("outside");
	});

	it("gives the same list again from the same secret, and another from another", () => {
		const made = cellsOf({ ...input, decoys: 3 });
		expect(cellsOf({ ...input, decoys: 3 })).toStrictEqual(made);
		const other = cellsOf({ ...input, decoys: 3, secret: new Uint8Array(32).fill(4) });
		expect(other.saltHex).not.toBe(made.saltHex);
		expect(other.hashes).not.toBe(made.hashes);
		// A site more leaves the others' decoys where they were.
		const hashesOf = ({ hashes }: typeof made) => new Set(hashes.match(/.{8}/g));
		const fewer = hashesOf(cellsOf({ ...input, sites: sites.slice(0, 2), decoys: 3, land: [square(121, 31, 3)] }));
		const more = hashesOf(cellsOf({ ...input, decoys: 3, land: [square(121, 31, 3)] }));
		expect([...fewer].every((hash) => more.has(hash))).toBe(true);
	});

	it("leaves who tries every cell with as many blocks of each shape as there are decoys", () => {
		const land = square(121.5, 31.2, 1);
		const shape = cellsOf({ ...input, sites: sites.slice(0, 1), decoys: 9, land: [land] });
		const test = testOf(areaOf(shape));
		const grid = createCellGrid(1_000);
		const found = new Set<number>();
		for (let row = grid.rowOf(29.9); row <= grid.rowOf(32.5); row += 1) {
			for (let column = grid.columnOf(row, 120.2); column <= grid.columnOf(row, 122.8); column += 1) {
				if (test?.at(grid.latOf(row), grid.lonOf(row, column), "wgs84") === "inside") found.add(cellNumber(row, column));
			}
		}
		const blocks = blocksOf(found);
		expect(blocks.length).toBeGreaterThanOrEqual(8);
		expect(blocks.length).toBeLessThanOrEqual(10);
		const sizes = blocks.map((block) => block.size);
		// Alone, blocks are of one size; two that touch are one of twice that.
		const single = Math.min(...sizes);
		expect(sizes.every((size) => Math.abs(size / single - Math.round(size / single)) < 0.35)).toBe(true);
	});

	it("refuses too many cells and land without room", () => {
		expect(() => cellsOf({ ...input, sites: [{ id: "a", polygons: [square(10, 50, 15)] }], cellM: 500 })).toThrow(/larger cells/);
		expect(() => cellsOf({ ...input, decoys: 1, land: [square(0, 0, 1e-9), square(80, 0, 1e-9)] })).toThrow(/no room/);
	});
});

/** Cells that touch by a side. */
const blocksOf = (cells: ReadonlySet<number>): readonly ReadonlySet<number>[] => {
	const left = new Set(cells);
	const blocks: Set<number>[] = [];
	for (const start of cells) {
		if (!left.delete(start)) continue;
		const block = new Set([start]);
		for (const cell of block) {
			for (let row = -1; row <= 1; row += 1) {
				for (let column = -1; column <= 1; column += 1) {
					const next = cellNumber(rowOfCell(cell) + row, columnOfCell(cell) + column);
					if (left.delete(next)) block.add(next);
				}
			}
		}
		blocks.push(block);
	}
	return blocks;
};

describe("law cells", () => {
	const run = async (folder: string, values: Record<string, string>, file = join(folder, "sites.geojson")) => {
		const lines: string[] = [];
		const io = {
			out: async (line: string) => void lines.push(line),
			err: () => undefined,
			progress: () => undefined,
			isTerminal: false,
			signal: new AbortController().signal,
		};
		const code = await command.run({ values: { secret: join(folder, "secret"), ...values }, positionals: [file] }, io);
		return { code, text: lines.join("\n") };
	};
	const geojson = {
		type: "FeatureCollection",
		features: [
			{ type: "Feature", properties: { name: "yard" }, geometry: { type: "Polygon", coordinates: square(121.5, 31.2, 0.01) } },
			{ type: "Feature", id: 7, properties: null, geometry: { type: "MultiPolygon", coordinates: [square(121.9, 31.2, 0.01)] } },
		],
	};

	it("prints an area that names no site, and keeps a secret to itself", async () => {
		const folder = mkdtempSync(join(tmpdir(), "kerbstone-cells-"));
		try {
			writeFileSync(join(folder, "sites.geojson"), JSON.stringify(geojson));
			const { code, text } = await run(folder, { decoys: "5" });
			expect(code).toBe(0);
			expect(text).not.toMatch(/yard|121\.|31\.[12]/);
			expect(text).not.toContain(readFileSync(join(folder, "secret"), "utf8").trim());
			expect(statSync(join(folder, "secret")).mode & 0o777).toBe(0o600);
			const test = testOf(JSON.parse(text));
			expect([test?.at(31.2, 121.5, "wgs84"), test?.at(31.2, 121.9, "wgs84")]).toStrictEqual(["inside", "inside"]);
			expect((await run(folder, { decoys: "5" })).text).toBe(text);
		} finally {
			rmSync(folder, { recursive: true });
		}
	});

	it("refuses what is no collection of polygons without repeating any of it", async () => {
		const folder = mkdtempSync(join(tmpdir(), "kerbstone-cells-"));
		const [first] = geojson.features;
		const broken = [
			"no json",
			{ ...geojson, features: [] },
			{ ...geojson, features: [first, first] },
			{ ...geojson, features: [{ ...first, properties: {} }] },
			{ ...geojson, features: [{ ...first, geometry: { type: "Point", coordinates: [121.77, 31.77] } }] },
			{
				...geojson,
				features: [
					{
						...first,
						geometry: {
							type: "Polygon",
							coordinates: [
								[
									[121.77, 31.77],
									[121.78, 31.77],
									[121.78, 31.78],
								],
							],
						},
					},
				],
			},
			{
				...geojson,
				features: [
					{
						...first,
						geometry: {
							type: "Polygon",
							coordinates: [
								[
									[121.77, 131.77],
									[121.78, 31.77],
									[121.78, 31.78],
									[121.77, 131.77],
								],
							],
						},
					},
				],
			},
		];
		try {
			for (const each of broken) {
				writeFileSync(join(folder, "sites.geojson"), typeof each === "string" ? each : JSON.stringify(each));
				const error = await run(folder, {}).catch((thrown: unknown) => thrown);
				expect(error).toMatchObject({ code: "FORMAT_INVALID" });
				expect(String(error)).not.toMatch(/31\.7|121\.7/);
			}
			await expect(run(folder, { "cell-m": "10" })).rejects.toMatchObject({ code: "USAGE" });
		} finally {
			rmSync(folder, { recursive: true });
		}
	});
});
