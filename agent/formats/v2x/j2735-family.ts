/**
 * The messages of SAE J2735 (2024-09) as they are sent: each in a MessageFrame, which says by a number what is in it. The tree is the message
 * within; the frame is written anew around it.
 */
import { KerbError } from "../../../shared/errors.ts";
import { type MessageFields, type MessageValue, unknownField } from "../../../shared/message.ts";
import type { MessageType } from "./message-type.ts";
import { compileNotation } from "./notation.ts";
import { j2735Bsm } from "./standards/j2735-bsm.ts";
import { j2735Common } from "./standards/j2735-common.ts";
import { j2735Frame } from "./standards/j2735-frame.ts";
import { j2735Itis } from "./standards/j2735-itis.ts";
import { j2735Map } from "./standards/j2735-map.ts";
import { j2735Nodes } from "./standards/j2735-nodes.ts";
import { j2735SignalRequests } from "./standards/j2735-signal-requests.ts";
import { j2735Spat } from "./standards/j2735-spat.ts";
import { j2735Tim } from "./standards/j2735-tim.ts";
import { j2735Vru } from "./standards/j2735-vru.ts";
import { decodeUper } from "./uper-decode.ts";
import { encodeUper } from "./uper-encode.ts";

/** By their usual short names, with their numbers and their names in the frame. */
const messages = [
	{ path: "V2X.J2735.MAP", id: 18, name: "MapData" },
	{ path: "V2X.J2735.SPAT", id: 19, name: "SPAT" },
	{ path: "V2X.J2735.BSM", id: 20, name: "BasicSafetyMessage" },
	{ path: "V2X.J2735.SRM", id: 29, name: "SignalRequestMessage" },
	{ path: "V2X.J2735.SSM", id: 30, name: "SignalStatusMessage" },
	{ path: "V2X.J2735.TIM", id: 31, name: "TravelerInformation" },
	{ path: "V2X.J2735.PSM", id: 32, name: "PersonalSafetyMessage" },
	{ path: "V2X.J2735.SDSM", id: 41, name: "SensorDataSharingMessage" },
] as const;

/** In an order in which each names only what stands before it. */
const texts: readonly string[] = [
	j2735Common,
	j2735Nodes,
	j2735Itis,
	j2735Map,
	j2735Spat,
	j2735Bsm,
	j2735Tim,
	j2735SignalRequests,
	j2735Vru,
	j2735Frame,
];

let compiled: ReadonlyMap<string, MessageType> | undefined;

/** Every definition of the standard by its name there; compiled when first asked for (70 ms), shared afterwards. */
export const j2735Types = (): ReadonlyMap<string, MessageType> => {
	if (compiled === undefined) {
		const all = new Map<string, MessageType>();
		for (const text of texts) for (const [name, type] of compileNotation(text, all)) all.set(name, type);
		compiled = all;
	}
	return compiled;
};

/** Paths of all messages of the family. */
export const j2735Paths: readonly string[] = messages.map(({ path }) => path);

/** The type of `V2X.J2735.<name>`, without its frame; undefined for any other path. */
export const j2735TypeOf = (path: string): MessageType | undefined => {
	const message = messages.find((each) => each.path === path);
	return message === undefined ? undefined : j2735Types().get(message.name);
};

const frameType = (): MessageType => {
	const type = j2735Types().get("MessageFrame");
	if (type === undefined) throw new KerbError("FORMAT_INVALID", "schema: J2735 defines no MessageFrame");
	return type;
};

const isFields = (value: MessageValue | undefined): value is MessageFields =>
	typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * The message in the frame that the octets begin with. What follows the frame is the caller's to judge.
 *
 * @returns `bitsRead`: length of the frame
 * @throws KerbError FORMAT_INVALID when they are no frame, or one of a message or with an extension that is not known here
 */
export const decodeJ2735 = (bytes: Uint8Array): { readonly path: string; readonly content: MessageFields; readonly bitsRead: number } => {
	const { value: frame, bitsRead } = decodeUper(frameType(), bytes);
	if (!isFields(frame) || !isFields(frame.value)) throw new KerbError("FORMAT_INVALID", "expected a J2735 MessageFrame");
	const message = messages.find(({ id }) => id === frame.messageId);
	if (message === undefined) {
		const known = messages.map(({ id, name }) => `${id} ${name}`).join(", ");
		throw new KerbError("FORMAT_INVALID", `no schema for a J2735 message with the id ${frame.messageId}; known are ${known}`);
	}
	const content = frame.value[message.name];
	if (!isFields(content) || frame[unknownField] !== undefined) {
		throw new KerbError("FORMAT_INVALID", `a J2735 MessageFrame with ${message.name} has extensions that no schema here knows`);
	}
	return { path: message.path, content, bitsRead };
};

/**
 * The message in its frame; fresh octets.
 *
 * @throws KerbError FORMAT_INVALID when the path is of no message that is known here, or the content does not fit its type
 */
export const encodeJ2735 = (path: string, content: MessageFields): Uint8Array => {
	const message = messages.find((each) => each.path === path);
	if (message === undefined)
		throw new KerbError("FORMAT_INVALID", `there is no J2735 schema of ${path}; known are ${j2735Paths.join(", ")}`);
	return encodeUper(frameType(), { messageId: message.id, value: { [message.name]: content } });
};
