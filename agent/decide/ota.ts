/**
 * Source code of an upgrade package is important data when all three hold (regulations 1.4, G-15): the package upgrades vehicles that run in
 * China, it can control them remotely (near-field excluded), and it touches at least one listed function. What a manifest does not say counts
 * as true.
 */

/** Functions of the 2026 rule; a manifest names those that its package touches. */
export const guardedFunctions = [
	"vehicle-start-or-running",
	"power-loss",
	"emergency-braking",
	"cruise-control",
	"lane-keeping",
	"charge-discharge-control",
	"battery-temperature-control",
] as const;

/** Functions that a manifest may name and that are known to be harmless here; any other name counts as guarded. */
export const otherFunctions = ["infotainment", "navigation-display", "seat-comfort", "interior-light", "climate-control"] as const;

export interface OtaManifest {
	readonly targetsChina?: boolean | undefined;
	readonly remoteControl?: boolean | undefined;
	/** All functions that the package touches; an empty list says that it touches none. */
	readonly functions?: readonly string[] | undefined;
}

/** True unless one of the three conditions is known not to hold. */
export const isOtaImportant = ({ targetsChina, remoteControl, functions }: OtaManifest): boolean =>
	targetsChina !== false && remoteControl !== false && touchesGuarded(functions);

const harmless: ReadonlySet<string> = new Set(otherFunctions);

const touchesGuarded = (functions: readonly string[] | undefined): boolean =>
	functions === undefined || functions.some((name) => !harmless.has(name));
