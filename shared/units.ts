/**
 * Units that must not be mixed in silence are branded: a plain number, or the other clock's milliseconds, does not type-check in their place.
 */

/** Milliseconds since the Unix epoch, UTC. May carry a fraction (candump stamps have microseconds). The clock behind it may step. */
export type UtcMs = number & { readonly __unit: "utc-ms" };

/** Milliseconds since the box booted. Never steps back within one boot; means nothing after the next. Order and timeouts use this clock. */
export type BootMs = number & { readonly __unit: "boot-ms" };

/** Brands a number that is known to be UTC milliseconds. */
export const utcMs = (value: number): UtcMs => value as UtcMs;

/** Brands a number that is known to be milliseconds since boot. */
export const bootMs = (value: number): BootMs => value as BootMs;
