/**
 * What the TUF client threw, in this project's words. The client tells its reasons by the message alone once it has wrapped an error, so
 * they are read from there; a reason that is not known here is LAW_INVALID, never an acceptance.
 */
import { isKerbError, KerbError, type KerbErrorCode } from "../../shared/errors.ts";

const reasons: readonly { readonly in: RegExp; readonly code: KerbErrorCode; readonly means: string }[] = [
	{ in: /is expired/, code: "LAW_EXPIRED", means: "its time is over, or the unit's clock is wrong; publish fresh signatures (law sign)" },
	{
		in: /was signed by \d+\/\d+ keys|failed to verify|no signature/,
		code: "LAW_SIGNATURE",
		means: "too few of the role's keys have signed it",
	},
	{
		in: /less than current version|Missing file .* in new snapshot/,
		code: "LAW_ROLLBACK",
		means: "it is older than what this unit has seen",
	},
	{
		in: /Expected version|does not match snapshot version|doesn't match timestamp/,
		code: "LAW_ROLLBACK",
		means: "its versions do not belong together",
	},
	{
		in: /Expected (?:length|hash)|length|hash/i,
		code: "LAW_SIGNATURE",
		means: "its bytes are not the ones that were signed for",
	},
	{ in: /there is no /, code: "LAW_UNAVAILABLE", means: "the repository lacks a file; publish it whole" },
];

/**
 * @param error What the client threw.
 * @param failure What fetching threw meanwhile, if it did: it says more than the client's text.
 */
export const tufRefusal = (error: unknown, failure: unknown): KerbError => {
	if (isKerbError(failure)) return failure;
	if (isKerbError(error)) return error;
	const text = error instanceof Error ? error.message : "unknown";
	const reason = reasons.find((each) => each.in.test(text));
	const said = text.replaceAll(/[^\x20-\x7e]/g, " ").slice(0, 200);
	if (reason === undefined) return new KerbError("LAW_INVALID", `the law's metadata was refused: ${said}`, { cause: error });
	return new KerbError(reason.code, `the law's metadata was refused: ${reason.means} (${said})`, { cause: error });
};
