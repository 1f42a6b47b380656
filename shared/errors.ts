/**
 * The one error class. A code from a closed list tells a program what happened; the message tells a person what was expected, what came,
 * where, and what to do. No message ever holds a value that was sensed.
 */

export const kerbErrorCodes = [
	"USAGE",
	"CONFIG_INVALID",
	"STATE_INVALID",
	"KEY_INVALID",
	"LAW_MISSING",
	"LAW_INVALID",
	"LAW_SIGNATURE",
	"LAW_EXPIRED",
	"LAW_ROLLBACK",
	"LAW_UNAVAILABLE",
	"TREATMENT_INVALID",
	"FORMAT_INVALID",
	"SOURCE_UNAVAILABLE",
	"ENVELOPE_INVALID",
	"ENVELOPE_SIGNATURE",
	"ENVELOPE_NO_KEY",
	"ENVELOPE_DECRYPT",
	"SPOOL_CORRUPT",
	"SPOOL_FULL",
	"LEDGER_BROKEN",
	"OUTLET_REFUSED",
	"LINK_FAILED",
	"CONTROL_UNAVAILABLE",
	"INTERNAL",
] as const;

export type KerbErrorCode = (typeof kerbErrorCodes)[number];

export interface KerbErrorOptions {
	readonly cause?: unknown;
	/** Every problem found, one line each, when there is more than one. */
	readonly problems?: readonly string[];
}

export class KerbError extends Error {
	override readonly name = "KerbError";
	readonly code: KerbErrorCode;
	readonly problems: readonly string[];

	constructor(code: KerbErrorCode, message: string, options: KerbErrorOptions = {}) {
		super(message, "cause" in options ? { cause: options.cause } : undefined);
		this.code = code;
		this.problems = options.problems ?? [];
	}
}

/** True for a KerbError, of the given code if one is named. */
export const isKerbError = (error: unknown, code?: KerbErrorCode): error is KerbError =>
	error instanceof KerbError && (code === undefined || error.code === code);

const systemCode = (error: unknown): unknown => (error instanceof Error ? (error as Error & { code?: unknown }).code : undefined);

/** True when a file or folder was not there. */
export const isMissingFile = (error: unknown): boolean => systemCode(error) === "ENOENT";

/** True when something was there already. */
export const isExistingFile = (error: unknown): boolean => systemCode(error) === "EEXIST";
