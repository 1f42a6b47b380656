/**
 * What the operators of a condition (condition.ts) make of values. Anything that is not known, not a finite number, or of another kind than
 * what it is compared with makes the result unknown, never true and never false.
 */

/** undefined: not known. */
export type ConditionValue = number | string | boolean | undefined;

const finite = (value: number): ConditionValue => (Number.isFinite(value) ? value : undefined);

export const compare = (sign: string, left: ConditionValue, right: ConditionValue): boolean | undefined => {
	if (left === undefined || right === undefined || typeof left !== typeof right) return undefined;
	if (Number.isNaN(left) || Number.isNaN(right)) return undefined;
	switch (sign) {
		case "==":
			return left === right;
		case "!=":
			return left !== right;
		default:
			return typeof left === "number" && typeof right === "number" ? order(sign, left, right) : undefined;
	}
};

const order = (sign: string, left: number, right: number): boolean => {
	switch (sign) {
		case "<":
			return left < right;
		case "<=":
			return left <= right;
		case ">":
			return left > right;
		default:
			return left >= right;
	}
};

export const calculate = (sign: string, left: ConditionValue, right: ConditionValue): ConditionValue => {
	if (typeof left !== "number" || typeof right !== "number") return undefined;
	switch (sign) {
		case "+":
			return finite(left + right);
		case "-":
			return finite(left - right);
		case "*":
			return finite(left * right);
		case "/":
			return finite(left / right);
		default:
			return finite(left % right);
	}
};

/** False when either is false, unknown when neither is and one is unknown; texts and numbers are unknown here. */
export const both = (left: ConditionValue, right: () => ConditionValue): boolean | undefined => {
	if (left === false) return false;
	const other = right();
	if (other === false) return false;
	return left === true && other === true ? true : undefined;
};

export const either = (left: ConditionValue, right: () => ConditionValue): boolean | undefined => {
	if (left === true) return true;
	const other = right();
	if (other === true) return true;
	return left === false && other === false ? false : undefined;
};

export const not = (value: ConditionValue): boolean | undefined => (typeof value === "boolean" ? !value : undefined);

export const conditionFunctions: Readonly<
	Record<string, { readonly min: number; readonly max: number; readonly call: (...args: number[]) => number }>
> = {
	abs: { min: 1, max: 1, call: Math.abs },
	min: { min: 2, max: 8, call: Math.min },
	max: { min: 2, max: 8, call: Math.max },
};

/** The function over its arguments; unknown when one of them is no number. */
export const callFunction = (call: (...args: number[]) => number, args: readonly ConditionValue[]): ConditionValue => {
	const numbers = args.filter((arg) => typeof arg === "number");
	return numbers.length === args.length ? finite(call(...numbers)) : undefined;
};
