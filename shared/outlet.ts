/**
 * Outlets: the places where data may go. Signed with the law, so that no local file can send data elsewhere.
 */
import * as v from "valibot";

const id = v.pipe(v.string(), v.regex(/^[a-z0-9]+(?:[-.][a-z0-9]+)*$/, "an id is lower-case words joined by '-' and '.'"), v.maxLength(60));
const countryCode = v.pipe(v.string(), v.regex(/^[A-Z]{2}$/, "an ISO 3166-1 alpha-2 country code in capitals"));
const publicKeyHex = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "32 bytes in lower-case hexadecimal"));

export const RecipientSchema = v.strictObject({
	/** Who can open what is sealed to this key. */
	name: v.pipe(v.string(), v.minLength(1), v.maxLength(120)),
	/** X25519 public key. */
	x25519: publicKeyHex,
});

export const OutletSchema = v.strictObject({
	id,
	/** Where the network peer is. */
	jurisdiction: countryCode,
	/** Where the data is meant to be read in the end; a foreign one makes the outlet foreign even behind a domestic relay (regulations G-02). */
	finalJurisdiction: countryCode,
	/** `mqtts://host:port`; plain `mqtt://` only towards loopback, for a simulator (regulations G-20). */
	url: v.pipe(v.string(), v.regex(/^mqtts?:\/\/[^\s/?#@]+(?::\d{1,5})?$/, "mqtts://host[:port], without credentials or path")),
	/** 5 or 4 (MQTT 3.1.1). */
	mqttVersion: v.optional(v.picklist([4, 5]), 5),
	/** The peer's address must be inside one of these (CIDR, v4 or v6) at every connect. */
	addressRanges: v.pipe(
		v.array(v.pipe(v.string(), v.regex(/^[0-9a-fA-F:.]+\/\d{1,3}$/, "a CIDR such as 10.1.0.0/16"))),
		v.minLength(1),
		v.maxLength(256),
	),
	recipients: v.pipe(v.array(RecipientSchema), v.minLength(1), v.maxLength(16)),
	/** Opens everything, for inspection (regulations G-23). */
	inspection: RecipientSchema,
	/** May receive surveying data (regulations S-02). */
	qualifiedSurveying: v.optional(v.boolean(), false),
	/** Envelopes published and not yet acknowledged. */
	maxInFlight: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000)), 16),
});

export const OutletsSchema = v.strictObject({
	kind: v.literal("outlets"),
	version: v.pipe(v.number(), v.integer(), v.minValue(1)),
	issuedAt: v.pipe(v.string(), v.isoTimestamp()),
	outlets: v.pipe(v.array(OutletSchema), v.maxLength(32)),
});

export type Recipient = v.InferOutput<typeof RecipientSchema>;
export type Outlet = v.InferOutput<typeof OutletSchema>;
export type Outlets = v.InferOutput<typeof OutletsSchema>;
