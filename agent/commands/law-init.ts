/**
 * `law init`: a first law and the keys that made it, so that a person can try the whole road in a minute. Refuses to write over anything.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { shippedCatalogues } from "../../shared/catalogue/shipped.ts";
import { isExistingFile, KerbError } from "../../shared/errors.ts";
import { type MadeFile, makeLaw } from "../../shared/make-law.ts";
import { sampleRules } from "../../shared/sample-law.ts";
import { systemClock } from "../host/clock.ts";
import { loadPrimitives } from "../host/primitives.ts";
import { type Command, exitCodes, flag, textOption } from "./command.ts";

const help = `Makes the signed law of one unit or of a trial, and the keys behind it:

  FOLDER/            a TUF repository: root.json (what units are provisioned with), metadata/ and targets/ go to units;
                     documents/KIND.json is what you edit
  KEYS/              role-keys.json (signs the law) and recipients.json (opens envelopes: "kerbstone open --keys"):
                     this never goes to a unit

Without --sample the policy names nothing, so nothing leaves. Change a document, then "kerbstone law sign FOLDER --keys KEYS".

Options:
  --keys KEYS        where the secret keys go (default: FOLDER-keys)
  --sample           a sample policy over ordinary vehicle data, with one consent, to see each kind of decision
  --catalogue ID     the legal floor: ${Object.keys(shippedCatalogues).join(", ")} (default: cn)
  --broker URL       where the outlet "oem" is (default: mqtt://127.0.0.1:1883)
  --ranges CIDRS     addresses that the broker may have, separated by commas (default: 127.0.0.0/8,::1/128)
  --days N           how long the policy and the signatures hold, 1 to 366 (default: 30; signatures at least 7)

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
		const made = makeLaw(
			{
				release: flag(args, "sample") ? sampleRules : [],
				withConsent: flag(args, "sample"),
				catalogueId: textOption(args, "catalogue") ?? "cn",
				brokerUrl: textOption(args, "broker") ?? "mqtt://127.0.0.1:1883",
				addressRanges: (textOption(args, "ranges") ?? "127.0.0.0/8,::1/128").split(","),
				policyDays: daysOf(textOption(args, "days")),
				nowMs: systemClock.nowMs(),
			},
			await loadPrimitives(),
		);
		// The keys first: a law whose keys could not be kept would be one that nobody can change.
		await writeFolder(keysFolder, 0o700, made.keys, 0o600);
		await writeFolder(folder, 0o755, made.law, 0o644);
		await io.out(`law in ${folder}, root ${made.rootSha256}`);
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

const writeFolder = async (folder: string, mode: number, files: readonly MadeFile[], fileMode: number): Promise<void> => {
	await makeFolder(folder, mode);
	for (const { name, bytes } of files) {
		const path = join(folder, name);
		await makeFolder(dirname(path), mode);
		await writeNew(path, bytes, fileMode);
	}
};

const makeFolder = async (path: string, mode: number): Promise<void> => {
	try {
		await mkdir(path, { recursive: true, mode });
	} catch (cause) {
		throw new KerbError("USAGE", `the folder ${path} cannot be made: a file is in its way, or the rights do not allow it`, { cause });
	}
};

const writeNew = async (path: string, bytes: Uint8Array, mode: number): Promise<void> => {
	try {
		await writeFile(path, bytes, { flag: "wx", mode });
	} catch (cause) {
		if (!isExistingFile(cause))
			throw new KerbError("USAGE", `${path} cannot be written: check the rights of the folder and its space`, { cause });
		throw new KerbError("USAGE", `${path} is there already and is not written over; choose another folder or remove it yourself`, {
			cause,
		});
	}
};
