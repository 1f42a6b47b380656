/**
 * `filter-bsm import`: files of jpo-cvdp as documents of ours.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { KerbError } from "../../shared/errors.ts";
import { systemClock } from "../host/clock.ts";
import { type Command, exitCodes, flag, textOption } from "./command.ts";
import { readPlaces, readPolicy } from "./filter-bsm-files.ts";

const help = `Makes of the files that jpo-cvdp runs with the documents that "kerbstone filter-bsm" and rules of a policy take:

  treatments.json   what is done with messages; --policy takes it, and a release rule its "treatments"
  places.json       with --map: the geofence, as areas of kind "allowed"; --places takes it

and says what does not mean quite the same. "filter-bsm" takes the files of jpo-cvdp as they are, too.

Options:
  --properties FILE   the settings (ppmBsm.properties)
  --fields FILE       the list of fields to redact (fieldsToRedact.txt)
  --map FILE          the map (.edges or .quad, gzipped or not)
  --out FOLDER        write here; neither file may be there yet. Without it treatments.json is printed
  --json              print what was made and the notes as JSON

Example:
  kerbstone filter-bsm import --properties ppmBsm.properties --map I_80.edges --out filter

Exit codes: 0 done; 2 wrong usage; 3 the settings were refused; 1 the map was; 4 a file is not there.`;

const command: Command = {
	name: "filter-bsm import",
	summary: "turn settings and maps of jpo-cvdp into treatments and places",
	usage: "filter-bsm import --properties FILE [--fields FILE] [--map FILE] [--out FOLDER] [--json]",
	help,
	options: {
		properties: { type: "string" },
		fields: { type: "string" },
		map: { type: "string" },
		out: { type: "string" },
		json: { type: "boolean" },
	},
	run: async (args, io) => {
		const properties = textOption(args, "properties");
		const map = textOption(args, "map");
		const out = textOption(args, "out");
		if (properties === undefined) throw new KerbError("USAGE", `--properties is missing\nUsage: kerbstone ${command.usage}`);
		if (!properties.endsWith(".properties")) throw new KerbError("USAGE", `--properties: expected a file that ends with .properties`);
		const policy = readPolicy(properties, textOption(args, "fields"));
		const made = map === undefined ? undefined : readPlaces(map, policy.geofence, systemClock.nowMs());
		const treatments = { purpose: policy.purpose, treatments: policy.treatments };
		const notes = [...policy.notes, ...(made?.notes ?? [])];
		if (policy.geofence !== undefined && map === undefined) notes.push("the geofence is on: it needs a map (--map) or other places");
		const written = out === undefined ? [] : write(out, { "treatments.json": treatments, "places.json": made?.places });
		if (flag(args, "json")) {
			await io.out(JSON.stringify({ ...treatments, places: made?.places, notes, written }));
			return exitCodes.ok;
		}
		if (out === undefined) await io.out(JSON.stringify(treatments, undefined, "\t"));
		for (const path of written) await io.out(`wrote ${path}`);
		for (const note of notes) io.err(`note: ${note.replace(/\p{Cc}/gu, "?")}`);
		return exitCodes.ok;
	},
};

export default command;

/** @throws KerbError CONFIG_INVALID when a file is there already or cannot be written. */
const write = (folder: string, documents: Readonly<Record<string, unknown>>): readonly string[] => {
	const written: string[] = [];
	for (const [name, document] of Object.entries(documents)) {
		if (document === undefined) continue;
		const path = join(folder, name);
		try {
			mkdirSync(folder, { recursive: true });
			writeFileSync(path, `${JSON.stringify(document, undefined, name === "places.json" ? undefined : "\t")}\n`, { flag: "wx" });
		} catch (cause) {
			throw new KerbError("CONFIG_INVALID", `${path} cannot be written: it must not be there yet`, { cause });
		}
		written.push(path);
	}
	return written;
};
