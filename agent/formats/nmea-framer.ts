/**
 * Finds NMEA 0183 sentences in a byte stream that may hold anything else: half sentences, line noise, UBX, SiRF or RTCM frames, comments of a
 * recording. Nothing is believed here but the shape: `$` or `!`, printable ASCII, line end.
 *
 * | byte                          | outside a sentence | inside a sentence                          |
 * |-------------------------------|--------------------|--------------------------------------------|
 * | `$` 0x24, `!` 0x21            | begins one         | `$` begins a new one, the old one is broken |
 * | 0x20 to 0x7E                  | skipped            | kept                                       |
 * | CR 0x0D, LF 0x0A              | a line begins      | ends it                                    |
 * | `#` 0x23 at the start of a line | a comment up to the line end or the first unprintable byte | kept |
 * | anything else                 | skipped            | the sentence is broken off                 |
 */

/** NMEA 0183 allows 82 characters; real receivers go past it. Bounds the memory, not the belief. */
export const maxSentenceBytes = 4_096;

const dollar = 0x24;
const bang = 0x21;
const hash = 0x23;

export class NmeaFramer {
	readonly #buffer = Buffer.alloc(maxSentenceBytes);
	#length = 0;
	#inside = false;
	#comment = false;
	#lineStart = true;
	/** Bytes that belonged to no sentence: noise, binary frames, broken sentences. Line ends and comments are not counted. */
	skippedBytes = 0;
	/** Sentences that never ended: cut by another `$`, by an unprintable byte or by the end of the stream. */
	broken = 0;
	/** Sentences longer than the bound, given up. */
	overlong = 0;

	/** Takes the next chunk (borrowed for the call); returns the sentences that it finished, from `$` up to the line end, which is left out. */
	push(chunk: Uint8Array): string[] {
		const sentences: string[] = [];
		for (const byte of chunk) {
			if (this.#inside) this.#in(byte, sentences);
			else this.#out(byte);
		}
		return sentences;
	}

	/** Ends the stream: a last sentence without a line end is returned, since its checksum still says whether it is whole. */
	end(): string[] {
		const sentences: string[] = [];
		if (this.#inside) this.#finish(sentences);
		this.#lineStart = true;
		this.#comment = false;
		return sentences;
	}

	#out(byte: number): void {
		const lineEnd = byte === 0x0a || byte === 0x0d;
		if (this.#comment && !lineEnd && byte >= 0x20 && byte <= 0x7e) return;
		this.#comment = this.#lineStart && byte === hash;
		this.#lineStart = lineEnd;
		if (byte === dollar || byte === bang) this.#begin(byte);
		else if (!lineEnd && !this.#comment) this.skippedBytes++;
	}

	#in(byte: number, sentences: string[]): void {
		if (byte === 0x0a || byte === 0x0d) this.#finish(sentences);
		else if (byte === dollar) {
			this.#break();
			this.#begin(byte);
		} else if (byte < 0x20 || byte > 0x7e) {
			this.#break();
			this.skippedBytes++;
		} else if (this.#length === maxSentenceBytes) {
			this.overlong++;
			this.skippedBytes += this.#length + 1;
			this.#inside = false;
		} else {
			this.#buffer[this.#length++] = byte;
		}
	}

	#begin(byte: number): void {
		this.#inside = true;
		this.#lineStart = false;
		this.#buffer[0] = byte;
		this.#length = 1;
	}

	#break(): void {
		this.broken++;
		this.skippedBytes += this.#length;
		this.#inside = false;
	}

	#finish(sentences: string[]): void {
		sentences.push(this.#buffer.toString("latin1", 0, this.#length));
		this.#inside = false;
		this.#lineStart = true;
	}
}
