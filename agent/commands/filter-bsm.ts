/**
 * `filter-bsm`: what may leave of a recording of basic safety messages, by the treatments of a unit.
 */
import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import { KerbError } from "../../shared/errors.ts";
import { systemClock } from "../host/clock.ts";
import { compilePlaces } from "../place/compile-places.ts";
import { type Command, type CommandArgs, exitCodes, flag, textOption } from "./command.ts";
import { BlockWriter, fileSink, outSink } from "./filter-bsm-blocks.ts";
import { FastRoad } from "./filter-bsm-fast.ts";
import { readPlaces, readPolicy } from "./filter-bsm-files.ts";
import { Judge } from "./filter-bsm-judge.ts";
import { checkInput, readBlocks } from "./filter-bsm-lines.ts";
import { runFilter } from "./filter-bsm-run.ts";
import { summaryHeader, summaryOf, summaryRows } from "./filter-bsm-tally.ts";
import { textTable } from "./text-table.ts";

const help = `Reads basic safety messages (SAE J2735) as the USDOT's ODE writes them, one per line, and writes those that may be released, each treated as a
unit would treat it. A line that cannot be read is never passed on.

Options:
  --in FILE       the messages, gzipped or not; - is the standard input
  --policy FILE   what is done with them: a document of ours, or a .properties file of jpo-cvdp as it is
  --fields FILE   the fields that a .properties file with privacy.redaction.general=ON redacts (fieldsToRedact.txt)
  --places FILE   where: a document of places, or a map of jpo-cvdp (.edges, .quad, gzipped or not) as it is.
                  Needed when a treatment asks for places (suppress-area, a geofence)
  --out FILE      the messages that are kept, anew; - is the standard output
  --report FILE   one line of JSON per line of input: its number, what became of it, and why. Never a value of a message
  --json          print the summary as JSON, to standard output (to standard error with --out -), in place of the table

A document for --policy is a policy with one release rule, or only its treatments, in the order in which they are done:

  { "purpose": "traffic-research",
    "treatments": [
      { "type": "strip-path" },
      { "type": "drop-field", "messageFields": ["coreData.angle"], "messageRoles": ["size"] },
      { "type": "filter-speed", "minMps": 2.235, "maxMps": 35.763 },
      { "type": "suppress-area", "kinds": ["allowed"], "keep": "inside" },
      { "type": "rotate-id", "rotateMs": 300000 } ] }

  strip-path takes out path history and prediction, drop-field what it names; filter-speed and suppress-area withhold whole messages, and an
  unavailable speed or position is withheld; rotate-id replaces ids. Whatever the treatments are, these never leave: the message in another
  encoding (metadata.asn1), stream ids and addresses, the receiver's position, and what no schema knows. What erases best comes first: it is done once
  for many messages.

  "kerbstone filter-bsm import" makes such documents of the files of jpo-cvdp and says what differs.

In the report "disposition" is kept, suppressed (with "reason" and "treatment") or invalid (with "reason": not-a-message, not-a-bsm, too-long).

Examples:
  kerbstone filter-bsm --in bsm.json --places I_80.edges --policy ppmBsm.properties --out kept.json --report report.json
  zcat bsm.json.gz | kerbstone filter-bsm --in - --policy treatments.json --places places.json --out -

Exit codes: 0 done; 1 done, and some lines could not be read; 2 wrong usage; 3 the policy, the places or a treatment was refused;
            4 a file is not there or cannot be written.`;

const command: Command = {
	name: "filter-bsm",
	summary: "filter recorded safety messages by treatments",
	usage: "filter-bsm --in FILE --policy FILE [--fields FILE] [--places FILE] --out FILE [--report FILE] [--json]",
	help,
	options: {
		in: { type: "string" },
		policy: { type: "string" },
		fields: { type: "string" },
		places: { type: "string" },
		out: { type: "string" },
		report: { type: "string" },
		json: { type: "boolean" },
	},
	run: async (args, io) => {
		const input = needed(args, "in");
		const output = needed(args, "out");
		const report = textOption(args, "report");
		checkPaths([input, output, report, textOption(args, "policy"), textOption(args, "places"), textOption(args, "fields")]);
		const { judge, fast, notes } = prepare(args);
		for (const note of notes) io.err(`note: ${note.replace(/\p{Cc}/gu, "?")}`);
		// Before anything is made anew.
		checkInput(input);
		const out = new BlockWriter(output === "-" ? outSink(io.out) : fileSink(output));
		const reported = report === undefined ? undefined : new BlockWriter(fileSink(report));
		await runFilter({ blocks: readBlocks(input, io.signal), judge, fast, out, report: reported });
		const summary = summaryOf(judge.fates);
		if (flag(args, "json")) {
			const text = JSON.stringify(summary);
			if (output === "-") io.err(text);
			else await io.out(text);
		} else io.err(textTable(summaryHeader, summaryRows(summary)));
		if (io.signal.aborted)
			throw new KerbError("SOURCE_UNAVAILABLE", "stopped before the end of the input; what was written is whole lines");
		return summary.invalid > 0 ? exitCodes.failed : exitCodes.ok;
	},
};

export default command;

const usage = (problem: string): KerbError => new KerbError("USAGE", `${problem}\nUsage: kerbstone ${command.usage}`);

const needed = (args: CommandArgs, name: string): string => {
	const value = textOption(args, name);
	if (value === undefined) throw usage(`--${name} is missing`);
	return value;
};

/** What is written must not be what is read. */
const checkPaths = ([input, output, report, ...read]: readonly (string | undefined)[]): void => {
	const written = [output, report].flatMap((path) => (path === undefined || path === "-" ? [] : [identityOf(path)]));
	const others = [input, ...read].flatMap((path) => (path === undefined || path === "-" ? [] : [identityOf(path)]));
	if (report === "-") throw usage("--report: expected a file");
	if (new Set(written).size < written.length || written.some((path) => others.includes(path)))
		throw usage("--out and --report: expected files of their own, not one that is read or written already");
};

const identityOf = (path: string): string => {
	try {
		return realpathSync(path);
	} catch {
		return resolve(path);
	}
};

/** @throws KerbError as readPolicy, readPlaces and the treatments do. */
const prepare = (args: CommandArgs): { readonly judge: Judge; readonly fast: FastRoad; readonly notes: readonly string[] } => {
	const policy = readPolicy(needed(args, "policy"), textOption(args, "fields"));
	const placesPath = textOption(args, "places");
	const nowMs = systemClock.nowMs();
	if (placesPath === undefined && policy.treatments.some(({ type }) => type === "suppress-area"))
		throw usage("--places is missing: suppress-area asks where positions are");
	const made = placesPath === undefined ? undefined : readPlaces(placesPath, policy.geofence, nowMs);
	const places = made === undefined ? undefined : compilePlaces(made.places, { nowMs: () => systemClock.nowMs() });
	const input = { ...policy, places, nowMs };
	const judge = new Judge(input);
	const fast = new FastRoad(judge, input);
	return { judge, fast, notes: [...policy.notes, ...(made?.notes ?? [])] };
};
