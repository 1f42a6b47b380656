/**
 * An event as one line for a log: `2026-01-01T00:00:00.000Z link_opened outlet=oem address=10.0.0.1 ...`, or as JSON.
 */
import type { KerbEvent } from "./events.ts";

/** @param atMs UTC milliseconds. */
export const eventLine = (event: KerbEvent, atMs: number, asJson: boolean): string => {
	const at = new Date(atMs).toISOString();
	if (asJson) return JSON.stringify({ at, ...event });
	const { event: name, ...fields } = event;
	const words = Object.entries(fields).map(
		([key, value]) => `${key}=${/^[\w.:/-]+$/.test(String(value)) ? value : JSON.stringify(String(value))}`,
	);
	return [at, name, ...words].join(" ");
};
