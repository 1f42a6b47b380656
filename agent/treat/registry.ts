/**
 * Every treatment that this build knows, by type. A policy can name nothing else.
 */
import applyGeoProcessing from "./apply-geo-processing.ts";
import dropField from "./drop-field.ts";
import pseudonymise from "./pseudonymise.ts";
import roundNumber from "./round-number.ts";
import roundPosition from "./round-position.ts";
import thinRate from "./thin-rate.ts";
import type { TreatmentPlugin } from "./treatment.ts";
import trimTrip from "./trim-trip.ts";

const plugins: readonly TreatmentPlugin[] = [applyGeoProcessing, dropField, pseudonymise, roundNumber, roundPosition, thinRate, trimTrip];

export const treatments: ReadonlyMap<string, TreatmentPlugin> = new Map(plugins.map((plugin) => [plugin.type, plugin]));
