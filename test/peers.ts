/**
 * Which real peers this machine has. A test whose peer is absent skips by name; `make test` installs them where it may.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

const folders = [...(process.env.PATH ?? "").split(":"), "/usr/sbin", "/sbin", "/usr/bin", "/bin"].filter((folder) => folder !== "");

/** The path of a program, or undefined. Debian keeps servers in /usr/sbin, which is not on every PATH. */
export const programPath = (name: string): string | undefined =>
	folders.map((folder) => join(folder, name)).find((path) => existsSync(path));

/** True when the program is installed. */
export const hasProgram = (name: string): boolean => programPath(name) !== undefined;

/** Debian's own python3: its modules are not seen by another one that may come first on the PATH. */
export const python = "/usr/bin/python3";

/** True when Debian's python3 can import the module. */
export const hasPython = (module: string): boolean =>
	existsSync(python) && spawnSync(python, ["-c", `import ${module}`], { stdio: "ignore" }).status === 0;
