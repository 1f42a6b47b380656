/**
 * Messages as the USDOT ODE writes them in JSON: metadata around the payload.
 *
 * - `jer`: since schema version 9 the message in ASN.1's JSON (ITU-T X.697) with its frame;
 * - `plain`: before, with numbers in degrees and metres; `old`: TIM as in version 3;
 * - `bare`: a plain BSM without anything around it.
 */
import { j2735Types } from "./j2735-family.ts";
import type { JsonCursor } from "./json-cursor.ts";
import { JsonNames } from "./json-node.ts";
import { type JsonDialect, tellMembers } from "./json-tell.ts";
import type { MessageType } from "./message-type.ts";
import { compileNotation } from "./notation.ts";
import { odeBsm } from "./standards/ode-bsm.ts";
import { odeCommon } from "./standards/ode-common.ts";
import { odeOther } from "./standards/ode-other.ts";
import { odeRoad } from "./standards/ode-road.ts";

/** Ids and names of SAE J2735's frame; `plain` is the name of the type of `data`, `key` a key that only this message has there. */
const messages = [
	{ path: "V2X.J2735.BSM", id: 20, name: "BasicSafetyMessage", plain: { dialect: "plain", type: "OdeBsmData", key: "coreData" } },
	{ path: "V2X.J2735.MAP", id: 18, name: "MapData", plain: { dialect: "plain", type: "OdeMapData", key: "msgIssueRevision" } },
	{ path: "V2X.J2735.SPAT", id: 19, name: "SPAT", plain: { dialect: "plain", type: "OdeSpatData", key: "intersectionStateList" } },
	{ path: "V2X.J2735.SRM", id: 29, name: "SignalRequestMessage", plain: { dialect: "plain", type: "OdeSrmData", key: "requestor" } },
	{ path: "V2X.J2735.SSM", id: 30, name: "SignalStatusMessage", plain: { dialect: "plain", type: "OdeSsmData", key: "status" } },
	{ path: "V2X.J2735.TIM", id: 31, name: "TravelerInformation", plain: { dialect: "plain", type: "OdeTimData", key: "dataFrames" } },
	{ path: "V2X.J2735.TIM", id: 31, name: "TravelerInformation", plain: { dialect: "old", type: "OdeOldTimData", key: "dataframes" } },
	{ path: "V2X.J2735.PSM", id: 32, name: "PersonalSafetyMessage", plain: { dialect: "plain", type: "OdePsmData", key: "basicType" } },
	{ path: "V2X.J2735.SDSM", id: 41, name: "SensorDataSharingMessage", plain: undefined },
] as const;

const wrapped = (data: string): string =>
	`seq { metadata?: OdeMetadata, payload: seq { dataType?: Word, data: ${data}, schemaVersion?: int 0..99 }, schemaVersion?: int 0..99 }`;

/** A BSM is also met without metadata and payload. */
const bareAlternatives: Readonly<Record<string, string>> = { "V2X.J2735.BSM": ", bare: OdeBsmData" };

const notationOf = (path: string): string => {
	const all = messages.filter((message) => message.path === path);
	const [{ id, name } = { id: 0, name: "" }] = all;
	const jer = wrapped(`seq { messageId: int ${id}..${id}, value: choice { ${name}: ${name} } }`);
	const plain = all.flatMap((each) => (each.plain === undefined ? [] : [`, ${each.plain.dialect}: ${wrapped(each.plain.type)}`]));
	return `Message = choice { jer: ${jer}${plain.join("")}${bareAlternatives[path] ?? ""} }`;
};

/** Paths of all messages that come in this form. */
export const odePaths: readonly string[] = [...new Set(messages.map(({ path }) => path))];

let imports: ReadonlyMap<string, MessageType> | undefined;

/** Replaces the type of one field; the rest is shared. */
const withField = (type: MessageType | undefined, name: string, replace: (type: MessageType) => MessageType): MessageType => {
	if (type?.kind !== "seq" || !type.fields.some((field) => field.name === name)) throw new RangeError(`expected a sequence with ${name}`);
	return { ...type, fields: type.fields.map((field) => (field.name === name ? { ...field, type: replace(field.type) } : field)) };
};

/** The ODE passes on ids that have another length than the standard's four octets; whoever filters must see them to replace them. */
const withAnyId = (bsm: MessageType | undefined): MessageType =>
	withField(bsm, "coreData", (core) =>
		withField(core, "id", (id) => (id.kind === "octets" ? { ...id, size: { from: 1, to: 32, extensible: false } } : id)),
	);

/** The type of a message with all that is around it: a choice of its dialects; compiled anew by each call. Undefined for any other path. */
export const odeTypeOf = (path: string): MessageType | undefined => {
	if (!odePaths.includes(path)) return undefined;
	if (imports === undefined) {
		const all = new Map([...j2735Types(), ...compileNotation(odeCommon)]);
		all.set("BasicSafetyMessage", withAnyId(all.get("BasicSafetyMessage")));
		for (const text of [odeBsm, odeRoad, odeOther]) for (const [name, type] of compileNotation(text, all)) all.set(name, type);
		imports = all;
	}
	return compileNotation(notationOf(path), imports).get("Message");
};

const bare: JsonDialect = { path: "V2X.J2735.BSM", dialect: "bare" };
const jerById = new Map(messages.map(({ path, id }) => [id as number, { path, dialect: "jer" }]));
const jerByName = messages.map(({ path }) => ({ path, dialect: "jer" }));
const jerNames = new JsonNames(messages.map(({ name }) => name));
const plains = messages.flatMap(({ path, plain }) => (plain === undefined ? [] : [{ path, dialect: plain.dialect, key: plain.key }]));

const rootNames = new JsonNames(["payload", "coreData"]);
const payloadNames = new JsonNames(["data"]);
const dataNames = new JsonNames(["messageId", "value", ...plains.map(({ key }) => key)]);

/** Which message it is; undefined for none that is known. @throws KerbError FORMAT_INVALID for malformed JSON on the way to it */
export const tellOde = (c: JsonCursor): JsonDialect | undefined =>
	tellMembers(c, rootNames, 0, (root) => (root === 1 ? bare : tellMembers(c, payloadNames, 1, () => tellData(c))));

const tellData = (c: JsonCursor): JsonDialect | undefined =>
	tellMembers(c, dataNames, 2, (key) => {
		if (key > 1) return plains[key - 2];
		if (key === 0) return jerById.get(c.number());
		return tellMembers(c, jerNames, 3, (name) => jerByName[name]);
	});
