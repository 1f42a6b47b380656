/**
 * A shape is one message of one standard in one form: its type and its two-way codec.
 */
import type { MessageFields, MessageForm } from "../../../shared/message.ts";
import type { MessageType } from "./message-type.ts";

export interface MessageShape {
	/** `V2X.<family>.<message>`: V2X.TCSAE.BSM, V2X.ETSI.CAM, V2X.J2735.MAP; what rules and the catalogue name it by. */
	readonly path: string;
	readonly form: MessageForm;
	readonly type: MessageType;
	/** The bytes of such a message; fresh. @throws KerbError FORMAT_INVALID when the content does not fit the type. */
	encode(content: MessageFields): Uint8Array;
}

/** A message as it was read. */
export interface DecodedMessage {
	readonly shape: MessageShape;
	readonly content: MessageFields;
}

/**
 * Reads one message and proves that writing it again gives the same bytes (for JSON: the same values; what a schema does not name is left out).
 *
 * @throws KerbError FORMAT_INVALID; its message says nothing of the content.
 */
export type DecodeMessage = (bytes: Uint8Array) => DecodedMessage;
