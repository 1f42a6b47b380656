/**
 * The only thing that `seal` takes. `treat` is the only function that makes one (a test reads the sources to see that nobody else casts to
 * it), and a raw reading does not type-check in its place.
 */
import type { KerbRecord } from "./record.ts";

declare const clean: unique symbol;

export type CleanReading = KerbRecord & { readonly [clean]: true };
