/**
 * Reads the text that candump, log2asc and asc2log of can-utils write, line by line.
 *
 *     (1533226488.230547) can0 260#08FFFB0000001884        log form (candump -l, -L; asc2log), ` R` or ` T` may follow
 *     (1533226488.230547) can0 123##311223344              CAN FD: one digit of flags, up to 64 bytes
 *     (1533226488.230547) can0 123#R4                      remote request, its length may be missing
 *      (1533226488.230547)  can0  260   [8]  08 FF FB ..   for people; the stamp may be missing, `-a` adds a column of characters
 *
 * An id of three digits is a standard one, one of eight digits an extended one, with bit 29 set an error frame. CAN XL is not read.
 */

/** One frame. The parser fills the same object again and again: copy what is to be kept. */
export interface CanFrame {
	/** The number that the line has in its stamp, in seconds; undefined where there is none. */
	tSec: number | undefined;
	/** UTC, to the microsecond; undefined where the stamp is missing or counts from the start or from the frame before. */
	tMs: number | undefined;
	bus: string;
	/** Without flags. */
	id: number;
	extended: boolean;
	remote: boolean;
	error: boolean;
	fd: boolean;
	/** The payload, borrowed: overwritten by the next line. Empty in a remote frame. */
	data: Uint8Array;
}

/** What a line was; only `frame` has filled the frame. Remarks (#, ;) and empty lines hold nothing and are no error. */
export type CandumpLine = "frame" | "nothing" | "invalid";

/** Stamps below are counted from some start (-t z, -t d): 1973 in UTC, or three years of recording. */
const firstUtcSec = 100_000_000;
const lastUtcSec = 100_000_000_000;

const maxLine = 512;
const errorFlag = 0x2000_0000;
const extendedMask = 0x1fff_ffff;
const standardMask = 0x7ff;

const hexDigits = new Int8Array(128).fill(-1);
for (let i = 0; i < 16; i++) {
	hexDigits[i.toString(16).charCodeAt(0)] = i;
	hexDigits[i.toString(16).toUpperCase().charCodeAt(0)] = i;
}

const hexAt = (text: string, at: number): number => hexDigits[text.charCodeAt(at)] ?? -1;

/** The decimal number between the places, or -1 when something else is there. At most 15 digits. */
const digitsAt = (text: string, start: number, end: number): number => {
	let value = 0;
	for (let at = start; at < end; at++) {
		const digit = text.charCodeAt(at) - 0x30;
		if (digit < 0 || digit > 9) return -1;
		value = value * 10 + digit;
	}
	return value;
};

const dateForm = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)\.(\d{1,6})$/;
const peopleForm = /^(\S{1,32})\s+(?:(?:RX|TX)\s+[B-]\s+[E-]\s+)?([0-9A-Fa-f]{3}|[0-9A-Fa-f]{8})\s+\[(\d{1,2})\]\s*(.*)$/;

export class CandumpParser {
	readonly frame: CanFrame = {
		tSec: undefined,
		tMs: undefined,
		bus: "",
		id: 0,
		extended: false,
		remote: false,
		error: false,
		fd: false,
		data: new Uint8Array(0),
	};
	readonly #bytes = new Uint8Array(64);
	/** One view for each length, so that no line makes one. */
	readonly #views = Array.from({ length: 65 }, (_, length) => this.#bytes.subarray(0, length));

	/** Reads one line without its end into `frame`. Never throws. */
	parse(line: string): CandumpLine {
		let at = 0;
		while (line.charCodeAt(at) === 0x20 || line.charCodeAt(at) === 0x09) at++;
		const first = line.charAt(at);
		if (first === "" || first === "#" || first === ";") return "nothing";
		if (line.length > maxLine) return "invalid";
		this.frame.tSec = undefined;
		this.frame.tMs = undefined;
		if (first === "(") {
			const close = line.indexOf(")", at);
			if (close < 0 || !(this.#stamp(line, at + 1, close) || this.#date(line.slice(at + 1, close)))) return "invalid";
			at = close + 1;
			while (line.charCodeAt(at) === 0x20 || line.charCodeAt(at) === 0x09) at++;
		}
		const space = line.indexOf(" ", at);
		const hash = line.indexOf("#", at);
		if (space > at && hash > space && !line.includes("[", space)) {
			this.#bus(line, at, space);
			return this.#logForm(line, space + 1, hash) ? "frame" : "invalid";
		}
		return this.#peopleForm(line.slice(at)) ? "frame" : "invalid";
	}

	/** Seconds with one to nine decimals. Read digit by digit: this runs for every line. */
	#stamp(line: string, start: number, end: number): boolean {
		const point = line.indexOf(".", start);
		const decimals = end - point - 1;
		if (point <= start || point - start > 12 || decimals < 1 || decimals > 9) return false;
		const sec = digitsAt(line, start, point);
		const fraction = digitsAt(line, point + 1, end);
		if (sec < 0 || fraction < 0) return false;
		const { frame } = this;
		const scale = 10 ** decimals;
		const whole = sec * scale + fraction;
		// One division of two exact integers is rounded once, as the text itself would be.
		frame.tSec = whole <= Number.MAX_SAFE_INTEGER ? whole / scale : Number(line.slice(start, end));
		if (sec >= firstUtcSec && sec < lastUtcSec) {
			const micros = decimals > 6 ? Math.floor(fraction / 10 ** (decimals - 6)) : fraction * 10 ** (6 - decimals);
			frame.tMs = (sec * 1_000_000 + micros) / 1_000;
		}
		return true;
	}

	#date(text: string): boolean {
		const date = dateForm.exec(text)?.map(Number);
		if (date === undefined) return false;
		// The text names no zone. candump writes the local one; a box that records is expected to run in UTC.
		const [, year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = date;
		const secUtc = Date.UTC(year, month - 1, day, hour, minute, second) / 1_000;
		const micros = Number(text.slice(text.indexOf(".") + 1).padEnd(6, "0"));
		if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60) return false;
		this.frame.tMs = (secUtc * 1_000_000 + micros) / 1_000;
		this.frame.tSec = (secUtc * 1_000_000 + micros) / 1_000_000;
		return true;
	}

	/** Keeps the name that is there when it is the same: a log names few buses. */
	#bus(line: string, start: number, end: number): void {
		if (this.frame.bus.length !== end - start || !line.startsWith(this.frame.bus, start)) this.frame.bus = line.slice(start, end);
	}

	#id(text: string, start: number, end: number): boolean {
		const digits = end - start;
		if (digits !== 3 && digits !== 8) return false;
		let id = 0;
		for (let i = start; i < end; i++) {
			const digit = hexAt(text, i);
			if (digit < 0) return false;
			id = id * 16 + digit;
		}
		const { frame } = this;
		frame.error = digits === 8 && id >= errorFlag;
		if (id > (digits === 3 ? standardMask : extendedMask + errorFlag)) return false;
		frame.id = frame.error ? id - errorFlag : id;
		frame.extended = digits === 8 && !frame.error;
		return true;
	}

	#logForm(line: string, start: number, hash: number): boolean {
		const { frame } = this;
		if (!this.#id(line, start, hash)) return false;
		let end = line.length;
		while (end > hash && line.charCodeAt(end - 1) <= 0x20) end--;
		// The direction that newer tools add, after a space.
		if (line.charCodeAt(end - 2) === 0x20 && (line.charAt(end - 1) === "R" || line.charAt(end - 1) === "T")) end -= 2;
		frame.remote = false;
		frame.fd = line.charAt(hash + 1) === "#";
		if (frame.fd) return end > hash + 2 && hexAt(line, hash + 2) >= 0 && this.#payload(line, hash + 3, end, 64);
		if (line.charAt(hash + 1) === "R") {
			frame.remote = true;
			frame.data = this.#views[0] ?? new Uint8Array(0);
			return /^R[0-8]?(?:_[9A-Fa-f])?$/.test(line.slice(hash + 1, end));
		}
		// A classic frame of 8 bytes may name a raw length code above 8.
		if (line.charAt(end - 2) === "_" && hexAt(line, end - 1) > 8) end -= 2;
		return this.#payload(line, hash + 1, end, 8);
	}

	#payload(line: string, start: number, end: number, maxBytes: number): boolean {
		const digits = end - start;
		if (digits < 0 || digits % 2 !== 0 || digits > maxBytes * 2) return false;
		for (let i = start, byte = 0; i < end; i += 2) {
			const high = hexAt(line, i);
			const low = hexAt(line, i + 1);
			if (high < 0 || low < 0) return false;
			this.#bytes[byte++] = high * 16 + low;
		}
		this.frame.data = this.#views[digits / 2] ?? new Uint8Array(0);
		return true;
	}

	#peopleForm(text: string): boolean {
		const parts = peopleForm.exec(text);
		if (parts === null) return false;
		const [, bus = "", id = "", length = "", rest = ""] = parts;
		const { frame } = this;
		if (!this.#id(id, 0, id.length)) return false;
		this.#bus(bus, 0, bus.length);
		const bytes = Number(length);
		frame.remote = rest.startsWith("remote request");
		// A length of two digits marks CAN FD.
		frame.fd = length.length === 2;
		if (bytes > (frame.fd ? 64 : 8)) return false;
		const bytesText = /^(?:[0-9A-Fa-f]{2}(?:[ `]|$))*/.exec(rest)?.[0] ?? "";
		const tokens = bytesText
			.split(/[ `]/)
			.filter((token) => token !== "")
			.slice(0, bytes);
		if (!frame.remote && tokens.length < bytes) return false;
		// `-S` prints the last byte first and marks that with grave accents.
		const hex = frame.remote ? "" : (bytesText.includes("`") ? tokens.reverse() : tokens).join("");
		return this.#payload(hex, 0, hex.length, 64);
	}
}
