/**
 * The messages of T/CSAE 53 as they are sent: each in a frame, which says which of them it holds. The tree is the message within; the frame is
 * written anew around it.
 */
import { KerbError } from "../../../shared/errors.ts";
import type { MessageFields, MessageValue } from "../../../shared/message.ts";
import type { MessageType } from "./message-type.ts";
import { compileNotation } from "./notation.ts";
import { tcsae53 } from "./standards/tcsae-53.ts";
import { decodeUper } from "./uper-decode.ts";
import { encodeUper } from "./uper-encode.ts";

/** With their names in the frame and in the standard. */
const messages = [
	{ path: "V2X.TCSAE.BSM", alternative: "bsmFrame", name: "BasicSafetyMessage" },
	{ path: "V2X.TCSAE.MAP", alternative: "mapFrame", name: "MapData" },
	{ path: "V2X.TCSAE.RSM", alternative: "rsmFrame", name: "RoadsideSafetyMessage" },
	{ path: "V2X.TCSAE.SPAT", alternative: "spatFrame", name: "SPAT" },
	{ path: "V2X.TCSAE.RSI", alternative: "rsiFrame", name: "RoadSideInformation" },
] as const;

let compiled: ReadonlyMap<string, MessageType> | undefined;

/** Every definition of the standard by its name there; compiled when first asked for, shared afterwards. */
export const tcsaeTypes = (): ReadonlyMap<string, MessageType> => {
	compiled ??= compileNotation(tcsae53);
	return compiled;
};

/** Paths of all messages of the family. */
export const tcsaePaths: readonly string[] = messages.map(({ path }) => path);

/** The type of `V2X.TCSAE.<name>`, without its frame; undefined for any other path. */
export const tcsaeTypeOf = (path: string): MessageType | undefined => {
	const message = messages.find((each) => each.path === path);
	return message === undefined ? undefined : tcsaeTypes().get(message.name);
};

const frameType = (): MessageType => {
	const type = tcsaeTypes().get("MessageFrame");
	if (type === undefined) throw new KerbError("FORMAT_INVALID", "schema: T/CSAE 53 defines no MessageFrame");
	return type;
};

const isFields = (value: MessageValue | undefined): value is MessageFields =>
	typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * The message in the frame that the octets begin with. What follows the frame is the caller's to judge.
 *
 * @returns `bitsRead`: length of the frame
 * @throws KerbError FORMAT_INVALID when they are no frame, or one of a message that is not known here
 */
export const decodeTcsae = (bytes: Uint8Array): { readonly path: string; readonly content: MessageFields; readonly bitsRead: number } => {
	const { value: frame, bitsRead } = decodeUper(frameType(), bytes);
	if (isFields(frame)) {
		for (const { path, alternative } of messages) {
			const content = frame[alternative];
			if (isFields(content)) return { path, content, bitsRead };
		}
	}
	throw new KerbError("FORMAT_INVALID", "a T/CSAE 53 MessageFrame holds an extension that no schema here knows");
};

/**
 * The message in its frame; fresh octets.
 *
 * @throws KerbError FORMAT_INVALID when the path is of no message that is known here, or the content does not fit its type
 */
export const encodeTcsae = (path: string, content: MessageFields): Uint8Array => {
	const message = messages.find((each) => each.path === path);
	if (message === undefined) {
		throw new KerbError("FORMAT_INVALID", `there is no T/CSAE 53 schema of ${path}; known are ${tcsaePaths.join(", ")}`);
	}
	return encodeUper(frameType(), { [message.alternative]: content });
};
