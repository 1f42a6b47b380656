/**
 * What shows that a map may be shown: the number of its review and the certificate of the state-recognised confidentiality processing of its
 * coordinates (regulations S-05, S-12). A release rule names them, the floor may ask for them, and the label carries them.
 *
 * Whether they are genuine cannot be told here; whoever signs the policy answers for them.
 */
import * as v from "valibot";

const text = (most: number) =>
	v.pipe(
		v.string(),
		v.maxLength(most),
		v.regex(/^\S(?:.*\S)?$/u, "a text that neither begins nor ends with a space"),
		// People read it.
		v.check((given) => !/\p{Cc}|\p{Cf}/u.test(given), "a text without control characters"),
	);

/** 审图号, as it stands on the map, such as GS(2026)1234号. */
export const MapReviewNoSchema = text(80);

export const GeoProcessingSchema = v.strictObject({
	/** The recognised technology. */
	method: text(80),
	certificateRef: text(120),
});

export const MapEvidenceSchema = v.pipe(
	v.strictObject({ mapReviewNo: v.optional(MapReviewNoSchema), geoProcessing: v.optional(GeoProcessingSchema) }),
	v.check((evidence) => Object.values(evidence).some((each) => each !== undefined), "expected mapReviewNo, geoProcessing or both"),
);
export type MapEvidence = v.InferOutput<typeof MapEvidenceSchema>;
