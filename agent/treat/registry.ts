/**
 * Every treatment that this build knows, by type. A policy can name nothing else.
 */
import aggregateFlow from "./aggregate-flow.ts";
import applyGeoProcessing from "./apply-geo-processing.ts";
import cloakTime from "./cloak-time.ts";
import cropCloud from "./crop-cloud.ts";
import cutMapAreas from "./cut-map-areas.ts";
import dropField from "./drop-field.ts";
import filterSpeed from "./filter-speed.ts";
import generaliseGeometry from "./generalise-geometry.ts";
import keepObjects from "./keep-objects.ts";
import perturbPosition from "./perturb-position.ts";
import pseudonymise from "./pseudonymise.ts";
import redactImage from "./redact-image.ts";
import removePeople from "./remove-people.ts";
import rotateId from "./rotate-id.ts";
import roundNumber from "./round-number.ts";
import roundPosition from "./round-position.ts";
import separatePose from "./separate-pose.ts";
import stripIntensity from "./strip-intensity.ts";
import stripMapAttributes from "./strip-map-attributes.ts";
import stripPath from "./strip-path.ts";
import suppressArea from "./suppress-area.ts";
import thinRate from "./thin-rate.ts";
import thinVoxels from "./thin-voxels.ts";
import type { TreatmentPlugin } from "./treatment.ts";
import trimTrip from "./trim-trip.ts";

const plugins: readonly TreatmentPlugin[] = [
	aggregateFlow,
	applyGeoProcessing,
	cloakTime,
	cropCloud,
	cutMapAreas,
	dropField,
	filterSpeed,
	generaliseGeometry,
	keepObjects,
	perturbPosition,
	pseudonymise,
	redactImage,
	removePeople,
	rotateId,
	roundNumber,
	roundPosition,
	separatePose,
	stripIntensity,
	stripMapAttributes,
	stripPath,
	suppressArea,
	thinRate,
	thinVoxels,
	trimTrip,
];

export const treatments: ReadonlyMap<string, TreatmentPlugin> = new Map(plugins.map((plugin) => [plugin.type, plugin]));
