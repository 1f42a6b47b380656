/**
 * Cuts a stream of JPEG pictures (MJPEG, multipart) into pictures by their markers, not by a search for the end: the bytes FF D9 may stand in a
 * thumbnail. What lies between pictures is skipped. Holds one picture at the most, never longer than the bound.
 */

const marker = { soi: 0xd8, eoi: 0xd9, sos: 0xda, rst0: 0xd0, rst7: 0xd7, tem: 0x01 } as const;

/** seek: looks for a start. segment: at a marker. scan: in entropy-coded data. */
type State = "seek" | "segment" | "scan";

export class JpegSplitter {
	readonly #maxBytes: number;
	#held = new Uint8Array(65_536);
	#length = 0;
	/** Where to look on. */
	#at = 0;
	#state: State = "seek";
	#overlong = 0;
	#broken = 0;

	constructor(maxBytes: number) {
		this.#maxBytes = maxBytes;
	}

	/** Pictures that were longer than the bound and left out, since the beginning. */
	get overlong(): number {
		return this.#overlong;
	}

	/** Pictures that were left out because their markers are none, or because another one began in them. */
	get broken(): number {
		return this.#broken;
	}

	/** Takes the next bytes, borrowed for the call; the pictures that they complete, each with bytes of its own. */
	push(chunk: Uint8Array): Uint8Array[] {
		const pictures: Uint8Array[] = [];
		// In pieces, so that what is held never outgrows its bound however much comes at once.
		for (let from = 0; from < chunk.length; from += 65_536) {
			this.#append(chunk.subarray(from, from + 65_536));
			for (let picture = this.#next(); picture !== undefined; picture = this.#next()) pictures.push(picture);
		}
		return pictures;
	}

	/** Overwrites and forgets what is held: the stream ended in a picture, or begins anew. True when there was part of one. */
	end(): boolean {
		const had = this.#state !== "seek";
		this.#drop(this.#length);
		return had;
	}

	#append(bytes: Uint8Array): void {
		const needed = this.#length + bytes.length;
		if (needed > this.#held.length) {
			const grown = new Uint8Array(Math.max(needed, this.#held.length * 2));
			grown.set(this.#held.subarray(0, this.#length));
			this.#held.fill(0);
			this.#held = grown;
		}
		this.#held.set(bytes, this.#length);
		this.#length = needed;
	}

	/** The next whole picture; undefined when more bytes are needed. */
	#next(): Uint8Array | undefined {
		for (;;) {
			const step = this.#state === "seek" ? this.#seek() : this.#state === "segment" ? this.#segment() : this.#scan();
			if (step === "more") {
				if (this.#state !== "seek" && this.#length > this.#maxBytes) {
					this.#overlong += 1;
					// Not at its start again.
					this.#drop(2);
					continue;
				}
				return undefined;
			}
			if (step === "whole") {
				const picture = this.#held.slice(0, this.#at);
				this.#drop(this.#at);
				if (picture.length <= this.#maxBytes) return picture;
				this.#overlong += 1;
			}
		}
	}

	#seek(): "on" | "more" {
		for (let at = 0; at + 2 < this.#length; at++) {
			if (this.#held[at] !== 0xff || this.#held[at + 1] !== marker.soi || this.#held[at + 2] !== 0xff) continue;
			this.#drop(at);
			this.#at = 2;
			this.#state = "segment";
			return "on";
		}
		this.#drop(Math.max(0, this.#length - 2));
		return "more";
	}

	#segment(): "on" | "more" | "whole" {
		let at = this.#at;
		// A marker may be preceded by any number of fill bytes (T.81, B.1.1.2).
		while (at + 1 < this.#length && this.#held[at] === 0xff && this.#held[at + 1] === 0xff) at++;
		if (at + 4 > this.#length) {
			if (at + 2 <= this.#length && this.#held[at] === 0xff && this.#held[at + 1] === marker.eoi) {
				this.#at = at + 2;
				return "whole";
			}
			return "more";
		}
		const code = this.#held[at + 1] ?? 0;
		if (this.#held[at] !== 0xff || code === marker.soi || code === 0) return this.#breakOff();
		if (code === marker.eoi) {
			this.#at = at + 2;
			return "whole";
		}
		if (code === marker.tem || (code >= marker.rst0 && code <= marker.rst7)) {
			this.#at = at + 2;
			return "on";
		}
		const length = ((this.#held[at + 2] ?? 0) << 8) | (this.#held[at + 3] ?? 0);
		if (length < 2) return this.#breakOff();
		if (at + 2 + length > this.#length) return "more";
		this.#at = at + 2 + length;
		if (code === marker.sos) this.#state = "scan";
		return "on";
	}

	#scan(): "on" | "more" {
		for (let at = this.#held.indexOf(0xff, this.#at); at >= 0 && at + 1 < this.#length; at = this.#held.indexOf(0xff, at + 1)) {
			const code = this.#held[at + 1] ?? 0;
			if (code === 0 || code === 0xff || (code >= marker.rst0 && code <= marker.rst7)) continue;
			this.#at = at;
			this.#state = "segment";
			return "on";
		}
		// The last byte may be the first half of a marker.
		this.#at = Math.max(this.#at, this.#length - 1);
		return "more";
	}

	#breakOff(): "on" {
		this.#broken += 1;
		this.#drop(2);
		return "on";
	}

	/** Forgets the first bytes and looks for a start again. */
	#drop(count: number): void {
		this.#held.copyWithin(0, count, this.#length);
		this.#held.fill(0, this.#length - count, this.#length);
		this.#length -= count;
		this.#at = 0;
		this.#state = "seek";
	}
}
