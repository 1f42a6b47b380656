import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { decodeJ2735, j2735TypeOf } from "../../../agent/formats/v2x/j2735-family.ts";
import { encodeUper } from "../../../agent/formats/v2x/uper-encode.ts";
import type { MessageFields, MessageValue } from "../../../shared/message.ts";
import { dataPath, hasData } from "../../data.ts";
import { hasProgram } from "../../peers.ts";
import { dissectIts } from "./etsi-tshark.ts";

/** The messages that J2735 and ETSI (ISO TS 19091) share, by their ids in the ITS PDU header. */
const sharedIds: ReadonlyMap<string, number> = new Map([
	["V2X.J2735.SPAT", 4],
	["V2X.J2735.MAP", 5],
	["V2X.J2735.SRM", 9],
	["V2X.J2735.SSM", 10],
]);

const noFields: MessageFields = {};
const isFields = (value: MessageValue): value is MessageFields => typeof value === "object" && value !== null && !Array.isArray(value);

/** All values with that name, in the order in which they stand in the message. */
const valuesNamed = (name: string, value: MessageValue): readonly MessageValue[] => {
	if (Array.isArray(value)) return value.flatMap((each: MessageValue) => valuesNamed(name, each));
	if (!isFields(value)) return [];
	return Object.entries(value).flatMap(([key, inner]) => [
		...(key === name && typeof inner !== "object" ? [inner] : []),
		...valuesNamed(name, inner),
	]);
};

const withoutPeer = !hasData("v2x/j2735-ode") || !hasProgram("tshark");

it.skipIf(withoutPeer)(
	"decodeJ2735 and tshark read the same ids, reference points, lanes, signals and times (needs tshark, shared data v2x/j2735-ode)",
	() => {
		const vectors: readonly { readonly hex: string }[] = JSON.parse(
			readFileSync(dataPath("v2x/j2735-ode/ode_uper_vectors.jer.json"), "utf8"),
		);
		const messages = vectors
			.map(({ hex }) => decodeJ2735(Uint8Array.from(Buffer.from(hex, "hex"))))
			.filter(({ path }) => sharedIds.has(path));
		const packets = messages.map(({ path, content }) => {
			const type = j2735TypeOf(path);
			if (type === undefined) throw new Error(`no type of ${path}`);
			return Uint8Array.from([2, sharedIds.get(path) ?? 0, 0, 0, 0, 1, ...encodeUper(type, content)]);
		});
		/** By tshark's name: ours. The ids of SRM and SSM are mixed with those of vehicles there. */
		const names = { "dsrc.lat": "lat", "dsrc.laneID": "laneID", "dsrc.signalGroup": "signalGroup", "dsrc.minEndTime": "minEndTime" };
		const more = { "dsrc.stationID": "stationID", "dsrc.requestID": "requestID", "dsrc.position3D.elevation": "elevation" };
		const compared = Object.entries({ ...names, ...more });
		const seen = dissectIts(packets, [...compared.map(([theirs]) => theirs), "dsrc.id", "dsrc.long"]);
		expect(seen).toHaveLength(16);
		for (const [at, { malformed, fields }] of seen.entries()) {
			const { path, content } = messages[at] ?? { path: "", content: noFields };
			const ours = (name: string): readonly string[] => valuesNamed(name, content).map(String);
			expect(malformed, path).toBe(false);
			for (const [theirs, name] of compared) expect(fields[theirs], `${path} ${name}`).toEqual(ours(name));
			// ETSI's longitudes begin at -180 degrees, those of J2735 one step later: the same bits are one step apart.
			expect(fields["dsrc.long"], path).toEqual(valuesNamed("long", content).map((long) => String(Number(long) - 1)));
			if (path === "V2X.J2735.MAP" || path === "V2X.J2735.SPAT") {
				const withIds = valuesNamed("id", content.intersections ?? []);
				expect(fields["dsrc.id"], path).toEqual(withIds.map(String));
			}
		}
	},
);
