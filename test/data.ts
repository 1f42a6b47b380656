/**
 * Where the recordings are that tests may use: the folder `shared/data` beside the checkout. A test whose data is absent skips by name.
 */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const checkout = dirname(dirname(fileURLToPath(import.meta.url)));
const root = join(dirname(checkout), "shared", "data");

/** Absolute path of a file or folder in the recordings. */
export const dataPath = (...parts: readonly string[]): string => join(root, ...parts);

/** True when the file or folder is there. */
export const hasData = (...parts: readonly string[]): boolean => existsSync(dataPath(...parts));

/** Absolute path of a file in this checkout. */
export const repoPath = (...parts: readonly string[]): string => join(checkout, ...parts);
