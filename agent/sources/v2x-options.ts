/**
 * The options of the `v2x` source.
 */
import { isIP, isIPv4 } from "node:net";
import * as v from "valibot";
import { parseAddress } from "../../shared/cidr.ts";
import { messageForms } from "../../shared/message.ts";
import type { Datum } from "../../shared/reading.ts";
import { uperFamilyNames } from "../formats/v2x/shapes.ts";
import { isLocalAddress } from "../host/local-peer.ts";

const text = (maxLength: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(maxLength));
const path = text(4_096);
const count = (min: number, max: number) => v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));
const port = count(1, 65_535);

/** 224.0.0.0/4 (RFC 5771). */
const isGroup = (address: string): boolean => isIPv4(address) && (parseAddress(address)?.bits ?? 0n) >> 28n === 0xen;

/** MQTT 5 section 4.7.1: `+` is a whole level, `#` the whole last one. */
const isTopicFilter = (filter: string): boolean =>
	!filter.includes("\u0000") &&
	filter.isWellFormed() &&
	filter.split("/").every((level, at, all) => !/[+#]/.test(level) || level === "+" || (level === "#" && at === all.length - 1));

const maxTopics = 64;
const maxGroups = 8;

const UdpInput = v.strictObject({
	udp: v.pipe(
		v.strictObject({
			port,
			/** An address of this box: datagrams for others are not heard. `0.0.0.0` or `::` for all of its own. */
			address: v.optional(
				v.pipe(
					v.string(),
					v.check((address) => isIP(address) !== 0, "expected a literal address of this box, such as 192.168.1.2"),
				),
				"127.0.0.1",
			),
			/** Multicast groups to hear, too, on the interface of `address`. */
			groups: v.optional(
				v.pipe(
					v.array(v.pipe(v.string(), v.check(isGroup, "a group is an address of 224.0.0.0 to 239.255.255.255"))),
					v.maxLength(maxGroups),
				),
				[],
			),
		}),
		v.check(({ address, groups }) => groups.length === 0 || isIPv4(address), "groups need the IPv4 address of an interface as address"),
		v.check(({ groups }) => new Set(groups).size === groups.length, "groups: each one once"),
	),
});

const MqttInput = v.strictObject({
	mqtt: v.pipe(
		v.strictObject({
			/** A broker on this machine, on a private network or on the link. */
			host: v.pipe(
				text(253),
				v.check(
					(host) => isIP(host) === 0 || isLocalAddress(host),
					"a broker that a source reads from must be on this machine or a private network: readings must not have another way out",
				),
			),
			/** 1883, or 8883 with `caFile`. */
			port: v.optional(port),
			/** Topic filters. */
			topics: v.pipe(
				v.array(v.pipe(text(256), v.check(isTopicFilter, "a topic filter has '+' for one level and '#' for all that follow"))),
				v.minLength(1),
				v.maxLength(maxTopics),
			),
			mqttVersion: v.optional(v.picklist([4, 5]), 5),
			username: v.optional(text(256)),
			/** Its first line is the password; without `caFile` it goes to this machine alone. */
			passwordFile: v.optional(path),
			/** Authorities that may vouch for the broker: with it the connection is TLS 1.3. */
			caFile: v.optional(path),
		}),
		v.check(({ username, passwordFile }) => passwordFile === undefined || username !== undefined, "passwordFile needs a username"),
	),
});

export const V2xOptions = v.pipe(
	v.strictObject({
		type: v.literal("v2x"),
		/** How messages are written. */
		form: v.picklist(messageForms),
		/** Whose messages `uper` carries: bits do not say. */
		family: v.optional(v.picklist(uperFamilyNames)),
		input: v.union(
			[v.strictObject({ file: path }), v.strictObject({ stdin: v.literal(true) }), UdpInput, MqttInput],
			'input must be one of { file: "..." }, { stdin: true }, { udp: { port, address, groups } }, { mqtt: { host, topics } }',
		),
		/** What the positions in the messages are in. */
		datum: v.optional(v.picklist(["wgs84", "cgcs2000", "gcj02", "bd09", "local", "unknown"] satisfies Datum[]), "wgs84"),
		/** Live inputs only: more messages a second than this are shed. A channel of 6 Mbit/s carries about 2,500 of 300 bytes. */
		maxPerSec: v.optional(count(1, 100_000), 5_000),
	}),
	v.check(
		({ form, family }) => (form === "uper") === (family !== undefined),
		"family is needed with the form uper and is not for any other, which says itself whose messages it holds",
	),
);

export type V2xOptions = v.InferOutput<typeof V2xOptions>;
