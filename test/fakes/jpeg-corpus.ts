/**
 * A corpus of JPEGs made of real pictures by the programs that people make them with: every sampling, quality, table, restart and metadata form, odd
 * sizes, and what has to be refused. Each variant is drawn by its number, so a part of the corpus is the same as that part of a larger one.
 */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RedactionRefusal } from "../../shared/frame.ts";
import { dataPath } from "../data.ts";
import { type Draw, drawFrom, pick, upTo } from "./jpeg-pictures.ts";

export const corpusPrograms = ["cjpeg", "jpegtran", "djpeg", "ffmpeg", "convert", "exiftool"] as const;

export interface CorpusFile {
	readonly path: string;
	/** What made it, for the name of a failure. */
	readonly how: string;
	/** The code it must be refused with; undefined when it must be taken. */
	readonly expected: RedactionRefusal | undefined;
}

const run = (program: string, args: readonly string[], input?: Uint8Array): Buffer => {
	const { status, stdout, stderr, error } = spawnSync(program, args, { ...(input && { input }), maxBuffer: 512 * 1_024 * 1_024 });
	if (error !== undefined || status !== 0) throw new Error(`${program} ${args.join(" ")}: ${status} ${stderr}`, { cause: error });
	return stdout;
};

/** The pictures of the recordings, PNGs with another name among them. */
export const sourcePictures = (): string[] =>
	["", "faces", "plates", "jpeg-forms"].flatMap((folder) =>
		readdirSync(dataPath("camera", folder))
			.filter((name) => /\.(?:jpe?g|png)$/i.test(name))
			.sort()
			.map((name) => dataPath("camera", folder, name)),
	);

/** Pixels at some size as a PPM or PGM; odd sizes and extremes are drawn often. */
const pixels = (draw: Draw, source: string, folder: string): string => {
	const odd = ["1x1", "7x9", "8x8", "9x7", "15x17", "16x16", "17x33", "64x1", "1x200", "8191x3", "3x1999", "31x250"];
	const size = draw() < 0.3 ? pick(draw, odd) : `${32 + upTo(draw, 500)}x${32 + upTo(draw, 400)}`;
	const target = join(folder, "pixels.ppm");
	const grey = draw() < 0.12 ? ["-colorspace", "Gray"] : [];
	const noise = draw() < 0.1 ? ["+noise", "Random"] : [];
	run("convert", [
		"-define",
		"jpeg:size=600x600",
		source,
		"-auto-orient",
		"-resize",
		`${size}!`,
		...grey,
		...noise,
		"-depth",
		"8",
		"-strip",
		`ppm:${target}`,
	]);
	return target;
};

const samples = ["1x1", "2x1", "1x2", "2x2", "4x1"];

const byCjpeg = (draw: Draw, source: string, folder: string): [Buffer, string] => {
	const args = ["-quality", String(pick(draw, [1, 5, 20, 40, 60, 75, 85, 90, 95, 98, 100]))];
	args.push("-sample", pick(draw, samples));
	// Quality under 25 needs tables of 16 bits unless it is kept baseline.
	if (draw() < 0.5) args.push("-baseline");
	if (draw() < 0.4) args.push("-optimize");
	if (draw() < 0.4) args.push("-restart", pick(draw, ["1", "2", "1B", "3B", "17B"]));
	if (draw() < 0.15) args.push("-grayscale");
	if (draw() < 0.1) args.push("-rgb");
	if (draw() < 0.2) args.push("-dct", pick(draw, ["int", "fast", "float"]));
	return [run("cjpeg", [...args, pixels(draw, source, folder)]), `cjpeg ${args.join(" ")}`];
};

const byFfmpeg = (draw: Draw, source: string, folder: string): [Buffer, string] => {
	const format = pick(draw, ["yuvj420p", "yuvj422p", "yuvj444p"]);
	const args = ["-pix_fmt", format, "-q:v", String(2 + upTo(draw, 29)), "-huffman", pick(draw, ["default", "optimal"])];
	const input = pixels(draw, source, folder);
	return [run("ffmpeg", ["-v", "error", "-i", input, ...args, "-frames:v", "1", "-f", "mjpeg", "-"]), `ffmpeg ${args.join(" ")}`];
};

const byConvert = (draw: Draw, source: string, folder: string): [Buffer, string] => {
	const args = ["-quality", String(1 + upTo(draw, 100)), "-sampling-factor", pick(draw, samples)];
	if (draw() < 0.3) args.push("-define", "jpeg:optimize-coding=false");
	if (draw() < 0.2) args.push("-colorspace", "Gray");
	if (draw() < 0.2) args.push("-comment", "a comment");
	return [run("convert", [pixels(draw, source, folder), ...args, "jpeg:-"]), `convert ${args.join(" ")}`];
};

/** One of the real files through jpegtran, which keeps its coefficients, or as it is. */
const byJpegtran = (draw: Draw, source: string): [Buffer, string] => {
	const upright = run("convert", [source, "-strip", "ppm:-"]);
	const jpeg = run("cjpeg", ["-quality", "80", "-sample", pick(draw, ["1x1", "2x1", "2x2"])], upright);
	const args = ["-copy", "all"];
	if (draw() < 0.4) args.push("-optimize");
	if (draw() < 0.4) args.push("-restart", pick(draw, ["1", "1B", "5B"]));
	if (draw() < 0.3) args.push("-grayscale");
	if (draw() < 0.3) args.push(...pick(draw, [["-flip", "horizontal"], ["-rotate", "180"], ["-transpose"]]), "-trim");
	return [run("jpegtran", args, jpeg), `jpegtran ${args.join(" ")}`];
};

/** Motion JPEG leaves its tables out. */
const withoutTables = (jpeg: Buffer): Buffer => {
	for (let at = 2; jpeg[at + 1] !== 0xda; ) {
		const end = at + 2 + jpeg.readUInt16BE(at + 2);
		if (jpeg[at + 1] !== 0xc4) at = end;
		else jpeg = Buffer.concat([jpeg.subarray(0, at), jpeg.subarray(end)]);
	}
	return jpeg;
};

const makers = [byCjpeg, byCjpeg, byFfmpeg, byConvert, byJpegtran] as const;

/** What has to be refused, made of a good one. */
const spoil = (draw: Draw, good: Buffer, folder: string): readonly [Buffer, string, RedactionRefusal] => {
	switch (upTo(draw, 9)) {
		case 0:
			return [run("jpegtran", ["-progressive"], good), "jpegtran -progressive", "not-baseline"];
		case 1:
			return [run("jpegtran", ["-arithmetic"], good), "jpegtran -arithmetic", "not-baseline"];
		case 2:
			return [run("jpegtran", ["-progressive", "-arithmetic"], good), "jpegtran -progressive -arithmetic", "not-baseline"];
		case 3: {
			const scans = join(folder, "scans.txt");
			writeFileSync(scans, "0;\n1;\n2;\n");
			const rgb = run("djpeg", ["-ppm"], good);
			const colour = rgb.toString("latin1", 0, 2) === "P6" ? rgb : run("convert", ["-", "-type", "TrueColor", "ppm:-"], rgb);
			return [run("cjpeg", ["-scans", scans, "-quality", "70"], colour), "cjpeg -scans", "not-baseline"];
		}
		case 4:
			return [good.subarray(0, 2 + upTo(draw, good.length - 4)), "cut off", "damaged"];
		case 5:
			return [run("convert", ["jpeg:-", "png:-"], good), "a PNG", "not-baseline"];
		case 6:
			return [run("convert", ["jpeg:-", "-colorspace", "CMYK", "jpeg:-"], good), "convert -colorspace CMYK", "not-baseline"];
		case 7:
			return [turned(draw, good, folder), "exiftool -Orientation", "oriented"];
		default:
			return [
				run(
					"cjpeg",
					["-sample", pick(draw, ["3x1", "4x2", "1x4", "2x2,1x1,2x1"])],
					run("convert", ["jpeg:-", "-type", "TrueColor", "ppm:-"], good),
				),
				"another sampling",
				"not-baseline",
			];
	}
};

const turned = (draw: Draw, good: Buffer, folder: string): Buffer => {
	const path = join(folder, "turned.jpg");
	writeFileSync(path, good);
	run("exiftool", ["-q", "-overwrite_original", "-n", `-Orientation=${2 + upTo(draw, 7)}`, path]);
	return readFileSync(path);
};

/** EXIF, a thumbnail, a position, XMP, a comment, ICC, IPTC, a second picture behind the first. */
const decorate = (draw: Draw, path: string, folder: string): string => {
	const thumbnail = join(folder, "thumbnail.jpg");
	const profile = join(folder, "profile.icc");
	const args = ["-Make=Somebody", "-SerialNumber=4711", "-DateTimeOriginal=2024:01:02 03:04:05"];
	if (draw() < 0.5) args.push(`-ThumbnailImage<=${thumbnail}`);
	if (draw() < 0.5) args.push("-GPSLatitude=48.1", "-GPSLatitudeRef=N", "-GPSLongitude=11.5", "-GPSLongitudeRef=E");
	if (draw() < 0.5) args.push("-XMP-dc:Title=title", "-XMP-dc:Creator=somebody", "-XMP-exif:GPSLatitude=48.1");
	if (draw() < 0.5) args.push("-Comment=a comment");
	if (draw() < 0.3) args.push("-IPTC:Caption-Abstract=caption", "-Photoshop:URL=http://localhost/");
	if (draw() < 0.3) args.push(`-ICC_Profile<=${profile}`);
	if (draw() < 0.3) args.push("-n", "-Orientation=1");
	run("exiftool", ["-q", "-m", "-overwrite_original", ...args, path]);
	return args.map((arg) => arg.split(/[<=]/)[0]).join(" ");
};

/** An ICC profile without tags: its header says its length and has "acsp" at byte 36. */
const emptyProfile = (): Buffer => {
	const profile = Buffer.alloc(132);
	profile.writeUInt32BE(profile.length, 0);
	profile.write("mntrRGB XYZ ", 12, "latin1");
	profile.write("acsp", 36, "latin1");
	return profile;
};

/** APP2 of CIPA DC-007 with an index of no pictures. */
const multiPicture = Buffer.from([0xff, 0xe2, 0, 20, ...Buffer.from("MPF\0MM\0*"), 0, 0, 0, 8, 0, 0, 0, 0, 0, 0]);

/** Makes the files of these numbers; the folder is the caller's to remove. */
export const makeCorpus = (folder: string, numbers: readonly number[]): CorpusFile[] => {
	const sources = sourcePictures();
	run("convert", ["-size", "60x40", "gradient:red-blue", join(folder, "thumbnail.jpg")]);
	writeFileSync(join(folder, "profile.icc"), emptyProfile());
	return numbers.map((number) => {
		const draw = drawFrom(number * 7_919 + 17);
		const source = pick(draw, sources);
		let [jpeg, how] = pick(draw, makers)(draw, source, folder);
		let expected: RedactionRefusal | undefined;
		if (draw() < 0.08 && !/optimi[sz]e|optimal|convert/.test(how)) {
			jpeg = withoutTables(jpeg);
			how += ", without tables";
		} else if (draw() < 0.22) {
			const [spoilt, what, code] = spoil(draw, jpeg, folder);
			[jpeg, how, expected] = [spoilt, `${how}, ${what}`, code];
		}
		const path = join(folder, `${number}.jpg`);
		writeFileSync(path, jpeg);
		if (expected === undefined && draw() < 0.5) how += `, exiftool ${decorate(draw, path, folder)}`;
		if (expected === undefined && draw() < 0.15) {
			const first = readFileSync(path);
			writeFileSync(path, Buffer.concat([first.subarray(0, 2), multiPicture, first.subarray(2), jpeg]));
			how += ", a second picture behind it";
		}
		return { path, how, expected };
	});
};
