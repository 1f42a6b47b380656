/**
 * How a configuration names the brokers that the unit talks to: the TLS material for an outlet of the law, and the broker that law comes from.
 */
import * as v from "valibot";
import { parseCidr } from "../shared/cidr.ts";
import { isKerbError } from "../shared/errors.ts";

export const path = v.pipe(v.string(), v.minLength(1), v.maxLength(4_096));

const tls = {
	/** Authorities that may vouch for the broker; the system's own are not asked. */
	caFile: v.optional(path),
	certFile: v.optional(path),
	keyFile: v.optional(path),
	/** SHA-256 of the broker's certificate, hexadecimal: nobody else is talked to, whoever vouches. */
	serverFingerprint: v.optional(v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))),
};

/** TLS material of one outlet; the outlet itself is part of the law. */
export const LinkSchema = v.strictObject({
	...tls,
	/** Whether the unit retains its own status at this broker (shared/unit-status.ts). */
	status: v.optional(v.boolean(), true),
});

/**
 * A broker that law or the notice of it comes from: an outlet of the law that the unit has already, or, since a unit without a law knows no
 * outlet, an address and the ranges that it must be in. Nothing is ever sent to it but what reading takes.
 */
export const BrokerSchema = v.strictObject({
	...tls,
	outlet: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(60))),
	url: v.optional(v.pipe(v.string(), v.regex(/^mqtts?:\/\/[^\s/?#@]+(?::\d{1,5})?$/, "mqtts://host[:port], without credentials or path"))),
	addressRanges: v.optional(v.pipe(v.array(v.pipe(v.string(), v.maxLength(60))), v.minLength(1), v.maxLength(256))),
	mqttVersion: v.optional(v.picklist([4, 5])),
	/** Where the broker is, ISO 3166-1 alpha-2; the home jurisdiction unless told. */
	jurisdiction: v.optional(v.pipe(v.string(), v.regex(/^[A-Z]{2}$/))),
});

/** What is wrong with a broker that has the right form; undefined when nothing is. */
export const brokerProblem = (where: string, broker: v.InferOutput<typeof BrokerSchema> | undefined): string | undefined => {
	if (broker === undefined) return undefined;
	const { outlet, url, addressRanges, mqttVersion, jurisdiction, caFile, certFile, keyFile, serverFingerprint } = broker;
	if (outlet !== undefined) {
		const more = [url, addressRanges, mqttVersion, jurisdiction, caFile, certFile, keyFile, serverFingerprint];
		return more.every((each) => each === undefined)
			? undefined
			: `${where}: with an outlet nothing else is given; the law says where it is, and links has its TLS files`;
	}
	if (url === undefined || addressRanges === undefined) return `${where}: expected an outlet, or a url and its addressRanges`;
	if (url.startsWith("mqtts:") && caFile === undefined) return `${where}.caFile is missing: TLS needs the authorities that may vouch`;
	if ((certFile === undefined) !== (keyFile === undefined)) return `${where}: mutual TLS needs both certFile and keyFile`;
	const wrong = addressRanges.find((range) => !isRange(range));
	return wrong === undefined ? undefined : `${where}.addressRanges: expected a range such as 10.1.0.0/16, got "${wrong}"`;
};

const isRange = (range: string): boolean => {
	try {
		parseCidr(range);
		return true;
	} catch (error) {
		if (!isKerbError(error)) throw error;
		return false;
	}
};
