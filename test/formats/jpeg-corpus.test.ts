/**
 * The programs that others look at pictures with agree: libjpeg's djpeg sees every pixel outside a mask as it was and grey inside, exiftool sees no
 * metadata. `KERB_JPEGS=1000` makes the corpus as large as that, `KERB_JPEGS_FROM=500` begins it there.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkRedaction } from "../../agent/formats/jpeg-check.ts";
import { parseJpeg } from "../../agent/formats/jpeg-markers.ts";
import { type MaskedJpeg, maskJpeg } from "../../agent/formats/jpeg-mask.ts";
import { refusalOf } from "../../agent/formats/jpeg-refusal.ts";
import type { Box, RedactionRefusal } from "../../shared/frame.ts";
import { dataPath, hasData } from "../data.ts";
import { type CorpusFile, corpusPrograms, makeCorpus } from "../fakes/jpeg-corpus.ts";
import { drawBoxes, drawFrom } from "../fakes/jpeg-pictures.ts";
import { hasProgram } from "../peers.ts";

const start = Number(process.env.KERB_JPEGS_FROM ?? 0);
const size = Number(process.env.KERB_JPEGS ?? 60);
const missing = corpusPrograms.filter((name) => !hasProgram(name));
const able = missing.length === 0 && hasData("camera");

interface Pixels {
	readonly widthPx: number;
	readonly channels: number;
	readonly data: Buffer;
}

/** By libjpeg without smoothing of chrominance, so that no pixel depends on another MCU. */
const decode = (jpeg: Uint8Array): Pixels => {
	const { status, stdout, stderr } = spawnSync("djpeg", ["-nosmooth", "-dct", "int"], { input: jpeg, maxBuffer: 512 * 1_024 * 1_024 });
	expect({ status, said: stderr.toString() }).toEqual({ status: 0, said: "" });
	const [head, widthPx = "0"] = stdout.toString("latin1", 0, 40).split(/\s+/);
	const header = stdout.toString("latin1", 0, 40).match(/^P[56]\s+\d+\s+\d+\s+\d+\s/)?.[0].length ?? 0;
	return { widthPx: Number(widthPx), channels: head === "P6" ? 3 : 1, data: stdout.subarray(header) };
};

/** Compares row pieces, one MCU wide: a masked one must be constant, any other as it was. */
const comparePixels = (input: Uint8Array, output: Uint8Array, boxes: readonly Box[]): { masked: number; wrong: string[] } => {
	const [before, after, { mcuWidthPx, mcuHeightPx, widthPx, heightPx }] = [decode(input), decode(output), parseJpeg(input)];
	expect([after.widthPx, after.channels, after.data.length]).toEqual([before.widthPx, before.channels, before.data.length]);
	expect(before.data.length).toBe(widthPx * heightPx * before.channels);
	const wrong: string[] = [];
	let masked = 0;
	for (let top = 0; top < heightPx; top += mcuHeightPx) {
		for (let left = 0; left < widthPx; left += mcuWidthPx) {
			const [right, bottom] = [Math.min(widthPx, left + mcuWidthPx), Math.min(heightPx, top + mcuHeightPx)];
			const touched = boxes.some(
				(box) =>
					box.xPx < right &&
					box.yPx < bottom &&
					reach(box.xPx, box.widthPx) > left &&
					reach(box.yPx, box.heightPx) > top &&
					box.xPx < widthPx &&
					box.yPx < heightPx,
			);
			if (touched) masked++;
			for (let y = top; y < bottom; y++) {
				const [from, to] = [(y * widthPx + left) * before.channels, (y * widthPx + right) * before.channels];
				const ok = touched
					? after.data.subarray(from, to).every((value) => value === 128)
					: after.data.compare(before.data, from, to, from, to) === 0;
				if (!ok) wrong.push(`${touched ? "masked" : "open"} MCU at ${left}, ${top}, row ${y}`);
			}
		}
	}
	return { masked, wrong };
};

/** The end of a box; one without size still lies on a pixel. */
const reach = (from: number, length: number): number => Math.max(from + length, Math.floor(from) + 1);

const tryMask = (bytes: Uint8Array, boxes: readonly Box[]): MaskedJpeg | RedactionRefusal | undefined => {
	try {
		return maskJpeg(bytes, boxes);
	} catch (error) {
		return refusalOf(error);
	}
};

/** What exiftool finds in files beyond what every picture has: how large it is and how it is coded. */
const metadataIn = (folder: string): string[] => {
	const { stdout } = spawnSync("exiftool", ["-a", "-G1", "-j", "-ee", "-U", folder], { maxBuffer: 512 * 1_024 * 1_024 });
	const files: unknown = JSON.parse(stdout.toString());
	const allowed =
		/^(?:SourceFile|ExifTool:ExifToolVersion|System:\w+|File:(?:FileType|FileTypeExtension|MIMEType|ImageWidth|ImageHeight|EncodingProcess|BitsPerSample|ColorComponents|YCbCrSubSampling)|Adobe:(?:DCTEncodeVersion|APP14Flags[01]|ColorTransform)|Composite:(?:ImageSize|Megapixels))$/;
	return (Array.isArray(files) ? files : []).flatMap((file: object) => Object.keys(file)).filter((key) => !allowed.test(key));
};

describe("maskJpeg on a corpus by other programs", () => {
	it.skipIf(!able)(
		`keeps every pixel outside of random masks and none inside, or refuses by the right code (needs shared data camera, ${corpusPrograms.join(", ")})`,
		() => {
			const folder = mkdtempSync(join(tmpdir(), "kerb-jpeg-"));
			try {
				const results = join(folder, "results");
				mkdirSync(results);
				const counts = { taken: 0, refused: 0, mcus: 0, without: 0 };
				const failures: { readonly how: string; readonly what: unknown }[] = [];
				for (let first = 0; first < size; first += 50) {
					const numbers = Array.from({ length: Math.min(50, size - first) }, (_, at) => start + first + at);
					for (const [index, file] of makeCorpus(folder, numbers).entries()) {
						const what = examine(file, start + first + index, results, counts);
						if (what !== undefined) failures.push({ how: `${start + first + index}: ${file.how}`, what });
						rmSync(file.path);
					}
					expect(metadataIn(results)).toEqual([]);
				}
				console.log(`corpus of ${size}: ${JSON.stringify(counts)}`);
				expect(failures).toEqual([]);
				expect(counts.taken).toBeGreaterThan(size / 2);
				expect(counts.refused).toBeGreaterThan(size / 20);
			} finally {
				rmSync(folder, { recursive: true });
			}
		},
		1_000 * Math.max(120, size * 3),
	);

	it.skipIf(!able)("gives the tables that cjpeg writes for those of Annex K (needs cjpeg, convert)", () => {
		const ppm = spawnSync("convert", ["-size", "16x16", "xc:red", "ppm:-"]).stdout;
		const jpeg = spawnSync("cjpeg", [], { input: ppm }).stdout;
		const { dcTables, acTables } = parseJpeg(jpeg);
		expect([dcTables.slice(0, 2), acTables.slice(0, 2)]).toEqual(annexK(jpeg));
	});
});

/** The tables that a file of the same writer is read with when its own are cut out. */
const annexK = (jpeg: Buffer): unknown => {
	const at = jpeg.indexOf(Buffer.from([0xff, 0xc4]));
	const scan = jpeg.indexOf(Buffer.from([0xff, 0xda]));
	const { dcTables, acTables } = parseJpeg(Buffer.concat([jpeg.subarray(0, at), jpeg.subarray(scan)]));
	return [dcTables.slice(0, 2), acTables.slice(0, 2)];
};

/** What is wrong with how it was taken or refused; undefined when nothing is. */
const examine = (
	file: CorpusFile,
	number: number,
	results: string,
	counts: Record<"taken" | "refused" | "mcus" | "without", number>,
): unknown => {
	const bytes = readFileSync(file.path);
	const found = file.expected === undefined ? parseJpeg(bytes) : { widthPx: 100, heightPx: 100 };
	const boxes = drawBoxes(drawFrom(number), found.widthPx, found.heightPx);
	const outcome = tryMask(bytes, boxes);
	if (file.expected !== undefined) {
		counts.refused++;
		return outcome === file.expected ? undefined : outcome;
	}
	if (outcome === undefined || typeof outcome === "string") return outcome ?? "another error";
	counts.taken++;
	counts.mcus += outcome.mcus;
	if (outcome.mcus === 0) counts.without++;
	writeFileSync(join(results, `${number % 50}.jpg`), outcome.jpeg);
	const problems = checkRedaction(outcome.jpeg, bytes, boxes);
	const { masked, wrong } = comparePixels(bytes, outcome.jpeg, boxes);
	const sound = problems.length === 0 && wrong.length === 0 && masked === outcome.mcus;
	return sound ? undefined : { problems, wrong: wrong.slice(0, 5), masked, mcus: outcome.mcus };
};

describe("maskJpeg on the recordings", () => {
	it.skipIf(!hasData("camera", "jpeg-forms") || !hasProgram("djpeg"))(
		"keeps every pixel outside of random masks in each form of JPEG (needs shared data camera, djpeg)",
		() => {
			const forms = [
				"baseline_420_std_huffman_1080",
				"baseline_420_optimised_huffman_1080",
				"baseline_420_restart_interval_1080",
				"baseline_422",
				"baseline_444",
				"baseline_grey",
				"exif_gps_thumbnail_xmp_iptc",
			];
			for (const [index, form] of forms.entries()) {
				const bytes = readFileSync(dataPath("camera", "jpeg-forms", `${form}.jpg`));
				const { widthPx, heightPx } = parseJpeg(bytes);
				const boxes = drawBoxes(drawFrom(100 + index), widthPx, heightPx);
				const { jpeg, mcus } = maskJpeg(bytes, boxes);
				expect(comparePixels(bytes, jpeg, boxes)).toEqual({ masked: mcus, wrong: [] });
				expect(checkRedaction(jpeg, bytes, boxes)).toEqual([]);
			}
		},
	);
});
