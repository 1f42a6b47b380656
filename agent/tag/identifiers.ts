/**
 * Looks into text values for what identifies a vehicle or a person, whatever the path says (formats-and-oracles section 4; regulations 7.2,
 * rows vin, telematics-card, key, personal.identity, personal.plate). Leans towards finding too much: a false find keeps a value inside, a
 * missed one lets it out.
 */

/** The category that the text belongs to, or undefined when nothing was found. Runs in time linear in the text; never throws. */
export const identifierIn = (text: string): IdentifierCategory | undefined => {
	if (text.length < shortest) return undefined;
	if (text.includes("PRIVATE KEY")) return "connected-operation.vehicle.key";
	if (plate.test(text)) return "personal.plate";
	if (!/\d/.test(text)) return undefined;
	for (const [, word = ""] of text.matchAll(vinShape)) if (isVin(word.toUpperCase())) return "connected-operation.vehicle.vin";
	if (mobile.test(text)) return "personal.identity";
	for (const [run] of text.matchAll(digitRun)) {
		const pieces = run.toUpperCase().split(/[ -]/);
		for (const digits of [pieces.join(""), ...pieces]) {
			const found = digitsCategory(digits);
			if (found !== undefined) return found;
		}
	}
	return undefined;
};

/**
 * True for a text that can only be a label such as a gear, or trouble codes: one word of up to 32 letters, digits and `_ . : + / -`, at most
 * five of them digits. Anything longer or freer may be a name, a place or a coordinate, and nobody can tell; it is not for leaving.
 */
export const isLabelText = (text: string): boolean =>
	(labelText.test(text) && (text.match(/\d/g)?.length ?? 0) <= maxLabelDigits) || troubleCodes.test(text);

/** True for a category that is one for identifiers. */
export const isIdentifier = (categoryId: string): boolean => (identifierCategories as readonly string[]).includes(categoryId);

export const identifierCategories = [
	"connected-operation.vehicle.vin",
	"connected-operation.vehicle.telematics-card",
	"connected-operation.vehicle.key",
	"personal.identity",
	"personal.plate",
] as const;
export type IdentifierCategory = (typeof identifierCategories)[number];

const labelText = /^[A-Za-z0-9_.:+/-]{0,32}$/;
const maxLabelDigits = 5;
/** Diagnostic trouble codes (SAE J2012, with or without a failure type), one or a list. */
const troubleCodes = /^[PCBU][0-3][0-9A-F]{3}(?:-[0-9A-F]{2})?(?:, ?[PCBU][0-3][0-9A-F]{3}(?:-[0-9A-F]{2})?){0,63}$/;

/** A plate has seven characters; nothing that is looked for is shorter. */
const shortest = 7;

/** GA 36: a province (or a special series), a letter, five or six more; the dot or space after the letter is how plates are printed. */
const plate =
	/[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领][A-HJ-NP-Z][ ·•.-]?[A-HJ-NP-Z0-9]{4,5}[A-HJ-NP-Z0-9挂学警港澳]/iu;

/** GB 16735 and ISO 3779: 17 characters without I, O and Q, also right after the letters VIN. */
const vinShape = /(?<![A-Za-z0-9])(?:VIN)?([A-HJ-NPR-Za-hj-npr-z0-9]{17})(?![A-Za-z0-9])/gi;

/** Mainland mobile number: eleven digits, in groups of 3, 4 and 4 or without, with or without the country's code. */
const mobile = /(?<!\d)(?:(?:\+|00)?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)/;

/** Groups of digits as people write them, with single blanks or hyphens between. */
const digitRun = /(?<![A-Za-z0-9])\d(?:[ -]?\d){13,40}[Xx]?(?![A-Za-z0-9])/g;

const vinWeights = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
const vinValues: Readonly<Record<string, number>> = Object.fromEntries(
	[..."0123456789", ..."ABCDEFGH", ..."JKLMN", "P", "R", ..."STUVWXYZ"].map((letter, index) => [
		letter,
		index < 10 ? index : ([1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9][index - 10] ?? 0),
	]),
);

/** The check digit of 49 CFR 565 is optional in China and Europe, so letters and digits in a likely mixture are enough. */
const isVin = (word: string): boolean => {
	const letters = word.replace(/\d/g, "").length;
	return (letters >= 3 && 17 - letters >= 3) || (letters >= 1 && hasVinCheckDigit(word));
};

const hasVinCheckDigit = (word: string): boolean => {
	const sum = vinWeights.reduce((total, weight, index) => total + weight * (vinValues[word[index] ?? ""] ?? 0), 0);
	return word[8] === "0123456789X"[sum % 11];
};

const digitsCategory = (digits: string): IdentifierCategory | undefined => {
	// ITU-T E.118: telecommunication cards start with 89.
	if (/^89\d{17,18}$/.test(digits)) return "connected-operation.vehicle.telematics-card";
	if (/^\d{17}[\dX]$/.test(digits) && hasIdentityCheck(digits)) return "personal.identity";
	// IMSI of a mainland operator (mobile country code 460).
	if (/^460\d{12}$/.test(digits)) return "connected-operation.vehicle.telematics-card";
	if (/^\d{15}$/.test(digits) && hasLuhnCheck(digits)) return "connected-operation.vehicle.telematics-card";
	if (/^[3-6]\d{15,18}$/.test(digits) && hasLuhnCheck(digits)) return "personal.identity";
	return undefined;
};

/** GB 11643 with the check character of ISO 7064 MOD 11-2. */
const hasIdentityCheck = (digits: string): boolean => {
	const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
	const sum = weights.reduce((total, weight, index) => total + weight * Number(digits[index]), 0);
	return digits[17] === "10X98765432"[sum % 11];
};

/** ISO/IEC 7812-1 annex B. */
const hasLuhnCheck = (digits: string): boolean => {
	let sum = 0;
	for (let index = 0; index < digits.length; index += 1) {
		const digit = Number(digits[digits.length - 1 - index]);
		const doubled = digit * 2;
		sum += index % 2 === 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
	}
	return sum % 10 === 0;
};
