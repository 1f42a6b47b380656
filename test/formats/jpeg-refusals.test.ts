import { describe, expect, it } from "vitest";
import { parseJpeg } from "../../agent/formats/jpeg-markers.ts";
import { maskJpeg } from "../../agent/formats/jpeg-mask.ts";
import { refusalOf } from "../../agent/formats/jpeg-refusal.ts";
import type { Box, RedactionRefusal } from "../../shared/frame.ts";
import { drawFrom, drawPicture } from "../fakes/jpeg-pictures.ts";
import { readJpeg } from "../fakes/jpeg-reader.ts";
import { type CoefficientPicture, mcuCount, type WriterOptions, writeJpeg } from "../fakes/jpeg-writer.ts";

const grey = (dcs: readonly number[], restartInterval = 0): CoefficientPicture => ({
	widthPx: 8 * dcs.length,
	heightPx: 8,
	factors: [[1, 1]],
	restartInterval,
	mcus: dcs.map((dc) => [[dc, 5, ...Array.from({ length: 62 }, () => 0)]]),
});
const small = grey([10, -20, 30, 40, 50, 60]);
const restarting = grey([10, -20, 30, 40, 50, 60], 2);

const coloured = (factors: CoefficientPicture["factors"]): CoefficientPicture => {
	const shape = { widthPx: 20, heightPx: 20, factors };
	const blocks = factors.reduce((sum, [h, v]) => sum + h * v, 0);
	const mcu = Array.from({ length: blocks }, () => Array.from({ length: 64 }, () => 0));
	return { ...shape, restartInterval: 0, mcus: Array.from({ length: mcuCount(shape) }, () => mcu) };
};
const yuv = coloured([
	[2, 2],
	[1, 1],
	[1, 1],
]);

const file = (picture: CoefficientPicture, options: Partial<WriterOptions> = {}): Uint8Array =>
	writeJpeg(picture, { codes: "annex-k", ...options });

/** The code that it is refused with; undefined when it is taken. */
const refusal = (bytes: Uint8Array, boxes: readonly Box[] = []): RedactionRefusal | undefined => {
	try {
		maskJpeg(bytes, boxes);
		return undefined;
	} catch (error) {
		const code = refusalOf(error);
		if (code === undefined) throw error;
		return code;
	}
};

/** Where a segment's marker is, at the 0xFF. */
const find = (bytes: Uint8Array, marker: number): number => bytes.findIndex((byte, at) => byte === 0xff && bytes[at + 1] === marker);

/** A copy with bytes written over it at an offset from a marker; 4 is the first byte of the segment's content. */
const edited = (bytes: Uint8Array, marker: number, offset: number, ...values: readonly number[]): Uint8Array => {
	const copy = bytes.slice();
	copy.set(values, find(bytes, marker) + offset);
	return copy;
};

const inserted = (bytes: Uint8Array, marker: number, ...values: readonly number[]): Uint8Array => {
	const at = find(bytes, marker);
	return Uint8Array.from([...bytes.subarray(0, at), ...values, ...bytes.subarray(at)]);
};

const frameHeader = (bytes: Uint8Array): number[] => [...bytes.subarray(find(bytes, 0xc0), find(bytes, 0xc4))];

/** TIFF in an APP1 segment: IFD0 with one entry. */
const exif = (order: "II" | "MM", tag: number, type: number, value: readonly number[], count = 1): number[] => {
	const word = (number: number): number[] => (order === "II" ? [number & 0xff, number >> 8] : [number >> 8, number & 0xff]);
	const long = (number: number): number[] => (order === "II" ? [...word(number), 0, 0] : [0, 0, ...word(number)]);
	const letter = order.charCodeAt(0);
	const tiff = [letter, letter, ...word(42), ...long(8), ...word(1), ...word(tag), ...word(type), ...long(count), ...value, ...long(0)];
	return app1([0x45, 0x78, 0x69, 0x66, 0, 0, ...tiff]);
};
const app1 = (content: readonly number[]): number[] => [0xff, 0xe1, 0, content.length + 2, ...content];

const plain = file(small);

describe("maskJpeg refuses as not-baseline", () => {
	const cases: readonly (readonly [string, Uint8Array])[] = [
		["a PNG", Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])],
		...[0xc2, 0xc3, 0xc5, 0xc6, 0xc7, 0xc8, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf].map(
			(marker) => [`frame header FF${marker.toString(16)}`, file(small, { startOfFrame: marker })] as const,
		),
		["arithmetic conditioning", inserted(plain, 0xda, 0xff, 0xcc, 0, 4, 0, 0)],
		["a hierarchy", inserted(plain, 0xc0, 0xff, 0xde, 0, 11, 8, 0, 8, 0, 8, 1, 1, 0x11, 0)],
		["samples of 12 bits in an extended frame", edited(file(small, { startOfFrame: 0xc1 }), 0xc1, 4, 12)],
		["two frame headers", inserted(plain, 0xc4, ...frameHeader(plain))],
		["a height that is told later", edited(plain, 0xc0, 5, 0, 0)],
		["a height after the scan", file(small, { tail: [0xff, 0xdc, 0, 4, 0, 8] })],
		["a second scan", file(small, { tail: [0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0] })],
		["a second frame after the scan", file(small, { tail: frameHeader(plain) })],
		["a scan of one of three components", edited(inserted(file(yuv), 0xda, 0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0), 0xda, 4, 1)],
		["a scan of a part of the coefficients", edited(plain, 0xda, 7, 0, 5, 0)],
		["a scan of a part of the bits", edited(plain, 0xda, 7, 0, 63, 0x10)],
		[
			"two components",
			file(
				coloured([
					[1, 1],
					[1, 1],
				]),
			),
		],
		[
			"four components",
			file(
				coloured([
					[1, 1],
					[1, 1],
					[1, 1],
					[1, 1],
				]),
				{ ids: [1, 2, 3, 4] },
			),
		],
		[
			"sampling 4:1:0",
			file(
				coloured([
					[4, 2],
					[1, 1],
					[1, 1],
				]),
			),
		],
		[
			"sampling 1x4",
			file(
				coloured([
					[1, 4],
					[1, 1],
					[1, 1],
				]),
			),
		],
		[
			"chrominance finer than luminance",
			file(
				coloured([
					[1, 1],
					[2, 1],
					[2, 1],
				]),
			),
		],
		[
			"chrominances that differ",
			file(
				coloured([
					[2, 2],
					[1, 1],
					[2, 1],
				]),
			),
		],
		["an unknown marker", inserted(plain, 0xdb, 0xff, 0xf3, 0, 4, 1, 2)],
		["a reserved marker", inserted(plain, 0xdb, 0xff, 0x02, 0, 4, 1, 2)],
		[
			"APP14 that says YCCK of three components",
			file(yuv, { segments: [0xff, 0xee, 0, 14, 0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0, 2] }),
		],
	];
	it.each(cases)("%s", (_, bytes) => {
		expect(refusal(bytes)).toBe("not-baseline");
	});

	it("quantisation of 16 bits in a baseline frame, but takes it in an extended one", () => {
		const wide = (startOfFrame: number): Uint8Array => {
			const bytes = file(small, { startOfFrame });
			return inserted(bytes, startOfFrame, 0xff, 0xdb, 0, 131, 0x10, ...Array.from({ length: 64 }, () => [1, 44]).flat());
		};
		expect(refusal(wide(0xc0))).toBe("not-baseline");
		const kept = readJpeg(maskJpeg(wide(0xc1), []).jpeg).quant;
		expect(kept).toEqual([Array.from({ length: 64 }, () => 300)]);
	});

	it("Huffman tables 2 and 3 in a baseline frame, but takes them in an extended one", () => {
		const third = (startOfFrame: number): Uint8Array => {
			const bytes = file(small, { startOfFrame });
			const table = find(bytes, 0xc4) + 4;
			return edited(edited(bytes, 0xc4, 4, 2), 0xda, 6, 0x20).map((byte, at) => (at === table ? 2 : byte));
		};
		expect(refusal(third(0xc0))).toBe("not-baseline");
		expect(refusal(third(0xc1))).toBeUndefined();
	});
});

describe("maskJpeg refuses as damaged", () => {
	const table = [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
	const cases: readonly (readonly [string, Uint8Array])[] = [
		["nothing", new Uint8Array()],
		["bytes between segments", inserted(plain, 0xc0, 0)],
		["a second start of image", inserted(plain, 0xc0, 0xff, 0xd8)],
		["an end before the scan", inserted(plain, 0xc0, 0xff, 0xd9)],
		["a restart before the scan", inserted(plain, 0xc0, 0xff, 0xd0)],
		["a segment longer than the file", edited(plain, 0xc4, 2, 0xff, 0xff)],
		["a segment without a length", edited(plain, 0xc4, 2, 0, 1)],
		["a scan before the frame", inserted(plain, 0xdb, 0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0)],
		["no width", edited(plain, 0xc0, 7, 0, 0)],
		["a sampling factor of 0", edited(plain, 0xc0, 11, 0x01)],
		["a sampling factor of 5", edited(plain, 0xc0, 11, 0x15)],
		["two components of one id", edited(file(yuv), 0xc0, 13, 1)],
		["a scan of other components", edited(plain, 0xda, 5, 9)],
		["a quantisation table that is not there", edited(plain, 0xc0, 12, 3)],
		["a Huffman table that is not there", edited(plain, 0xda, 6, 0x11)],
		["a quantisation table that divides by zero", edited(plain, 0xdb, 10, 0)],
		["a quantisation table that is cut off", inserted(plain, 0xc0, 0xff, 0xdb, 0, 10, 0, 1, 1, 1, 1, 1, 1, 1)],
		["a Huffman table that is cut off", inserted(plain, 0xda, 0xff, 0xc4, 0, 20, 0, ...table)],
		["a Huffman table of class 2", inserted(plain, 0xda, 0xff, 0xc4, 0, 20, 0x20, ...table, 0)],
		["a Huffman table with two codes of one bit", inserted(plain, 0xda, 0xff, 0xc4, 0, 21, 1, 2, ...table.slice(1), 0, 1)],
		["a Huffman table with a DC of 12 bits", inserted(plain, 0xda, 0xff, 0xc4, 0, 20, 1, ...table, 12)],
		["a restart interval of three bytes", inserted(plain, 0xda, 0xff, 0xdd, 0, 5, 0, 1, 0)],
		["a comment after the scan", file(small, { tail: [0xff, 0xfe, 0, 3, 65] })],
		["a table after the scan", file(small, { tail: [0xff, 0xc4, 0, 20, 0, ...table, 0] })],
		["restarts without an interval", edited(file(restarting), 0xdd, 4, 0, 0)],
		["one restart too many", file(restarting, { tail: [0xff, 0xd2] })],
		["restarts out of order", edited(file(restarting), 0xd1, 0, 0xff, 0xd2)],
		["too few restarts", edited(file(restarting), 0xdd, 4, 0, 1)],
		["more coded data than MCUs", file(small, { tail: [0x12, 0x34] })],
		["more coded data than MCUs before a restart", inserted(file(restarting), 0xd0, 0)],
		["zeros after the scan, more than any hardware fills up", file(small, { tail: Array.from({ length: 40 }, () => 0) })],
		["a DC that 8-bit samples cannot have", file(grey([2_000, 2_048]))],
		["a DC as far below", file(grey([-2_000, -2_048]))],
		["fewer MCUs than the picture", edited(plain, 0xc0, 7, 0, 64)],
		["EXIF without TIFF", file(small, { segments: app1([0x45, 0x78, 0x69, 0x66, 0, 0]) })],
		[
			"EXIF with a directory beyond its end",
			file(small, { segments: app1([0x45, 0x78, 0x69, 0x66, 0, 0, 0x49, 0x49, 42, 0, 0xff, 0, 0, 0, 0, 0]) }),
		],
	];
	it.each(cases)("%s", (_, bytes) => {
		expect(refusal(bytes)).toBe("damaged");
	});

	it("a file cut off after any of its bytes", () => {
		for (const bytes of [plain, file(restarting), file(drawPicture(drawFrom(3), { maxWidthPx: 30, maxHeightPx: 30 }))]) {
			for (let length = 0; length < bytes.length; length++) expect(refusal(bytes.slice(0, length))).toBe("damaged");
			expect(refusal(bytes)).toBeUndefined();
		}
	});

	it("but takes DCs up to twice of what 8-bit samples have", () => {
		expect(refusal(file(grey([2_047, 10, -2_037])), [{ xPx: 9, yPx: 0, widthPx: 1, heightPx: 1 }])).toBeUndefined();
	});

	it("too few restart markers already when its markers are read", () => {
		expect(() => parseJpeg(edited(file(restarting), 0xdd, 4, 0, 1))).toThrowError(/expected 5 restart markers, got 2/);
	});

	it("fill bytes before a stuffed zero, which mean nothing", () => {
		const bytes = file(grey([-1_023, 1_023, -1_023, 1_023]));
		const { scanStart } = parseJpeg(bytes);
		const at = bytes.indexOf(0xff, scanStart);
		expect(bytes[at + 1]).toBe(0);
		expect(refusal(bytes)).toBeUndefined();
		expect(refusal(Uint8Array.from([...bytes.subarray(0, at), 0xff, ...bytes.subarray(at)]))).toBe("damaged");
	});

	it("a scan that no bits could fill, whatever the header says of its size, before memory is taken for it", () => {
		const huge = edited(plain, 0xc0, 5, 0x20, 0, 0x20, 0);
		expect(refusal(huge)).toBe("damaged");
		expect(() => maskJpeg(huge, [])).toThrowError(/its scan is too short for its size/);
	});
});

describe("maskJpeg refuses", () => {
	it("more pixels than any camera has as too-large", () => {
		expect(refusal(edited(plain, 0xc0, 5, 0xff, 0xff, 0xff, 0xff))).toBe("too-large");
		expect(refusal(new Uint8Array(64 * 1_024 * 1_024 + 1))).toBe("too-large");
	});

	it.each(["II", "MM"] as const)("an orientation other than 1 as oriented (%s)", (order) => {
		const short = (value: number): number[] => (order === "II" ? [value, 0, 0, 0] : [0, value, 0, 0]);
		const withExif = (...entry: readonly [number, number, readonly number[], number?]): Uint8Array =>
			file(small, { segments: exif(order, ...entry) });
		expect(refusal(withExif(0x0112, 3, short(1)))).toBeUndefined();
		expect(refusal(withExif(0x0110, 3, short(6)))).toBeUndefined();
		for (const value of [0, 2, 3, 4, 5, 6, 7, 8, 9]) expect(refusal(withExif(0x0112, 3, short(value)))).toBe("oriented");
		expect(refusal(withExif(0x0112, 4, order === "II" ? [6, 0, 0, 0] : [0, 0, 0, 6]))).toBe("oriented");
		expect(refusal(withExif(0x0112, 2, short(1)))).toBe("oriented");
		expect(refusal(withExif(0x0112, 3, short(1), 2))).toBe("oriented");
	});

	it("boxes that are none as detector-nonsense, and takes those without size or off the picture", () => {
		const box = { xPx: 0, yPx: 0, widthPx: 4, heightPx: 4 };
		for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
			for (const side of ["xPx", "yPx", "widthPx", "heightPx"] as const)
				expect(refusal(plain, [box, { ...box, [side]: value }])).toBe("detector-nonsense");
		}
		expect(refusal(plain, [{ ...box, widthPx: -1 }])).toBe("detector-nonsense");
		expect(refusal(plain, [{ ...box, heightPx: -1 }])).toBe("detector-nonsense");
		expect(refusal(plain, [{ ...box, widthPx: 0, heightPx: 0 }])).toBeUndefined();
		expect(refusal(plain, [{ ...box, xPx: -1e300, widthPx: 1e300 }])).toBeUndefined();
	});

	it("more boxes than any rule allows as too-many-boxes", () => {
		const boxes = (count: number): Box[] => Array.from({ length: count }, () => ({ xPx: 0, yPx: 0, widthPx: 1, heightPx: 1 }));
		expect(refusal(plain, boxes(10_000))).toBeUndefined();
		expect(refusal(plain, boxes(10_001))).toBe("too-many-boxes");
	});
});
