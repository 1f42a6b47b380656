/**
 * `law publish`: copies what units need of a law folder to where a web server or a CDN takes it from, in an order in which a unit that looks
 * in between finds the old law or the new one.
 */
import { mkdir, readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { sameBytes } from "../../shared/bytes.ts";
import { isMissingFile, KerbError } from "../../shared/errors.ts";
import { systemDisk } from "../host/disk.ts";
import { type Command, exitCodes, textOption } from "./command.ts";
import { openLaw } from "./open-law.ts";

const help = `Verifies FOLDER as a unit would, then copies root.json, targets/ and metadata/ to DIR: documents first, the timestamp last.
Files that are there already are left alone; nothing is removed, since a unit may still be reading it. FOLDER/documents and
FOLDER/pending are not copied. DIR can be served as it is by any web server: "law": { "url": "https://.../DIR", "rootSha256": "..." }.

Options:
  --to DIR    where to; made when it is not there`;

const command: Command = {
	name: "law publish",
	summary: "copy a signed law to where units fetch it",
	usage: "law publish FOLDER --to DIR",
	help,
	options: { to: { type: "string" } },
	run: async (args, io) => {
		const folder = args.positionals[0];
		const to = textOption(args, "to");
		if (folder === undefined || args.positionals.length > 1 || to === undefined)
			throw new KerbError("USAGE", `expected one folder and --to DIR\nUsage: kerbstone ${command.usage}`);
		const { hash } = await openLaw(folder);
		const copied = await publishLaw(folder, to);
		await openLaw(to);
		await io.out(`${copied} file${copied === 1 ? "" : "s"} copied to ${to}; law ${hash}`);
		return exitCodes.ok;
	},
};

export default command;

/** Copies what is new or changed, in order, each file whole or not at all; returns how many. */
export const publishLaw = async (folder: string, to: string): Promise<number> => {
	const paths = (await readdir(folder, { recursive: true }))
		.map((path) => path.replaceAll("\\", "/"))
		.filter((path) => rankOf(path) !== undefined)
		.sort((a, b) => (rankOf(a) ?? 0) - (rankOf(b) ?? 0) || a.localeCompare(b, "en", { numeric: true }));
	let copied = 0;
	for (const path of paths) {
		const bytes = await readFile(join(folder, path));
		const there = await readIfThere(join(to, path));
		if (there !== undefined && sameBytes(there, bytes)) continue;
		await mkdir(dirname(join(to, path)), { recursive: true });
		systemDisk.writeFileDurable(join(to, path), bytes, { mode: 0o644 });
		copied += 1;
	}
	return copied;
};

/** Lower goes first: what is named by others goes before them. Undefined: not for units. */
const rankOf = (path: string): number | undefined => {
	if (/^targets\/[^/]+\/[0-9a-f]{64}\.[^/]+$/.test(path)) return 0;
	if (path === "root.json") return 1;
	if (path === "metadata/timestamp.json") return 5;
	if (!/^metadata\/\d+\.[^/]+\.json$/.test(path)) return undefined;
	if (path.endsWith(".root.json")) return 4;
	return path.endsWith(".snapshot.json") ? 3 : 2;
};

const readIfThere = async (path: string): Promise<Uint8Array | undefined> => {
	try {
		return await readFile(path);
	} catch (cause) {
		if (isMissingFile(cause)) return undefined;
		throw cause;
	}
};
