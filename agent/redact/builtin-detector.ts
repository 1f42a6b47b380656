/**
 * The built-in detectors: faces by a small network whose weights are in an optional package, plates by their strokes. For evaluation; what they find and miss
 * is in the README.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { RedactionRefusal } from "../../shared/frame.ts";
import { createFaceDetector } from "./builtin-faces.ts";
import { createPlateDetector } from "./builtin-plates.ts";
import { packFaceWeights, readFaceWeights } from "./builtin-weights.ts";
import { type Detector, notLooked } from "./detector.ts";

/** Beside the bundle, where the build has put it. */
export const packedWeightsFile = "kerbstone-faces.bin";
export const weightsPackage = "@vladmandic/face-api";
const modelInPackage = `${weightsPackage}/model/tiny_face_detector_model`;

/** Both detectors, or why there are none; never throws. `no-detector`: no weights are there. `model-hash`: others than those that were measured. */
export const openBuiltin = (packed: Uint8Array | null = findPackedWeights() ?? null): Promise<readonly Detector[] | RedactionRefusal> => {
	if (packed === null) return Promise.resolve("no-detector");
	try {
		return Promise.resolve([guarded(createFaceDetector(readFaceWeights(packed))), guarded(createPlateDetector())]);
	} catch {
		return Promise.resolve("model-hash");
	}
};

export default openBuiltin;

/** What cannot be decoded, or needs more memory than there is, was not looked at. */
const guarded = (detector: Detector): Detector => ({
	...detector,
	look: (picture, options) => {
		try {
			return detector.look(picture, options);
		} catch {
			return notLooked("detector-failed");
		}
	},
});

/** From beside the bundle, or in a checkout from the package; undefined where neither is. */
export const findPackedWeights = (): Uint8Array | undefined => {
	try {
		return readFileSync(new URL(packedWeightsFile, import.meta.url));
	} catch {
		return weightsOfPackage();
	}
};

const weightsOfPackage = (): Uint8Array | undefined => {
	try {
		const require = createRequire(import.meta.url);
		return packFaceWeights(
			readFileSync(require.resolve(`${modelInPackage}-weights_manifest.json`)),
			readFileSync(require.resolve(`${modelInPackage}.bin`)),
		);
	} catch {
		return undefined;
	}
};
