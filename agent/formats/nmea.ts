/** NMEA 0183 from bytes to epochs: framer, checksum, epochs, in one object, with counts of all that was not believed. */
import { defaultDateFloorMs } from "./nmea-clock.ts";
import { isReadType } from "./nmea-decode.ts";
import { EpochAssembler, maxTrustedSentence, type NmeaEpoch } from "./nmea-epoch.ts";
import { NmeaFramer } from "./nmea-framer.ts";
import { type ChecksumRule, parseSentence } from "./nmea-sentence.ts";

export interface NmeaOptions {
	/** Dates before it are taken for GPS week rollovers; 2017-01-01 unless given, `-Infinity` believes every date. UTC milliseconds. */
	readonly dateFloorMs?: number;
	/** `required` unless given. */
	readonly checksum?: ChecksumRule;
}

export interface NmeaCounts {
	/** Sentences that were believed. */
	readonly sentences: number;
	readonly checksumInvalid: number;
	readonly checksumMissing: number;
	/** Malformed, broken off, or too long to be one sentence. */
	readonly sentenceInvalid: number;
	readonly lineOverlong: number;
	/** Bytes that belonged to no sentence. */
	readonly skippedBytes: number;
}

/** Reads one receiver's stream. Holds one unfinished sentence and one epoch, nothing else. */
export class NmeaReader {
	readonly #framer = new NmeaFramer();
	readonly #epochs: EpochAssembler;
	readonly #checksum: ChecksumRule;
	#sentences = 0;
	#checksumInvalid = 0;
	#checksumMissing = 0;
	#sentenceInvalid = 0;

	constructor(options: NmeaOptions = {}) {
		this.#epochs = new EpochAssembler(options.dateFloorMs ?? defaultDateFloorMs);
		this.#checksum = options.checksum ?? "required";
	}

	get counts(): NmeaCounts {
		return {
			sentences: this.#sentences,
			checksumInvalid: this.#checksumInvalid,
			checksumMissing: this.#checksumMissing,
			sentenceInvalid: this.#sentenceInvalid + this.#framer.broken,
			lineOverlong: this.#framer.overlong,
			skippedBytes: this.#framer.skippedBytes,
		};
	}

	/** Takes the next chunk (borrowed for the call); returns the epochs that are due. Never throws. */
	push(chunk: Uint8Array): NmeaEpoch[] {
		return this.#read(this.#framer.push(chunk));
	}

	/** Ends the stream. */
	end(): NmeaEpoch[] {
		return this.#read(this.#framer.end());
	}

	#read(sentences: readonly string[]): NmeaEpoch[] {
		const epochs: NmeaEpoch[] = [];
		for (const text of sentences) {
			// A `!` sentence is AIS: other ships' positions, never the unit's own.
			if (text.startsWith("!")) continue;
			const sentence = parseSentence(text, this.#checksum);
			if (sentence === "checksum_invalid") this.#checksumInvalid++;
			else if (sentence === "checksum_missing") this.#checksumMissing++;
			else if (sentence === "sentence_invalid") this.#sentenceInvalid++;
			else if (text.length > maxTrustedSentence) {
				// Makers' own sentences may be long; one that says a position is not.
				if (isReadType(sentence.type)) this.#sentenceInvalid++;
				else this.#sentences++;
			} else {
				this.#sentences++;
				const epoch = this.#epochs.push(sentence);
				if (epoch !== undefined) epochs.push(epoch);
			}
		}
		return epochs;
	}
}

/** Reads a whole recording. */
export const parseNmeaLog = (
	bytes: Uint8Array,
	options: NmeaOptions = {},
): { readonly epochs: readonly NmeaEpoch[]; readonly counts: NmeaCounts } => {
	const reader = new NmeaReader(options);
	const epochs = reader.push(bytes).concat(reader.end());
	return { epochs, counts: reader.counts };
};
