/**
 * How the JPEG code says no: with one of the refusal codes that status counts, and never with anything that was in the picture.
 */
import { KerbError } from "../../shared/errors.ts";
import { type RedactionRefusal, redactionRefusals } from "../../shared/frame.ts";

/** `message` names what was expected, what came, where (an offset, a marker, an MCU), and what to do. */
export const jpegRefusal = (code: RedactionRefusal, message: string): KerbError =>
	new KerbError("FORMAT_INVALID", `JPEG refused (${code}): ${message}`, { problems: [code] });

/** The refusal code that an error of the JPEG code carries; undefined for any other error. */
export const refusalOf = (error: unknown): RedactionRefusal | undefined =>
	error instanceof KerbError && error.code === "FORMAT_INVALID"
		? redactionRefusals.find((code) => error.problems.includes(code))
		: undefined;
