/**
 * Spoilt messages of all families without end: real ones with bits turned over, octets overwritten, cut, lengthened or put together, and noise.
 */
import fc from "fast-check";
import { shapeOf, type UperFamilyName, uperFamilyNames } from "../../../agent/formats/v2x/shapes.ts";
import { anyOfType } from "../../fakes/message-of-type.ts";
import { anyEtsi, etsiMessages } from "./etsi-messages.ts";

export interface Spoilt {
	readonly family: UperFamilyName;
	readonly octets: Uint8Array;
}

const names: Readonly<Record<Exclude<UperFamilyName, "etsi">, readonly string[]>> = {
	j2735: ["BSM", "MAP", "SPAT", "TIM", "SRM", "SSM", "PSM", "SDSM"],
	tcsae: ["BSM", "MAP", "RSM", "SPAT", "RSI"],
};

const settings = { extensions: true, unknowns: true };

const wholeOf = (family: UperFamilyName, count: number, seed: number): readonly Uint8Array[] => {
	if (family === "etsi") {
		return etsiMessages.flatMap((message) => {
			const shape = shapeOf("uper", `V2X.ETSI.${message.name}`);
			const contents = fc.sample(anyEtsi(message, settings), { numRuns: count, seed });
			return shape === undefined ? [] : contents.map((content) => shape.encode(content));
		});
	}
	return names[family].flatMap((name) => {
		const shape = shapeOf("uper", `V2X.${family.toUpperCase()}.${name}`);
		if (shape?.type.kind !== "seq") throw new Error(`no shape for ${family} ${name}`);
		return fc.sample(anyOfType(shape.type, settings), { numRuns: count, seed }).map((content) => shape.encode(content));
	});
};

/** A fixed sequence for each seed (xorshift32). */
const noise = (seed: number): ((below: number) => number) => {
	let state = seed | 1;
	return (below) => {
		state ^= state << 13;
		state ^= state >>> 17;
		state ^= state << 5;
		return (state >>> 0) % below;
	};
};

const joined = (first: Uint8Array, second: Uint8Array): Uint8Array => {
	const both = new Uint8Array(first.length + second.length);
	both.set(first);
	both.set(second, first.length);
	return both;
};

/** Octets in which lengths are large: fragments, full counts, nothing. */
const telling = [0x00, 0xff, 0xc4, 0x80, 0xbf, 0x7f];

/** Gives a new one at each call; the same ones for the same seed. */
export const spoiltMessages = (seed: number, seedsPerMessage = 12): (() => Spoilt) => {
	const random = noise(seed);
	const whole = uperFamilyNames.map((family) => ({ family, all: wholeOf(family, seedsPerMessage, seed) }));
	const pick = <T>(from: readonly T[]): T => {
		const picked = from[random(from.length)];
		if (picked === undefined) throw new Error("nothing to pick from");
		return picked;
	};
	return () => {
		const { family, all } = pick(whole);
		const octets = pick(all).slice();
		const turn = (): void => {
			const at = random(octets.length);
			octets[at] = (octets[at] ?? 0) ^ (1 << random(8));
		};
		switch (random(6)) {
			case 0:
				for (let turns = 1 + random(8); turns > 0; turns -= 1) turn();
				return { family, octets };
			case 1:
				octets[random(octets.length)] = pick(telling);
				return { family, octets };
			case 2:
				return { family, octets: octets.subarray(0, random(octets.length + 1)) };
			case 3:
				return {
					family,
					octets: joined(
						octets,
						Uint8Array.from({ length: 1 + random(4) }, () => random(256)),
					),
				};
			case 4: {
				const at = random(octets.length);
				return { family, octets: joined(octets.subarray(0, at), pick(all).subarray(at)) };
			}
			default: {
				// Behind two octets that name a message the rest is noise.
				for (let at = Math.min(2, random(4)); at < octets.length; at += 1) octets[at] = random(256);
				return { family, octets };
			}
		}
	};
};
