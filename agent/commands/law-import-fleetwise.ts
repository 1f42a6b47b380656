/**
 * `law import-fleetwise`: turns campaigns and decoder manifests of AWS IoT FleetWise into parts of a policy and of a configuration, and lists
 * what it could not carry over.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { shippedCatalogues } from "../../shared/catalogue/shipped.ts";
import { type Catalogue, CatalogueSchema } from "../../shared/catalogue.ts";
import { compileCataloguePatterns } from "../../shared/catalogue-pattern.ts";
import { isMissingFile, KerbError } from "../../shared/errors.ts";
import { parseValue } from "../../shared/parse-document.ts";
import { unknownCategoryId } from "../../shared/tag.ts";
import { type FleetwiseFile, importFleetwise } from "../formats/fleetwise.ts";
import type { ImportedCampaign, ImportedCollectRule } from "../formats/fleetwise-campaign.ts";
import type { ImportedDecoder } from "../formats/fleetwise-decoder.ts";
import type { FleetwiseNote } from "../formats/fleetwise-notes.ts";
import { type Command, exitCodes, flag, textOption } from "./command.ts";

const maxFileBytes = 16 * 1024 * 1024;
/** Stands where a person has to decide; no law has an outlet or a category of this name, so a policy that still has it is refused. */
const open = "to-be-chosen";

const help = `Reads campaigns (as CreateCampaign takes or GetCampaign gives them) and decoder manifests (signal decoders and network
interfaces) of AWS IoT FleetWise, as JSON files, and makes of them:

  policy-part.json   collect rules, and a release rule per campaign in which "${open}" stands where you decide
  overlay.json       an overlay from CAN signals to the fully qualified names
  can-ID.dbc         a DBC file per CAN interface

Everything that has no counterpart, or one that does not mean quite the same, is listed with its place and a reason.

Options:
  --out DIR        write the files to DIR, which may not hold them yet; without it only the list is printed
  --catalogue ID   find the categories of release rules in this shipped catalogue (default: cn)
  --json           print everything as one line of JSON

Exit codes: 0 imported, whatever was listed; 1 a file is no JSON; 3 a file is there already; 4 a file cannot be read.`;

export interface ImportedRelease {
	readonly id: string;
	readonly outlet: string;
	readonly purpose: string;
	readonly necessity: string;
	readonly categories: readonly string[];
	readonly paths: readonly string[];
	readonly treatments: readonly [];
	readonly retentionDays: number;
	readonly collect: readonly string[];
}

export interface FleetwiseResult {
	readonly policy: { readonly collect: readonly ImportedCollectRule[]; readonly release: readonly ImportedRelease[] };
	readonly decoder: ImportedDecoder;
	readonly notes: readonly FleetwiseNote[];
}

const command: Command = {
	name: "law import-fleetwise",
	summary: "turn AWS IoT FleetWise campaigns and decoders into rules",
	usage: "law import-fleetwise FILE... [--out DIR] [--catalogue ID] [--json]",
	help,
	options: { out: { type: "string" }, catalogue: { type: "string" }, json: { type: "boolean" } },
	run: async (args, io) => {
		if (args.positionals.length === 0) throw new KerbError("USAGE", `expected files\nUsage: kerbstone ${command.usage}`);
		const files: FleetwiseFile[] = [];
		for (const path of args.positionals) files.push({ name: path.replace(/^.*\//, ""), document: await readJson(path) });
		const result = importFiles(files, catalogueOf(textOption(args, "catalogue") ?? "cn"));
		const folder = textOption(args, "out");
		const written = folder === undefined ? [] : await write(folder, result);
		if (flag(args, "json")) {
			await io.out(JSON.stringify({ ...result, written }));
			return exitCodes.ok;
		}
		// Names from files: a control character would let a file write to the terminal.
		for (const line of reportLines(result)) await io.out(line.replace(/\p{Cc}/gu, "?"));
		if (folder === undefined) await io.out("nothing was written; --out DIR writes the files");
		for (const path of written) await io.out(`wrote ${path}`);
		return exitCodes.ok;
	},
};

export default command;

/** All documents made of the files, and what could not be carried over. Pure. */
export const importFiles = (files: readonly FleetwiseFile[], catalogue: Catalogue): FleetwiseResult => {
	const { campaigns, decoder, notes } = importFleetwise(files);
	const categoryOf = categoriesOf(catalogue);
	const unmapped = [...new Set(campaigns.flatMap(({ paths }) => paths))].filter((path) => categoryOf(path) === undefined);
	return {
		policy: {
			collect: campaigns.flatMap(({ collect }) => collect),
			release: campaigns.flatMap((campaign) => (campaign.collect.length === 0 ? [] : releasesOf(campaign, categoryOf))),
		},
		decoder,
		notes: [
			...notes,
			...unmapped.map(
				(path): FleetwiseNote => ({
					path,
					kind: "lost",
					reason: `no row of catalogue "${catalogue.id}" maps this path: it counts as unknown and stays inside; map it in the overlay to the path that it is in VSS`,
				}),
			),
		],
	};
};

/** The skeleton of a release rule, or of several where there are more paths than one rule takes. */
const releasesOf = (campaign: ImportedCampaign, categoryOf: (path: string) => string | undefined): readonly ImportedRelease[] =>
	campaign.collect.map(({ id, paths }) => {
		const categories = [...new Set(paths.flatMap((path) => categoryOf(path) ?? []))];
		return {
			id,
			outlet: open,
			purpose: open,
			necessity: campaign.necessity,
			categories: categories.length === 0 ? [open] : categories,
			paths,
			treatments: [],
			retentionDays: 1,
			collect: [id],
		};
	});

const categoriesOf = (catalogue: Catalogue): ((path: string) => string | undefined) => {
	const rows = catalogue.rows.map((row) => ({ id: row.id, matches: compileCataloguePatterns(row.match.paths) }));
	return (path) => rows.find(({ id, matches }) => id !== unknownCategoryId && matches(path))?.id;
};

const catalogueOf = (id: string): Catalogue => {
	const document = Object.hasOwn(shippedCatalogues, id) ? shippedCatalogues[id] : undefined;
	if (document === undefined)
		throw new KerbError("USAGE", `there is no catalogue "${id}"; the build has: ${Object.keys(shippedCatalogues).join(", ")}`);
	return parseValue(CatalogueSchema, document, `catalogue "${id}"`, "LAW_INVALID");
};

const readJson = async (path: string): Promise<unknown> => {
	let bytes: Uint8Array;
	try {
		bytes = await readFile(path);
	} catch (cause) {
		const why = isMissingFile(cause) ? "is not there" : "cannot be read: check its permissions";
		throw new KerbError("SOURCE_UNAVAILABLE", `${path} ${why}`, { cause });
	}
	if (bytes.length > maxFileBytes)
		throw new KerbError("FORMAT_INVALID", `${path}: expected at most ${maxFileBytes} bytes, got ${bytes.length}`);
	try {
		return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
	} catch (cause) {
		throw new KerbError("FORMAT_INVALID", `${path} is not JSON in UTF-8`, { cause });
	}
};

const write = async (folder: string, { policy, decoder }: FleetwiseResult): Promise<readonly string[]> => {
	const documents: [string, string][] = [];
	if (policy.collect.length > 0) documents.push(["policy-part.json", `${JSON.stringify(policy, undefined, "\t")}\n`]);
	if (decoder.interfaces.length > 0) documents.push(["overlay.json", `${JSON.stringify(decoder.overlay, undefined, "\t")}\n`]);
	for (const [index, { interfaceId, dbc }] of decoder.interfaces.entries())
		documents.push([`can-${fileWord(interfaceId, index)}.dbc`, dbc]);
	await mkdir(folder, { recursive: true });
	const written: string[] = [];
	for (const [name, text] of documents) {
		const path = join(folder, name);
		try {
			await writeFile(path, text, { flag: "wx" });
		} catch (cause) {
			throw new KerbError("CONFIG_INVALID", `${path} cannot be written: it must not be there yet`, { cause });
		}
		written.push(path);
	}
	return written;
};

/** An interface id as part of a file name. */
const fileWord = (interfaceId: string, index: number): string =>
	/^[A-Za-z0-9_-]{1,50}$/.test(interfaceId) ? interfaceId : String(index + 1);

const reportLines = ({ policy, decoder, notes }: FleetwiseResult): readonly string[] => {
	const lines = policy.collect.map(
		({ id, paths, when, everyMs }) =>
			`collect rule "${id}": ${paths.length} signals${everyMs === undefined ? "" : `, every ${everyMs} ms`}${when === undefined ? "" : `, when ${when}`}`,
	);
	lines.push(
		...decoder.interfaces.map(
			({ interfaceId, name, signals, messages }) =>
				`CAN interface ${interfaceId}${name === undefined ? "" : ` (${name})`}: ${signals} signals in ${messages} messages`,
		),
	);
	if (lines.length === 0) lines.push("nothing could be carried over");
	const section = (kind: FleetwiseNote["kind"], title: string): readonly string[] => {
		const some = notes.filter((note) => note.kind === kind);
		return some.length === 0 ? [] : ["", title, ...some.map(({ path, reason }) => `  ${path}: ${reason}`)];
	};
	return [
		...lines,
		...section("changed", "Does not mean quite the same:"),
		...section("lost", "Has no counterpart and was left out:"),
		...(policy.release.length === 0 ? [] : ["", `Decide where "${open}" stands in the release rules, and which treatments they need.`]),
	];
};
