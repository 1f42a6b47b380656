/**
 * Messages as Vanetza-NAP takes (`in`: the message alone) and gives (`out`: in `fields`, with who received it) them in JSON.
 */
import type { JsonCursor } from "./json-cursor.ts";
import { JsonNames } from "./json-node.ts";
import { type JsonDialect, tellMembers } from "./json-tell.ts";
import type { MessageType } from "./message-type.ts";
import { compileNotation } from "./notation.ts";
import { vanetzaAwareness } from "./standards/vanetza-awareness.ts";
import { vanetzaCommon } from "./standards/vanetza-common.ts";
import { vanetzaPerception } from "./standards/vanetza-perception.ts";
import { vanetzaRoads } from "./standards/vanetza-roads.ts";

/** `key`: a key that only this message has, within it; those of MAPEM and SPATEM are within their intersections. */
const messages = [
	{ path: "V2X.ETSI.CAM", key: "camParameters", type: "CamMessage", text: vanetzaAwareness },
	{ path: "V2X.ETSI.VAM", key: "vamParameters", type: "VamMessage", text: vanetzaAwareness },
	{ path: "V2X.ETSI.DENM", key: "management", type: "DenmMessage", text: vanetzaAwareness },
	{ path: "V2X.ETSI.CPM", key: "managementContainer", type: "CpmMessage", text: vanetzaPerception },
	{ path: "V2X.ETSI.MCM", key: "basicContainer", type: "McmMessage", text: vanetzaPerception },
	{ path: "V2X.ETSI.IVIM", key: "mandatory", type: "IvimMessage", text: vanetzaRoads },
	{ path: "V2X.ETSI.MAPEM", key: "laneSet", type: "MapemMessage", text: vanetzaRoads },
	{ path: "V2X.ETSI.SPATEM", key: "states", type: "SpatemMessage", text: vanetzaRoads },
] as const;

/** Paths of all messages that come in this form. */
export const vanetzaPaths: readonly string[] = messages.map(({ path }) => path);

/** The type of a message: a choice of its dialects; compiled anew by each call. Undefined for any other path. */
export const vanetzaTypeOf = (path: string): MessageType | undefined => {
	const message = messages.find((each) => each.path === path);
	return message === undefined ? undefined : compileNotation(message.text, compileNotation(vanetzaCommon)).get(message.type);
};

const dialects = (dialect: string): readonly JsonDialect[] => messages.map(({ path }) => ({ path, dialect }));
const direct = messages.filter(({ key }) => key !== "laneSet" && key !== "states");
const intersections = direct.length;
const fields = direct.length + 1;
const rootNames = new JsonNames([...direct.map(({ key }) => key), "intersections", "fields"]);
const roadNames = new JsonNames(["laneSet", "states"]);
/** Within `fields`, beside the header. */
const bodyNames = new JsonNames(["cam", "vam", "denm", "payload", "ivi", "map", "spat"]);
const [insides, outsides] = [dialects("in"), dialects("out")];

/** Which message it is; undefined for none that is known. @throws KerbError FORMAT_INVALID for malformed JSON on the way to it */
export const tellVanetza = (c: JsonCursor): JsonDialect | undefined =>
	tellMembers(c, rootNames, 0, (key) => {
		if (key === fields) return tellMembers(c, bodyNames, 1, () => tellMembers(c, rootNames, 2, (inner) => tellBody(c, inner, outsides, 3)));
		return tellBody(c, key, insides, 1);
	});

const tellBody = (c: JsonCursor, key: number, told: readonly JsonDialect[], depth: number): JsonDialect | undefined => {
	if (key < intersections) return told[key];
	if (key === fields || c.space() !== 0x5b) {
		c.skip(depth);
		return undefined;
	}
	// The first intersection says it; an empty list says nothing, and is of no use to anybody.
	c.deeper(depth);
	if (c.space() !== 0x7b) throw c.wrong("an intersection");
	return tellMembers(c, roadNames, depth + 1, (name) => told[intersections + name]) ?? unclear(c);
};

const unclear = (c: JsonCursor): never => {
	throw c.wrong("lanes or states in the first intersection, which ends");
};
