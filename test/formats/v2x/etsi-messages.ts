/**
 * What the tests of the ETSI messages share: the standards' ASN.1 texts, and any message with its right header.
 */
import { readdirSync, readFileSync } from "node:fs";
import type * as fc from "fast-check";
import { etsiTypeOf } from "../../../agent/formats/v2x/etsi-family.ts";
import type { SeqType } from "../../../agent/formats/v2x/message-type.ts";
import type { MessageFields, MessageValue } from "../../../shared/message.ts";
import { dataPath } from "../../data.ts";
import { anyOfType, type OfTypeOptions } from "../../fakes/message-of-type.ts";

/** Name, ASN.1 module, and the first two octets. */
export const etsiMessages = [
	{ name: "CAM", module: "CAM-PDU-Descriptions", version: 2, id: 2 },
	{ name: "DENM", module: "DENM-PDU-Descriptions", version: 2, id: 1 },
	{ name: "CPM", module: "CPM-PDU-Descriptions", version: 1, id: 14 },
	{ name: "MAPEM", module: "MAPEM-PDU-Descriptions", version: 2, id: 5 },
	{ name: "SPATEM", module: "SPATEM-PDU-Descriptions", version: 2, id: 4 },
] as const;
export type EtsiMessage = (typeof etsiMessages)[number];

/** One type of ISO 24534 that DSRC names and no message here reaches; its text is not at hand. */
const iso24534 = `ElectronicRegistrationIdentificationVehicleDataModule DEFINITIONS AUTOMATIC TAGS ::= BEGIN
Iso3833VehicleType ::= INTEGER (0..255) END`;

/** The texts of the editions that the schemas are of; the folder has later ones, too. */
export const etsiAsn1 = (): readonly string[] => {
	const folder = dataPath("v2x", "etsi", "asn1");
	const files = readdirSync(folder).filter((name) =>
		/^(?:EN|TS|TR)\d+\w*-\w+\.asn$|^EN\w+-\dv\w+-\w+\.asn$|^TS\w+-\dv\w+-\w+\.asn$|^DSRC\.asn$/.test(name),
	);
	return [...files.map((name) => readFileSync(`${folder}/${name}`, "utf8")), iso24534];
};

/** @throws Error when the message is not a sequence */
export const etsiType = (name: string): SeqType => {
	const type = etsiTypeOf(`V2X.ETSI.${name}`);
	if (type?.kind !== "seq") throw new Error(`no message ${name}`);
	return type;
};

/** Any such message that its type allows, with the version and id that it is known by. */
export const anyEtsi = ({ name, version, id }: EtsiMessage, options: OfTypeOptions): fc.Arbitrary<MessageFields> =>
	anyOfType(etsiType(name), options).map((message) => ({
		...message,
		header: { ...(message.header as MessageFields), protocolVersion: version, messageID: id },
	}));

/** The value at a path of names, for what a peer says of the same message. */
export const valueAt = (message: MessageFields, ...names: readonly string[]): MessageValue | undefined => {
	let value: MessageValue | undefined = message;
	for (const name of names) value = (value as MessageFields | undefined)?.[name];
	return value;
};
