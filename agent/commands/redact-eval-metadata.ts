/** Which segments a JPEG holds, told without the code that writes redacted pictures. */

export interface SegmentAudit {
	/** Names of segments that a redacted picture must not have, and `after the end` for bytes behind the picture. */
	readonly foreign: readonly string[];
	readonly hasExif: boolean;
	readonly hasThumbnail: boolean;
}

/** SOI, EOI, DQT, DHT, DRI, SOS, SOF0, SOF1, RST and Adobe's colour transform. */
const plain = new Set([0xd8, 0xd9, 0xdb, 0xc4, 0xdd, 0xda, 0xc0, 0xc1]);

/** Never throws: what cannot be read is `unreadable`. */
export const auditSegments = (jpeg: Uint8Array): SegmentAudit => {
	const foreign: string[] = [];
	let [hasExif, hasThumbnail] = [false, false];
	let at = 2;
	if (jpeg[0] !== 0xff || jpeg[1] !== 0xd8) return { foreign: ["unreadable"], hasExif, hasThumbnail };
	while (at + 4 <= jpeg.length) {
		const marker = jpeg[at + 1] ?? 0;
		if (jpeg[at] !== 0xff) return { foreign: [...foreign, "unreadable"], hasExif, hasThumbnail };
		if (marker === 0xff) {
			at++;
			continue;
		}
		const length = ((jpeg[at + 2] ?? 0) << 8) | (jpeg[at + 3] ?? 0);
		const content = jpeg.subarray(at + 4, at + 2 + length);
		const isAdobe = marker === 0xee && length === 14 && startsWith(content, "Adobe");
		if (!plain.has(marker) && !isAdobe) foreign.push(marker === 0xfe ? "COM" : `FF${marker.toString(16).toUpperCase()}`);
		if (marker === 0xe1 && startsWith(content, "Exif")) {
			hasExif = true;
			// A picture within: its start and its quantisation tables.
			hasThumbnail ||= indexOfPair(content, 0xff, 0xd8) >= 0;
		}
		at += 2 + length;
		if (marker === 0xda) break;
	}
	const end = endOfScan(jpeg, at);
	if (end === undefined) foreign.push("no end");
	else if (end < jpeg.length) foreign.push("after the end");
	return { foreign, hasExif, hasThumbnail };
};

const startsWith = (bytes: Uint8Array, text: string): boolean => [...text].every((character, at) => bytes[at] === character.charCodeAt(0));

const indexOfPair = (bytes: Uint8Array, first: number, second: number): number => {
	for (let at = bytes.indexOf(first); at >= 0; at = bytes.indexOf(first, at + 1)) if (bytes[at + 1] === second) return at;
	return -1;
};

/** The byte after the first EOI behind `from`. */
const endOfScan = (bytes: Uint8Array, from: number): number | undefined => {
	const at = indexOfPair(bytes.subarray(from), 0xff, 0xd9);
	return at < 0 ? undefined : from + at + 2;
};
