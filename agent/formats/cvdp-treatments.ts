/**
 * The settings of jpo-cvdp as treatments. What a message says of where it was before, and ahead, always goes: jpo-cvdp leaves path histories
 * untouched, and they show what its filters hide.
 *
 * Whatever erases comes first: what is gone need not be judged.
 */
import type { CvdpSettings } from "./cvdp-properties.ts";

/** A treatment as a policy writes it. */
export interface CvdpTreatment {
	readonly type: string;
	readonly [option: string]: unknown;
}

export interface CvdpTreatments {
	readonly treatments: readonly CvdpTreatment[];
	/** What is not quite as in jpo-cvdp, for a person. */
	readonly notes: readonly string[];
}

/** jpo-cvdp draws an id per message; this is the shortest time for which treatments keep one. */
const shortestRotateMs = 1_000;

/** @param fields Of the list of fields to redact; none where the settings do not ask for it. */
export const cvdpTreatments = (
	{ velocity, ids, redactsSize, redactsFields, redactsPartII, geofence }: Omit<CvdpSettings, "notes">,
	fields: readonly string[],
): CvdpTreatments => {
	const notes: string[] = [];
	const treatments: CvdpTreatment[] = [{ type: "strip-path" }];
	notes.push("strip-path: takes out path history and path prediction, which jpo-cvdp leaves in");
	const messageFields = [...(redactsPartII ? ["partII"] : []), ...(redactsFields ? fieldsOf(fields, notes) : [])];
	if (messageFields.length > 0 || redactsSize)
		treatments.push({
			type: "drop-field",
			...(messageFields.length === 0 ? undefined : { messageFields }),
			...(redactsSize ? { messageRoles: ["size"] } : undefined),
		});
	if (redactsSize) notes.push("drop-field: takes out every size, height and mass; jpo-cvdp width and length alone");
	if (velocity !== undefined) treatments.push({ type: "filter-speed", ...velocity });
	if (geofence !== undefined) treatments.push({ type: "suppress-area", kinds: ["allowed"], keep: "inside" });
	if (ids !== undefined && ids.length > 0) {
		treatments.push({ type: "rotate-id", rotateMs: shortestRotateMs, ...(ids === "all" ? undefined : { only: octetsOf(ids, notes) }) });
		notes.push(
			"rotate-id: a redacted id has a new pseudonym every second of the messages' own time; jpo-cvdp draws one at random per message",
		);
	}
	if (ids?.length === 0) notes.push("privacy.redaction.id.included names no id: none is redacted, as in jpo-cvdp");
	return { treatments, notes };
};

/** Only ids of whole octets can be in a message. */
const octetsOf = (ids: readonly string[], notes: string[]): readonly string[] => {
	const octets = ids.filter((id) => /^(?:[0-9A-Fa-f]{2}){1,32}$/.test(id));
	if (octets.length < ids.length)
		notes.push(`privacy.redaction.id.included: ${ids.length - octets.length} of ${ids.length} are no ids of whole octets, left out`);
	return octets;
};

/** From the root of the ODE's JSON to what is inside the message. */
const wrapper = /^payload\.data\.(?:value\.BasicSafetyMessage\.)?/;

const fieldsOf = (fields: readonly string[], notes: string[]): readonly string[] => {
	const inside = fields.flatMap((path) => (wrapper.test(path) ? [path.replace(wrapper, "")] : []));
	const others = fields.filter((path) => !wrapper.test(path));
	if (others.length > 0)
		notes.push(`fields outside the message never leave, or are needed to tell what it is: ${others.join(", ").slice(0, 1_000)}`);
	return inside;
};
