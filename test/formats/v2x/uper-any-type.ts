/**
 * Any type that UPER can write, nested a few levels deep.
 */
import fc from "fast-check";
import type { Field, MessageType, SeqType, SizeRange } from "../../../agent/formats/v2x/message-type.ts";

const sizes: fc.Arbitrary<SizeRange> = fc
	.tuple(fc.nat(9), fc.option(fc.nat(300), { nil: undefined }), fc.boolean())
	.map(([from, more, extensible]) =>
		more === undefined ? { from, to: undefined, extensible: false } : { from, to: from + more, extensible },
	);

const range = fc
	.tuple(fc.integer({ min: -(2 ** 50), max: 2 ** 50 }), fc.oneof(fc.nat(300), fc.nat(), fc.integer({ min: 0, max: 2 ** 50 })), fc.boolean())
	.map(([from, more, extensible]) => ({ from, to: from + more, extensible }));

const names = (prefix: string, count: number): readonly string[] => Array.from({ length: count }, (_, index) => `${prefix}${index}`);

const leaf: fc.Arbitrary<MessageType> = fc.oneof(
	range.map((each): MessageType => ({ kind: "int", ...each })),
	fc.nat(1_000).map((from): MessageType => ({ kind: "int", from, to: undefined, extensible: false })),
	fc.constant<MessageType>({ kind: "int", from: undefined, to: undefined, extensible: false }),
	fc.tuple(fc.integer({ min: 1, max: 70 }), fc.option(fc.nat(70), { nil: undefined })).map(
		([root, more]): MessageType => ({
			kind: "enum",
			names: names("e", root),
			additions: more === undefined ? undefined : names("x", more),
		}),
	),
	fc.constantFrom<MessageType>({ kind: "bool" }, { kind: "null" }),
	sizes.chain((size) => fc.constantFrom<MessageType>({ kind: "bits", size }, { kind: "octets", size })),
	fc
		.tuple(fc.constantFrom("ia5", "visible", "printable", "numeric", "utf8"), sizes)
		.map(([charset, size]): MessageType => ({ kind: "text", charset, size })),
	sizes.map((size): MessageType => ({ kind: "text", charset: "ia5", alphabet: "ACGTZ", size })),
);

const { type } = fc.letrec<{ type: MessageType; seq: SeqType }>((tie) => {
	const types = (most: number) => fc.array(tie("type"), { minLength: 1, maxLength: most });
	const fields = (prefix: string) =>
		fc
			.array(fc.tuple(tie("type"), fc.boolean()), { maxLength: 4 })
			.map((all) => all.map(([of, optional], index): Field => ({ name: `${prefix}${index}`, type: of, optional })));
	return {
		type: fc.oneof(
			{ depthSize: "small", maxDepth: 4 },
			leaf,
			tie("seq"),
			fc.tuple(types(4), fc.option(types(3), { nil: undefined })).map(
				([root, added]): MessageType => ({
					kind: "choice",
					alternatives: root.map((of, index) => ({ name: `c${index}`, type: of, optional: false })),
					additions: added?.map((of, index) => ({ name: `d${index}`, type: of, optional: false })),
				}),
			),
			fc.tuple(tie("type"), fc.nat(3), fc.nat(4), fc.boolean()).map(
				([of, from, more, extensible]): MessageType => ({
					kind: "list",
					of,
					size: { from, to: from + more, extensible },
				}),
			),
		),
		seq: fc.tuple(fields("f"), fc.option(fields("g"), { nil: undefined }), fields("h")).map(
			([root, alone, group]): SeqType => ({
				kind: "seq",
				fields: root,
				additions: alone && [
					...alone.map((field) => ({ isGroup: false, fields: [{ ...field, optional: true }] })),
					...(group.length > 0 ? [{ isGroup: true, fields: group }] : []),
				],
			}),
		),
	};
});

/** A sequence with one value of any type, so that values of it can be made by message-of-type.ts. */
export const anyType: fc.Arbitrary<SeqType> = type.map((of) => ({
	kind: "seq",
	fields: [
		{ name: "before", type: { kind: "bool" }, optional: false },
		{ name: "value", type: of, optional: false },
	],
	additions: undefined,
}));
