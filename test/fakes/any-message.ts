/**
 * Any message of any schema in bits.
 */
import fc from "fast-check";
import { etsiPaths } from "../../agent/formats/v2x/etsi-family.ts";
import { j2735Paths } from "../../agent/formats/v2x/j2735-family.ts";
import type { MessageShape } from "../../agent/formats/v2x/message-shape.ts";
import type { SeqType } from "../../agent/formats/v2x/message-type.ts";
import { shapeOf } from "../../agent/formats/v2x/shapes.ts";
import { tcsaePaths } from "../../agent/formats/v2x/tcsae-family.ts";
import type { MessageFields } from "../../shared/message.ts";
import type { V2xMessage } from "../../shared/reading.ts";
import type { Tagged } from "../../shared/tag.ts";
import { taggedSignal } from "../contract/tagged-readings.ts";
import { anyOfType, type OfTypeOptions } from "./message-of-type.ts";

export const messagePaths: readonly string[] = [...etsiPaths, ...j2735Paths, ...tcsaePaths];

export const uperShape = (path: string): MessageShape => {
	const shape = shapeOf("uper", path);
	if (shape === undefined) throw new Error(`no schema of ${path}`);
	return shape;
};

const seqOf = (path: string): SeqType => {
	const { type } = uperShape(path);
	if (type.kind !== "seq") throw new Error(`${path} is no sequence`);
	return type;
};

export const anyContent = (path: string, options: OfTypeOptions = { maxMore: 2 }): fc.Arbitrary<MessageFields> =>
	anyOfType(seqOf(path), options);

export const taggedMessage = (path: string, content: MessageFields, over: Partial<V2xMessage> = {}): Tagged<V2xMessage> => {
	const { value: _value, kind: _kind, ...sensed } = taggedSignal({ path, sourceId: "v2x0" });
	return { ...sensed, kind: "message", path, form: "uper", datum: "wgs84", content, ...over };
};

export const anyMessage: fc.Arbitrary<Tagged<V2xMessage>> = fc
	.constantFrom(...messagePaths)
	.chain((path) => anyContent(path).map((content) => taggedMessage(path, content)));
