/**
 * All messages that are known: by form and path, and read from octets. A family is a standard's set of messages and adds one line to `families`;
 * its schemas are compiled when the first message of it comes.
 */
import { KerbError } from "../../../shared/errors.ts";
import type { MessageFields, MessageForm } from "../../../shared/message.ts";
import { etsiPathOf, etsiPaths, etsiTypeOf } from "./etsi-family.ts";
import { decodeJ2735, encodeJ2735, j2735Paths, j2735TypeOf } from "./j2735-family.ts";
import { jsonShapeOf } from "./json-message.ts";
import type { DecodedMessage, MessageShape } from "./message-shape.ts";
import type { MessageType } from "./message-type.ts";
import { decodeTcsae, encodeTcsae, tcsaePaths, tcsaeTypeOf } from "./tcsae-family.ts";
import { decodeUper } from "./uper-decode.ts";
import { encodeUper } from "./uper-encode.ts";

interface UperFamily {
	readonly paths: readonly string[];
	/** The type of the tree, without whatever frame goes around it. */
	typeOf(path: string): MessageType | undefined;
	/** Reads from the front of the octets. @throws KerbError FORMAT_INVALID */
	decode(bytes: Uint8Array): { readonly path: string; readonly content: MessageFields };
	/** Fresh octets. @throws KerbError FORMAT_INVALID */
	encode(path: string, content: MessageFields): Uint8Array;
}

const known = (path: string, type: MessageType | undefined): MessageType => {
	if (type === undefined) throw new KerbError("FORMAT_INVALID", `there is no schema of ${path}`);
	return type;
};

/** Its messages have no frame: they are decoded as their header says. */
const decodeEtsi: UperFamily["decode"] = (bytes) => {
	const path = etsiPathOf(bytes);
	const { value } = decodeUper(known(path, etsiTypeOf(path)), bytes);
	if (typeof value !== "object" || value === null || Array.isArray(value)) throw new KerbError("FORMAT_INVALID", `${path} has no fields`);
	return { path, content: value as MessageFields };
};

const encodeEtsi: UperFamily["encode"] = (path, content) => encodeUper(known(path, etsiTypeOf(path)), content);

const families = {
	etsi: { paths: etsiPaths, typeOf: etsiTypeOf, decode: decodeEtsi, encode: encodeEtsi },
	j2735: { paths: j2735Paths, typeOf: j2735TypeOf, decode: decodeJ2735, encode: encodeJ2735 },
	tcsae: { paths: tcsaePaths, typeOf: tcsaeTypeOf, decode: decodeTcsae, encode: encodeTcsae },
} as const satisfies Record<string, UperFamily>;

/** No stack carries more in one message: UDP and GeoNetworking end here. It bounds what hostile octets can cost. */
const maxMessageBytes = 65_536;

export type UperFamilyName = keyof typeof families;
export const uperFamilyNames: readonly UperFamilyName[] = ["etsi", "j2735", "tcsae"];

const uperShapes = new Map<string, MessageShape>();

const uperShapeOf = (path: string): MessageShape | undefined => {
	const ready = uperShapes.get(path);
	if (ready !== undefined) return ready;
	for (const family of Object.values<UperFamily>(families)) {
		const type = family.paths.includes(path) ? family.typeOf(path) : undefined;
		if (type === undefined) continue;
		const shape: MessageShape = { path, form: "uper", type, encode: (content) => family.encode(path, content) };
		uperShapes.set(path, shape);
		return shape;
	}
	return undefined;
};

const forms: Readonly<Record<MessageForm, (path: string) => MessageShape | undefined>> = {
	uper: uperShapeOf,
	ode: (path) => jsonShapeOf("ode", path),
	"its-client": (path) => jsonShapeOf("its-client", path),
	vanetza: (path) => jsonShapeOf("vanetza", path),
};

/** The shape of `V2X.<family>.<message>` in a form: always the same object. Undefined when no schema is known for it. */
export const shapeOf = (form: MessageForm, path: string): MessageShape | undefined => forms[form](path);

/**
 * Reads one whole message and proves that writing it again gives the same octets, so that nothing in it goes unseen. The octets are borrowed, the
 * content is fresh.
 *
 * @throws KerbError FORMAT_INVALID when they are no message of the family, more than 64 KiB, when more octets follow it, or when it is written in
 * another than the canonical form
 */
export const decodeUperMessage = (family: UperFamilyName, bytes: Uint8Array): DecodedMessage => {
	if (bytes.length > maxMessageBytes) {
		throw new KerbError("FORMAT_INVALID", `a V2X message has at most ${maxMessageBytes} octets, got ${bytes.length}`);
	}
	const { path, content } = families[family].decode(bytes);
	const shape = uperShapeOf(path);
	if (shape === undefined) throw new KerbError("FORMAT_INVALID", `there is no schema of ${path}`);
	const again = shape.encode(content);
	if (again.length !== bytes.length || !again.every((octet, at) => octet === bytes[at])) {
		throw new KerbError("FORMAT_INVALID", `${path}: written again it gives other octets; it is not canonical, or more follows it`);
	}
	return { shape, content };
};
