/**
 * Which way up a picture is to be shown, by its EXIF segment. Boxes are in pixels as they are stored: where a viewer would turn the picture, a
 * detector may have turned it too, and the boxes would lie elsewhere.
 *
 * APP1 of EXIF (CIPA DC-008, 4.5 and 4.7): "Exif", 0, a fill byte, then TIFF 6.0: byte order "II" or "MM", 42, the offset of IFD0 from the byte
 * order; IFD0 is a count of entries (2 bytes) and 12 bytes for each: tag, type, count, value.
 */
import { jpegRefusal } from "./jpeg-refusal.ts";

const orientationTag = 0x0112;
const byteType = 1;
const shortType = 3;
const longType = 4;

/** Takes an APP1 segment without marker and length; of other things than EXIF it says nothing. @throws KerbError FORMAT_INVALID `oriented`, or `damaged` where EXIF cannot be read */
export const requireUpright = (segment: Uint8Array): void => {
	if (String.fromCharCode(...segment.subarray(0, 5)) !== "Exif\0") return;
	const tiff = segment.subarray(6);
	const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
	const order = tiff.length < 8 ? 0 : view.getUint16(0);
	const little = order === 0x4949;
	if ((!little && order !== 0x4d4d) || view.getUint16(2, little) !== 42) {
		throw jpegRefusal("damaged", "its EXIF segment has no TIFF header, so its orientation is not known");
	}
	const ifd = view.getUint32(4, little);
	const entries = ifd + 2 <= tiff.length ? view.getUint16(ifd, little) : 0;
	if (ifd + 2 + 12 * entries > tiff.length || entries === 0) {
		throw jpegRefusal("damaged", "its EXIF directory is cut off or empty, so its orientation is not known");
	}
	for (let entry = 0; entry < entries; entry++) {
		const at = ifd + 2 + 12 * entry;
		if (view.getUint16(at, little) === orientationTag && valueAt(view, at, little) !== 1) {
			throw jpegRefusal("oriented", "its EXIF orientation is not 1 (upright); turn the pixels at the source or send it without EXIF");
		}
	}
};

/** A single whole number; 0 for anything else, which is no orientation. */
const valueAt = (view: DataView, at: number, little: boolean): number => {
	if (view.getUint32(at + 4, little) !== 1) return 0;
	switch (view.getUint16(at + 2, little)) {
		case byteType:
			return view.getUint8(at + 8);
		case shortType:
			return view.getUint16(at + 8, little);
		case longType:
			return view.getUint32(at + 8, little);
		default:
			return 0;
	}
};
