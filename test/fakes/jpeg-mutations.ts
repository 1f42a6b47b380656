/**
 * Damages JPEGs as links, disks and people do: bits, bytes, stretches that are lost, doubled, moved or zero, markers where none belong.
 */
import { type Draw, pick, upTo } from "./jpeg-pictures.ts";

const markers = [0x00, 0x01, 0xc0, 0xc1, 0xc2, 0xc4, 0xd0, 0xd1, 0xd7, 0xd8, 0xd9, 0xda, 0xdb, 0xdc, 0xdd, 0xe0, 0xe1, 0xee, 0xfe, 0xff];

const mutateOnce = (draw: Draw, bytes: Uint8Array): Uint8Array => {
	const at = upTo(draw, bytes.length);
	const length = 1 + upTo(draw, Math.min(64, bytes.length));
	// Single bits most often: what they break is least often seen.
	switch (Math.max(0, upTo(draw, 14) - 5)) {
		case 0:
			return bytes.map((byte, index) => (index === at ? byte ^ (1 << upTo(draw, 8)) : byte));
		case 1:
			return bytes.map((byte, index) => (index === at ? upTo(draw, 256) : byte));
		case 2:
			return bytes.subarray(0, at);
		case 3:
			return Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + length)]);
		case 4:
			return Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at, at + length), ...bytes.subarray(at)]);
		case 5:
			return bytes.slice().fill(pick(draw, [0, 0xff, 0x55]), at, at + length);
		case 6:
			return bytes.map((byte, index) => (index === at ? 0xff : index === at + 1 ? pick(draw, markers) : byte));
		case 7:
			return bytes.slice().copyWithin(at, upTo(draw, bytes.length), bytes.length);
		default: {
			// The headers are a small part of a file, so most of the above would miss them.
			const header = upTo(draw, Math.min(bytes.length, 700));
			return bytes.map((byte, index) => (index === header ? upTo(draw, 256) : byte));
		}
	}
};

/** One damage, or up to four one after another. */
export const mutate = (draw: Draw, bytes: Uint8Array): Uint8Array => {
	let mutated = bytes;
	for (let times = draw() < 0.6 ? 1 : 1 + upTo(draw, 4); times > 0 && mutated.length > 0; times--) mutated = mutateOnce(draw, mutated);
	return mutated;
};
