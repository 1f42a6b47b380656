/**
 * Bit strings as some stacks write them in JSON: an object with a boolean under the name of each bit.
 */

/** The notation of such an object; `names` are parted by white space. A name left out is not stated. */
export const jsonFlags = (names: string): string =>
	`seq { ${names
		.trim()
		.split(/\s+/)
		.map((name) => `${name}?: bool`)
		.join(", ")} }`;
