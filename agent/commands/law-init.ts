/**
 * `law init`: a first law and the keys that made it, so that a person can try the whole road in a minute. Refuses to write over anything.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { toHex } from "../../shared/bytes.ts";
import { shippedCatalogues } from "../../shared/catalogue/shipped.ts";
import { CatalogueSchema } from "../../shared/catalogue.ts";
import { isExistingFile, KerbError } from "../../shared/errors.ts";
import type { LawRole } from "../../shared/law.ts";
import { parseValue } from "../../shared/parse-document.ts";
import { systemClock } from "../host/clock.ts";
import { loadPrimitives } from "../host/primitives.ts";
import { makeRoleKeys, rootOf, signDocument } from "../law/role-keys.ts";
import { type SampleInput, sampleConsents, sampleOutlets, samplePolicy, sampleRules } from "../law/sample-law.ts";
import { type Command, exitCodes, flag, textOption } from "./command.ts";

const help = `Makes the signed law of one unit or of a trial, and the keys behind it:

  FOLDER/            root.json, catalogue.json, policy.json, outlets.json and, with --sample, consents.json,
                     each with its signature beside it (NAME.json.sig): this goes to the unit
  KEYS/              role-keys.json (signs the law) and recipients.json (opens envelopes: "kerbstone open --keys"):
                     this never goes to a unit

Without --sample the policy names nothing, so nothing leaves. Change a document, then "kerbstone law sign FOLDER --keys KEYS".

Options:
  --keys KEYS        where the secret keys go (default: FOLDER-keys)
  --sample           a sample policy over ordinary vehicle data, with one consent, to see each kind of decision
  --catalogue ID     the legal floor: ${Object.keys(shippedCatalogues).join(", ")} (default: cn)
  --broker URL       where the outlet "oem" is (default: mqtt://127.0.0.1:1883)
  --ranges CIDRS     addresses that the broker may have, separated by commas (default: 127.0.0.0/8,::1/128)
  --days N           how long the policy holds, 1 to 366 (default: 30)

Example:
  kerbstone law init law --sample
  kerbstone replay --can drive.log --dbc car.dbc --law law --out out
  kerbstone open --keys law-keys/recipients.json out`;

const command: Command = {
	name: "law init",
	summary: "make keys and a first signed law",
	usage: "law init FOLDER [--keys KEYS] [--sample] [--catalogue ID] [--broker URL] [--ranges CIDRS] [--days N]",
	help,
	options: {
		keys: { type: "string" },
		sample: { type: "boolean" },
		catalogue: { type: "string" },
		broker: { type: "string" },
		ranges: { type: "string" },
		days: { type: "string" },
	},
	run: async (args, io) => {
		const folder = args.positionals[0];
		if (folder === undefined || args.positionals.length > 1)
			throw new KerbError("USAGE", `expected one folder\nUsage: kerbstone ${command.usage}`);
		const keysFolder = textOption(args, "keys") ?? `${folder.replace(/\/+$/, "")}-keys`;
		const written = await initLaw({
			folder,
			keysFolder,
			sample: flag(args, "sample"),
			catalogueId: textOption(args, "catalogue") ?? "cn",
			brokerUrl: textOption(args, "broker") ?? "mqtt://127.0.0.1:1883",
			addressRanges: (textOption(args, "ranges") ?? "127.0.0.0/8,::1/128").split(","),
			policyDays: daysOf(textOption(args, "days")),
			nowMs: systemClock.nowMs(),
		});
		await io.out(`law in ${folder}, root ${written.rootSha256}`);
		await io.out(`keys in ${keysFolder} (keep them off the unit): role-keys.json signs the law, recipients.json opens envelopes`);
		return exitCodes.ok;
	},
};

export default command;

const daysOf = (text: string | undefined): number => {
	const days = text === undefined ? 30 : Number(text);
	if (!Number.isInteger(days) || days < 1 || days > 366) throw new KerbError("USAGE", `--days: expected a whole number from 1 to 366`);
	return days;
};

export interface InitLawOptions extends Pick<SampleInput, "nowMs" | "catalogueId" | "brokerUrl" | "addressRanges" | "policyDays"> {
	readonly folder: string;
	readonly keysFolder: string;
	readonly sample: boolean;
}

/**
 * Writes a law folder and its keys.
 *
 * @throws KerbError USAGE when the catalogue is not one that is shipped, or when a file is there already; LAW_INVALID when what was asked
 * for does not make a valid document.
 */
export const initLaw = async (options: InitLawOptions): Promise<{ readonly rootSha256: string }> => {
	const shipped = shippedCatalogues[options.catalogueId];
	if (shipped === undefined) {
		throw new KerbError("USAGE", `--catalogue: expected one of ${Object.keys(shippedCatalogues).join(", ")}`);
	}
	const catalogue = parseValue(CatalogueSchema, shipped, "the shipped catalogue", "INTERNAL");
	const crypto = await loadPrimitives();
	const [recipient, inspection] = [crypto.randomBytes(32), crypto.randomBytes(32)];
	const input: SampleInput = {
		...options,
		home: catalogue.jurisdiction,
		recipientKey: toHex(crypto.x25519Public(recipient)),
		inspectionKey: toHex(crypto.x25519Public(inspection)),
	};
	const keys = makeRoleKeys(crypto);
	const documents: readonly (readonly [LawRole | "root", unknown])[] = [
		["root", rootOf(keys, crypto)],
		["catalogue", shipped],
		["policy", samplePolicy(input, options.sample ? sampleRules : [])],
		["outlets", sampleOutlets(input)],
		...(options.sample
			? [["consents", sampleConsents(input, toHex(crypto.sha256(new TextEncoder().encode("sample notice"))))] as const]
			: []),
	];
	await makeFolder(options.keysFolder, 0o700);
	await makeFolder(options.folder, 0o755);
	const recipients = {
		kind: "keys",
		recipients: [
			{ name: "OEM data platform", x25519Secret: toHex(recipient) },
			{ name: "inspection", x25519Secret: toHex(inspection) },
		],
		units: [],
	};
	await writeNew(join(options.keysFolder, "role-keys.json"), pretty(keys), 0o600);
	await writeNew(join(options.keysFolder, "recipients.json"), pretty(recipients), 0o600);
	let rootSha256 = "";
	for (const [role, document] of documents) {
		const bytes = pretty(document);
		if (role === "root") rootSha256 = toHex(crypto.sha256(bytes));
		await writeNew(join(options.folder, `${role}.json`), bytes, 0o644);
		await writeNew(join(options.folder, `${role}.json.sig`), pretty(signDocument(role, bytes, keys, crypto)), 0o644);
	}
	return { rootSha256 };
};

const pretty = (value: unknown): Uint8Array => new TextEncoder().encode(`${JSON.stringify(value, null, "\t")}\n`);

const makeFolder = async (folder: string, mode: number): Promise<void> => {
	await mkdir(folder, { recursive: true, mode });
};

const writeNew = async (path: string, bytes: Uint8Array, mode: number): Promise<void> => {
	try {
		await writeFile(path, bytes, { flag: "wx", mode });
	} catch (cause) {
		if (!isExistingFile(cause)) throw cause;
		throw new KerbError("USAGE", `${path} is there already and is not written over; choose another folder or remove it yourself`, {
			cause,
		});
	}
};
