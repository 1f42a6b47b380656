/**
 * Messages as Orange's its-client writes them in JSON. Version 1 names the message by `type`, version 2 by `message_type`.
 */
import type { JsonCursor } from "./json-cursor.ts";
import { JsonNames } from "./json-node.ts";
import { type JsonDialect, tellMembers, tellName } from "./json-tell.ts";
import type { MessageType } from "./message-type.ts";
import { compileNotation } from "./notation.ts";
import { itsClientCam } from "./standards/its-client-cam.ts";
import { itsClientCommon } from "./standards/its-client-common.ts";
import { itsClientCpm } from "./standards/its-client-cpm.ts";
import { itsClientDenm } from "./standards/its-client-denm.ts";
import { itsClientRoads } from "./standards/its-client-roads.ts";

/** `name`: as the envelope says it. */
const messages = [
	{ path: "V2X.ETSI.CAM", name: "cam", type: "Cam", text: itsClientCam },
	{ path: "V2X.ETSI.DENM", name: "denm", type: "Denm", text: itsClientDenm },
	{ path: "V2X.ETSI.CPM", name: "cpm", type: "Cpm", text: itsClientCpm },
	{ path: "V2X.ETSI.MAPEM", name: "mapem", type: "Mapem", text: itsClientRoads },
	{ path: "V2X.ETSI.SPATEM", name: "spatem", type: "Spatem", text: itsClientRoads },
] as const;

/** Paths of all messages that come in this form. */
export const itsClientPaths: readonly string[] = messages.map(({ path }) => path);

/** The type of a message with its envelope: a choice of its versions; compiled anew by each call. Undefined for any other path. */
export const itsClientTypeOf = (path: string): MessageType | undefined => {
	const message = messages.find((each) => each.path === path);
	return message === undefined ? undefined : compileNotation(message.text, compileNotation(itsClientCommon)).get(message.type);
};

const keys = new JsonNames(["type", "message_type"]);
const names = new JsonNames(messages.map(({ name }) => name));
const versions = ["v1", "v2"].map((dialect) => new Map(messages.map(({ path, name }) => [name as string, { path, dialect }])));

/** Which message it is; undefined for none that is known. @throws KerbError FORMAT_INVALID for malformed JSON on the way to it */
export const tellItsClient = (c: JsonCursor): JsonDialect | undefined =>
	tellMembers(c, keys, 0, (key) => {
		const name = tellName(c, names, 1);
		return name === undefined ? undefined : versions[key]?.get(name);
	});
