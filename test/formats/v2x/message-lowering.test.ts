import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lowerMessage, stripUnspeakable } from "../../../agent/formats/v2x/message-erase.ts";
import { compileLowering } from "../../../agent/formats/v2x/message-lowering.ts";
import { leafRoles, type MessageType, type Role } from "../../../agent/formats/v2x/message-type.ts";
import { compileNotation } from "../../../agent/formats/v2x/notation.ts";
import type { MessageFields } from "../../../shared/message.ts";
import { anyContent, messagePaths, uperShape } from "../../fakes/any-message.ts";
import { frozen, leavesIn } from "../../fakes/message-leaves.ts";

const types = compileNotation(`
	Message = seq {
		must: int 0..9 @size, known: int 0..9 @speed !9, usual: int 0..9 @heading = 3, may?: int 0..9 @yaw,
		blank: seq { a: int 0..9 @lat !9, b?: int 0..9, c: list 0..3 of int 0..9 }, two?: list 2..4 of Element,
		pick?: choice { x: int 0..9 @class, y: int 0..9, ... }, inner?: seq { tag: int 0..9 @id, ... },
		...,
		added: int 0..9 @odometer, [[ left: int 0..9 @steering, right: int 0..9 ]]
	}
	Element = seq { v: int 0..9 @text, w: int 0..9 }
`);
const typeOf = (name: string): MessageType => {
	const type = types.get(name);
	if (type === undefined) throw new Error(name);
	return type;
};
const message: MessageFields = frozen({
	...{
		must: 1,
		known: 2,
		may: 4,
		blank: { a: 1, b: 2, c: [3] },
		two: [
			{ v: 1, w: 1 },
			{ v: 2, w: 2 },
			{ v: 3, w: 3 },
		],
	},
	...{ pick: { x: 1 }, inner: { tag: 1, "?": ["00"] }, added: 1, left: 1, right: 2 },
});
const plain: MessageFields = { ...message, inner: { tag: 1 } };
const without = (...names: string[]) => Object.fromEntries(Object.entries(plain).filter(([name]) => !names.includes(name)));
const erase = (...roles: Role[]) => {
	const lower = compileLowering(typeOf("Message"), ({ type }) => (type.role !== undefined && roles.includes(type.role) ? "erase" : "keep"));
	return lower(message, undefined);
};

describe("compileLowering", () => {
	it("always erases what the schema does not know", () => {
		expect(erase()).toStrictEqual(plain);
	});

	it("leaves optional fields and additions out", () => {
		expect(erase("yaw")).toStrictEqual(without("may"));
		expect(erase("odometer")).toStrictEqual(without("added"));
	});

	it("gives a mandatory field the value for the unavailable, or its default", () => {
		expect(erase("speed")).toStrictEqual({ ...plain, known: 9 });
		const given = { ...message, usual: 5 };
		const lower = compileLowering(typeOf("Message"), ({ type }) => (type.role === "heading" ? "erase" : "keep"));
		expect(lower(given, undefined)).toStrictEqual(plain);
	});

	it("erases what is around a mandatory field that cannot be unknown, up to the message", () => {
		expect(erase("id")).toStrictEqual(without("inner"));
		expect(erase("class")).toStrictEqual(without("pick"));
		expect(erase("size")).toBeUndefined();
	});

	it("erases a group of additions as a whole when one that it must have goes", () => {
		expect(erase("steering")).toStrictEqual(without("left", "right"));
	});

	it("blanks a mandatory sequence in which all can be unknown", () => {
		const lower = compileLowering(typeOf("Message"), ({ name }) => (name === "blank" ? "erase" : "keep"));
		expect(lower(message, undefined)).toStrictEqual({ ...plain, blank: { a: 9, c: [] } });
	});

	it("takes elements out of lists, and erases a list below its least size", () => {
		expect(erase("text")).toStrictEqual(without("two"));
		const dropping = (limit: number) =>
			lowerMessage(typeOf("Message"), message, ({ type }, value) => (type.role === "text" && Number(value) <= limit ? "erase" : "keep"));
		expect(dropping(1)).toStrictEqual({
			...plain,
			two: [
				{ v: 2, w: 2 },
				{ v: 3, w: 3 },
			],
		});
		expect(dropping(2)).toStrictEqual(without("two"));
	});

	it("keeps what can only go with what is around it, when it is asked to", () => {
		const lower = compileLowering(typeOf("Message"), ({ type: { role } }) =>
			role === "size" || role === "yaw" ? "erase-if-possible" : "keep",
		);
		expect(lower(message, undefined)).toStrictEqual(without("may"));
	});

	it("finds places by the end of their path, through lists and choices", () => {
		const named = (...paths: string[]) =>
			compileLowering(typeOf("Message"), ({ isNamed }) => (isNamed ? "erase" : "keep"), { paths })(message, undefined);
		expect(named("blank.b")).toStrictEqual({ ...plain, blank: { a: 1, c: [3] } });
		expect(named("blank.v", "two.b")).toStrictEqual(plain);
		expect(named("two.v")).toStrictEqual(without("two"));
		expect(named("pick.x")).toStrictEqual(without("pick"));
		expect(named("may", "added")).toStrictEqual(without("may", "added"));
	});

	it("gives back the same object when there is nothing to lower, and shares what is untouched", () => {
		expect(lowerMessage(typeOf("Message"), plain, () => "keep")).toBe(plain);
		const lowered = lowerMessage(typeOf("Message"), plain, ({ type }) => (type.role === "speed" ? { set: 0 } : "keep"));
		expect(lowered).toStrictEqual({ ...plain, known: 0 });
		expect(lowered?.blank).toBe(plain.blank);
		expect(lowered?.two).toBe(plain.two);
	});

	it("erases what is not of the kind that its type says", () => {
		for (const wrong of [1, "x", null, []])
			expect(lowerMessage(typeOf("Message"), { ...plain, inner: wrong }, () => "keep")).toStrictEqual(without("inner"));
	});
});

const fits = (path: string, content: MessageFields): void => {
	expect(() => uperShape(path).encode(content)).not.toThrow();
};

describe.each(messagePaths)("lowering any %s", (path) => {
	const { type } = uperShape(path);

	it("leaves nothing of the erased roles, fits the type, and changes nothing else", () => {
		fc.assert(
			fc.property(anyContent(path, { maxMore: 1, extensions: true, unknowns: true }), fc.subarray([...leafRoles]), (content, roles) => {
				frozen(content);
				const gone = new Set<string>(roles);
				const isGone = (role: string | undefined) => role !== undefined && gone.has(role);
				const lowered = lowerMessage(type, content, (place) => (isGone(place.type.role) ? "erase" : "keep"));
				if (lowered === undefined) return;
				fits(path, lowered);
				for (const { type: inner, value, path: at } of leavesIn(type, lowered)) {
					expect(at.at(-1)).not.toBe("?");
					if (isGone(inner.role)) expect(value).toStrictEqual(inner.unavailable);
				}
			}),
			{ numRuns: 25 },
		);
	});

	it("strips what no message may carry, once", () => {
		fc.assert(
			fc.property(anyContent(path, { maxMore: 1, extensions: true, unknowns: true }), (content) => {
				const stripped = stripUnspeakable({ type }, frozen(content));
				if (stripped === undefined) return;
				fits(path, stripped);
				expect(stripUnspeakable({ type }, stripped)).toBe(stripped);
				for (const { type: inner, value, path: at, roles } of leavesIn(type, stripped)) {
					expect(at.at(-1)).not.toBe("?");
					const isGroup = roles.some((role) => ["copy", "receiver-position"].includes(role));
					expect(isGroup).toBe(false);
					if (["stream", "vin", "plate", "text", "certificate"].includes(inner.role ?? "")) expect(value).toStrictEqual(inner.unavailable);
				}
			}),
			{ numRuns: 25 },
		);
	});
});
