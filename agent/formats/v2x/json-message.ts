/**
 * All messages that are known in JSON: by form and path, and read from bytes. The tree of each is a choice of its dialects, `{ plain: { ... } }`; JSON
 * has what is in it alone. A type is compiled when the first message of it comes.
 */
import { KerbError } from "../../../shared/errors.ts";
import type { MessageFields, MessageForm } from "../../../shared/message.ts";
import { compileJson, type JsonStyle } from "./json-compile.ts";
import type { JsonCursor } from "./json-cursor.ts";
import { itsClientPaths, itsClientTypeOf, tellItsClient } from "./json-its-client.ts";
import type { JsonField } from "./json-node.ts";
import { odePaths, odeTypeOf, tellOde } from "./json-ode.ts";
import { readToldJson } from "./json-read.ts";
import type { JsonDialect } from "./json-tell.ts";
import { tellVanetza, vanetzaPaths, vanetzaTypeOf } from "./json-vanetza.ts";
import { writeJson } from "./json-write.ts";
import type { DecodedMessage, MessageShape } from "./message-shape.ts";
import type { MessageType } from "./message-type.ts";

export type JsonForm = Exclude<MessageForm, "uper">;

interface JsonStack {
	readonly style: JsonStyle;
	readonly paths: readonly string[];
	typeOf(path: string): MessageType | undefined;
	tell(c: JsonCursor): JsonDialect | undefined;
}

const stacks: Readonly<Record<JsonForm, JsonStack>> = {
	ode: { style: "keyed", paths: odePaths, typeOf: odeTypeOf, tell: tellOde },
	"its-client": { style: "keyed", paths: itsClientPaths, typeOf: itsClientTypeOf, tell: tellItsClient },
	vanetza: { style: "bare", paths: vanetzaPaths, typeOf: vanetzaTypeOf, tell: tellVanetza },
};

interface JsonShape {
	readonly shape: MessageShape;
	/** By the names of the dialects. */
	readonly dialects: ReadonlyMap<string, JsonField>;
}

const makeShape = (form: JsonForm, path: string, type: MessageType): JsonShape => {
	const dialects = new Map(compileJson(type, stacks[form].style).fields.map((field) => [field.name, field]));
	const encode = (content: MessageFields): Uint8Array => {
		const names = Object.keys(content);
		const field = dialects.get(names[0] ?? "");
		const message = field === undefined ? undefined : content[field.name];
		if (names.length !== 1 || field === undefined || typeof message !== "object" || message === null || Array.isArray(message)) {
			throw new KerbError("FORMAT_INVALID", `${path} as ${form}: expected one of ${[...dialects.keys()].join(", ")} with its fields`);
		}
		return writeJson(field.node, message as MessageFields);
	};
	return { shape: { path, form, type, encode }, dialects };
};

/** Asked for every message and treatment: found without making a key. */
const shapes: Readonly<Record<JsonForm, Map<string, JsonShape>>> = { ode: new Map(), "its-client": new Map(), vanetza: new Map() };

const find = (form: JsonForm, path: string): JsonShape | undefined => {
	const ready = shapes[form].get(path);
	if (ready !== undefined) return ready;
	const type = stacks[form].typeOf(path);
	if (type === undefined) return undefined;
	const made = makeShape(form, path, type);
	shapes[form].set(path, made);
	return made;
};

/** Paths of all messages that are known in this form. */
export const jsonPathsOf = (form: JsonForm): readonly string[] => stacks[form].paths;

/** The shape of `V2X.<family>.<message>` in a form of JSON: always the same object. Undefined when no schema is known for it. */
export const jsonShapeOf = (form: JsonForm, path: string): MessageShape | undefined => find(form, path)?.shape;

/**
 * Reads one message. The bytes are borrowed for the call, the content is fresh. Written again it gives JSON with the same values, without what no
 * schema names and without `null` where a value may be absent.
 *
 * @throws KerbError FORMAT_INVALID when the bytes are no message of that form, or do not fit its type; nothing of the content is in its message
 */
export const decodeJsonMessage = (form: JsonForm, bytes: Uint8Array): DecodedMessage => {
	let told: JsonDialect | undefined;
	let found: JsonShape | undefined;
	const content = readToldJson(bytes, (c) => {
		told = stacks[form].tell(c);
		found = told === undefined ? undefined : find(form, told.path);
		const node = told === undefined ? undefined : found?.dialects.get(told.dialect)?.node;
		if (node === undefined) throw c.wrong(`keys of a message in the form ${form}, met none`);
		return node;
	});
	if (told === undefined || found === undefined) throw new KerbError("FORMAT_INVALID", `no message in the form ${form}`);
	return { shape: found.shape, content: { [told.dialect]: content } };
};
