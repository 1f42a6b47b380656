/**
 * One NMEA 0183 sentence: `$` address `,` field ... `*` two hexadecimal digits. The checksum is the exclusive or of all bytes between `$` (or
 * `!`) and `*` (IEC 61162-1, 7.2).
 *
 * A sentence without a checksum is refused: NMEA 0183 made it mandatory with version 2.01, and a position with one flipped digit looks like
 * any other. gpsd takes such sentences; who must read a receiver of the time before asks for `if-present`.
 */

export interface NmeaSentence {
	/** The first field without its `$`, such as `GPRMC` or `PUBX`. */
	readonly address: string;
	/** Two letters, such as `GP`; `P` for a maker's own sentence. */
	readonly talker: string;
	/** The sentence type without the talker, such as `RMC`; a maker's own sentence keeps its whole address (`PASHR`). */
	readonly type: string;
	/** All fields; number 0 is the address, so that numbers are those of the manuals. */
	readonly fields: readonly string[];
}

export const nmeaRefusals = ["checksum_missing", "checksum_invalid", "sentence_invalid"] as const;
export type NmeaRefusal = (typeof nmeaRefusals)[number];
export type ChecksumRule = "required" | "if-present";

const maxFields = 100;
const addressShape = /^[A-Z][A-Z0-9]{2,15}$/;
const headShape = /^.[A-Z][A-Z0-9]{2,15},/;
const checksumShape = /\*([0-9A-Fa-f]{2})$/;

/** The checksum of the characters from index `from` up to, not including, index `to`: 0 to 255. */
export const nmeaChecksum = (text: string, from: number, to: number): number => {
	let sum = 0;
	for (let index = from; index < to; index++) sum ^= text.charCodeAt(index) & 0xff;
	return sum;
};

/** Completes `GPRMC,...` to a whole sentence with `$`, checksum and CR LF. */
export const formatSentence = (body: string): string =>
	`$${body}*${nmeaChecksum(body, 0, body.length).toString(16).toUpperCase().padStart(2, "0")}\r\n`;

/**
 * Takes a sentence apart. `text` begins with `$` or `!` and has no line end; spaces at its end are ignored.
 *
 * @returns the sentence, or why it was refused. Never throws.
 */
export const parseSentence = (text: string, checksum: ChecksumRule = "required"): NmeaSentence | NmeaRefusal => {
	const trimmed = text.trimEnd();
	const start = trimmed.charCodeAt(0);
	if (start !== 0x24 && start !== 0x21) return "sentence_invalid";
	const stated = checksumShape.exec(trimmed);
	const end = stated === null ? trimmed.length : stated.index;
	if (stated === null) {
		if (trimmed.includes("*") || !headShape.test(trimmed)) return "sentence_invalid";
		if (checksum === "required") return "checksum_missing";
	} else if (Number.parseInt(stated[1] ?? "", 16) !== nmeaChecksum(trimmed, 1, end)) {
		return "checksum_invalid";
	}
	const fields = trimmed.slice(1, end).split(",", maxFields + 1);
	const address = fields[0] ?? "";
	if (fields.length > maxFields || !addressShape.test(address)) return "sentence_invalid";
	return { address, ...split(address), fields };
};

/** Talker `PQ` is Quectel's for BeiDou and QZSS; every other `P` address is a maker's own. */
const split = (address: string): { talker: string; type: string } =>
	address.length === 5 && (address.charCodeAt(0) !== 0x50 || address.startsWith("PQ"))
		? { talker: address.slice(0, 2), type: address.slice(2) }
		: { talker: address.startsWith("P") ? "P" : "", type: address };
