/**
 * `law publish`: brings what units need of a law folder to where a web server or a CDN takes it from, or to a broker that retains it, in an
 * order in which a unit that looks in between finds the old law or the new one.
 */
import { mkdir, readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { sameBytes } from "../../shared/bytes.ts";
import { isMissingFile, KerbError } from "../../shared/errors.ts";
import { systemDisk } from "../host/disk.ts";
import { type Command, exitCodes, flag, textOption } from "./command.ts";
import { openLaw } from "./open-law.ts";
import { retainLaw } from "./retain-law.ts";

const help = `Verifies FOLDER as a unit would, then publishes it in one of two ways, or both:

--to copies root.json, targets/ and metadata/ to DIR: documents first, the timestamp last. Files that are there already are left alone;
nothing is removed, since a unit may still be reading it. FOLDER/documents and FOLDER/pending are not copied. DIR can be served as it is
by any web server: "law": { "url": "https://.../DIR", "rootSha256": "..." }.

--broker retains every file that a unit can ask for as a message of its own, for units that have MQTT alone:
"law": { "mqtt": { "url": "mqtts://...", "addressRanges": [...], "caFile": "..." }, "rootSha256": "..." }. Then it retains the notice that
makes units look at once, and clears what nothing leads to any more.

Options:
  --to DIR           where to; made when it is not there
  --broker URL       mqtts://host[:port], or mqtt:// on this machine
  --ca FILE --cert FILE --key FILE   PEM: who may vouch for the broker, and how this end proves itself
  --repository ID    the name under which the law is retained (default: main)
  --notice-only      with --broker: the notice and no files, for units that fetch from a web server or a folder`;

const command: Command = {
	name: "law publish",
	summary: "bring a signed law to where units fetch it",
	usage: "law publish FOLDER [--to DIR] [--broker URL [--ca FILE] [--cert FILE --key FILE] [--repository ID] [--notice-only]]",
	help,
	options: {
		to: { type: "string" },
		broker: { type: "string" },
		ca: { type: "string" },
		cert: { type: "string" },
		key: { type: "string" },
		repository: { type: "string" },
		"notice-only": { type: "boolean" },
	},
	run: async (args, io) => {
		const folder = args.positionals[0];
		const to = textOption(args, "to");
		const brokerUrl = textOption(args, "broker");
		if (folder === undefined || args.positionals.length > 1 || (to === undefined && brokerUrl === undefined))
			throw new KerbError("USAGE", `expected one folder, and --to DIR or --broker URL\nUsage: kerbstone ${command.usage}`);
		const { hash } = await openLaw(folder);
		if (to !== undefined) {
			const copied = await publishLaw(folder, to);
			await openLaw(to);
			await io.out(`${copied} file${copied === 1 ? "" : "s"} copied to ${to}; law ${hash}`);
		}
		if (brokerUrl !== undefined) {
			const [caFile, certFile, keyFile] = ["ca", "cert", "key"].map((name) => textOption(args, name));
			const { written, cleared } = await retainLaw({
				...{ folder, brokerUrl, files: { caFile, certFile, keyFile }, signal: io.signal },
				repository: textOption(args, "repository") ?? "main",
				noticeOnly: flag(args, "notice-only"),
			});
			await io.out(`${written} message${written === 1 ? "" : "s"} retained, ${cleared} cleared, notice given; law ${hash}`);
		}
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
