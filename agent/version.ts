/** The version of this build; the bundle and the ledger's start entry carry it. */
import manifest from "../package.json" with { type: "json" };

export const version: string = manifest.version;
