/**
 * A refusal that the one who asked is told as it is: an HTTP status, a code for a program, a sentence for a person.
 */
import { KerbError } from "../../shared/errors.ts";

export class Refused extends KerbError {
	readonly status: number;
	/** Lower-case words joined by '_'; part of the API. */
	readonly reason: string;

	constructor(status: number, reason: string, message: string, problems: readonly string[] = []) {
		super("USAGE", message, { problems });
		this.status = status;
		this.reason = reason;
	}
}

/** 404. */
export const notFound = (what: string): Refused => new Refused(404, "not_found", `there is no such ${what}`);

/** 409: it would be right at another time. */
export const conflict = (reason: string, message: string, problems: readonly string[] = []): Refused =>
	new Refused(409, reason, message, problems);
