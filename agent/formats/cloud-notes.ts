/**
 * What a perception stack says of one sweep, as JSON beside it: when it was taken, the objects that were found, and where the sensor was. Objects that are left
 * out mean that nobody looked.
 */
import * as v from "valibot";
import { KerbError } from "../../shared/errors.ts";
import { parseDocument } from "../../shared/parse-document.ts";
import { maxCloudBoxes } from "./cloud-boxes.ts";

const metres = v.pipe(v.number(), v.minValue(-1e8), v.maxValue(1e8));
const size = v.pipe(v.number(), v.minValue(0), v.maxValue(1e4));

const CloudNotesSchema = v.strictObject({
	/** Milliseconds of UTC. */
	takenAtMs: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(4_102_444_800_000))),
	objects: v.optional(
		v.pipe(
			v.array(
				v.strictObject({
					class: v.pipe(v.string(), v.maxLength(64)),
					centreM: v.strictTuple([metres, metres, metres]),
					sizeM: v.strictTuple([size, size, size]),
					yawRad: v.pipe(v.number(), v.minValue(-100), v.maxValue(100)),
				}),
			),
			v.maxLength(maxCloudBoxes),
		),
	),
	pose: v.optional(
		v.strictObject({
			latDeg: v.pipe(v.number(), v.minValue(-90), v.maxValue(90)),
			lonDeg: v.pipe(v.number(), v.minValue(-180), v.maxValue(180)),
			altitudeM: v.optional(metres),
			headingDeg: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(360))),
		}),
	),
});
export type CloudNotes = v.InferOutput<typeof CloudNotesSchema>;

export const maxCloudNotesBytes = 1024 * 1024;

/** The word before the JSON in a comment of a PCD file. */
const commentWord = "kerbstone ";

/**
 * Reads notes as a file has them.
 *
 * @throws KerbError FORMAT_INVALID when they are too long, no JSON, or say anything that is not known: a cloud whose notes cannot be read must not pass for one
 * without people or without a pose.
 */
export const parseCloudNotes = (bytes: Uint8Array): CloudNotes => {
	if (bytes.length > maxCloudNotesBytes) {
		throw new KerbError("FORMAT_INVALID", `notes of a cloud: expected up to ${maxCloudNotesBytes} bytes, got ${bytes.length}`);
	}
	return parseDocument(CloudNotesSchema, bytes, "notes of a cloud", "FORMAT_INVALID");
};

/**
 * Reads notes from the comments of a PCD file: one that begins with `kerbstone `, followed by the JSON. Undefined when there is none.
 *
 * @throws KerbError FORMAT_INVALID as `parseCloudNotes`, and when there is more than one.
 */
export const notesInComments = (comments: readonly string[]): CloudNotes | undefined => {
	const [found, ...more] = comments.filter((comment) => comment.startsWith(commentWord));
	if (found === undefined) return undefined;
	if (more.length > 0) throw new KerbError("FORMAT_INVALID", "notes of a cloud: expected one comment of them, got more");
	// The header is read byte by byte, so that text comes back as the bytes that it was.
	return parseCloudNotes(Buffer.from(found.slice(commentWord.length), "latin1"));
};
