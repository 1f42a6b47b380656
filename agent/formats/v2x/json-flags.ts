/**
 * Bit strings as some stacks write them in JSON: an object with a boolean under the name of each bit.
 */

const flags = (names: string, mark: string): string =>
	`seq { ${names
		.trim()
		.split(/\s+/)
		.map((name) => `${name}${mark}: bool`)
		.join(", ")} }`;

/** The notation of such an object; `names` are parted by white space. A name left out is not stated. */
export const jsonFlags = (names: string): string => flags(names, "?");

/** The same of a stack that always writes all of them. */
export const jsonAllFlags = (names: string): string => flags(names, "");
