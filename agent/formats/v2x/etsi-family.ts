/**
 * The messages of ETSI ITS as they are sent: which one the octets are, and its type.
 *
 * All begin with the ITS PDU header (TS 102 894-2): one octet of protocol version, one of message id. The same id means different types in
 * different versions, so a version that is not listed here is not guessed at.
 */
import { KerbError } from "../../../shared/errors.ts";
import type { MessageType } from "./message-type.ts";
import { compileNotation } from "./notation.ts";
import { etsiCam } from "./standards/etsi-cam.ts";
import { etsiCdd } from "./standards/etsi-cdd.ts";
import { etsiCpm } from "./standards/etsi-cpm.ts";
import { etsiDenm } from "./standards/etsi-denm.ts";
import { etsiDsrc } from "./standards/etsi-dsrc.ts";
import { etsiInfrastructure } from "./standards/etsi-infrastructure.ts";

/** Version and id of the header. CPM is that of TR 103 562; TS 103 324 has the same id in version 2 and other contents. */
const messages = [
	{ version: 2, id: 1, name: "DENM" },
	{ version: 2, id: 2, name: "CAM" },
	{ version: 2, id: 4, name: "SPATEM" },
	{ version: 2, id: 5, name: "MAPEM" },
	{ version: 1, id: 14, name: "CPM" },
] as const;
type MessageName = (typeof messages)[number]["name"];

type Types = ReadonlyMap<string, MessageType>;

const once = (make: () => Types): (() => Types) => {
	let made: Types | undefined;
	return () => {
		made ??= make();
		return made;
	};
};

const cdd = once(() => compileNotation(etsiCdd));
const dsrc = once(() => compileNotation(etsiDsrc, cdd()));
const cam = once(() => compileNotation(etsiCam, cdd()));
const denm = once(() => compileNotation(etsiDenm, cdd()));
const cpm = once(() => compileNotation(etsiCpm, new Map([...cdd(), ...dsrc(), ...cam()])));
const infrastructure = once(() => compileNotation(etsiInfrastructure, new Map([...cdd(), ...dsrc()])));

const texts: Readonly<Record<MessageName, () => Types>> = { CAM: cam, DENM: denm, CPM: cpm, MAPEM: infrastructure, SPATEM: infrastructure };

const prefix = "V2X.ETSI.";

/** Paths of all messages of the family. */
export const etsiPaths: readonly string[] = messages.map(({ name }) => `${prefix}${name}`);

/** The type of `V2X.ETSI.<name>`, compiled when first asked for; undefined for any other path. */
export const etsiTypeOf = (path: string): MessageType | undefined => {
	const message = messages.find(({ name }) => path === `${prefix}${name}`);
	return message === undefined ? undefined : texts[message.name]().get(message.name);
};

/**
 * The path of the message that the octets begin with.
 *
 * @throws KerbError FORMAT_INVALID when the header is of no message that is known here
 */
export const etsiPathOf = (bytes: Uint8Array): string => {
	const [version, id] = bytes;
	const message = messages.find((each) => each.version === version && each.id === id);
	if (message !== undefined) return `${prefix}${message.name}`;
	throw new KerbError(
		"FORMAT_INVALID",
		bytes.length < 2
			? "an ETSI ITS message begins with two octets of header, got fewer"
			: `no schema for an ETSI ITS message of version ${version}, id ${id}; known are ${messages.map((each) => `${each.version}/${each.id} ${each.name}`).join(", ")}`,
	);
};
