/**
 * `open`: what an envelope holds, for a recipient, an inspector or anyone who has the keys (regulations G-23). Verifies first, then prints.
 */
import { readFile } from "node:fs/promises";
import * as v from "valibot";
import { fromHex, toHex } from "../../shared/bytes.ts";
import { keyIdOf, type Opener, openEnvelope, readLabel, verifyEnvelope } from "../../shared/envelope.ts";
import { isKerbError, isMissingFile, KerbError } from "../../shared/errors.ts";
import { type KeyRing, openerOf, parseKeyRing } from "../../shared/key-ring.ts";
import type { Label } from "../../shared/label.ts";
import { parseDocument } from "../../shared/parse-document.ts";
import type { Primitives } from "../../shared/primitives.ts";
import { findEnvelopes, readEnvelope } from "../host/envelope-files.ts";
import { loadPrimitives } from "../host/primitives.ts";
import { type Command, exitCodes, flag, textOption } from "./command.ts";
import { recordJson } from "./record-json.ts";

const help = `Verifies envelopes (.cose files, or folders of them) and prints one line of JSON per record:
  {"unit":..,"outlet":..,"category":..,"sequence":..,"purpose":..,"record":{..}}
in the order of unit, outlet and sequence. A V2X message in JSON stands under "message", one in UPER as hexadecimal under "bytes".
What does not verify or open is named on standard error and counted.

Options:
  --keys FILE   the secrets that open envelopes and the public keys of units:
                {"kind":"keys","recipients":[{"name":..,"x25519Secret":HEX}],"units":[{"unitId":..,"ed25519":HEX}]}
  --labels      print one line per envelope with its whole label instead; needs no secret
  --json        changes nothing: the output is lines of JSON in any case

The key of a unit that FILE does not list is taken from unit.json beside its envelopes, with a warning: it proves that they are of one
unit, not of which.

Exit codes: 0 all opened; 1 some did not; 3 the keys file was refused; 4 a file is not there.

Example:
  kerbstone open --keys law-keys/recipients.json out`;

const command: Command = {
	name: "open",
	summary: "verify and open envelopes",
	usage: "open --keys FILE [--labels] DIR|FILE...",
	help,
	options: { keys: { type: "string" }, labels: { type: "boolean" }, json: { type: "boolean" } },
	run: async (args, io) => {
		const keys = textOption(args, "keys");
		if (keys === undefined || args.positionals.length === 0) {
			throw new KerbError("USAGE", `--keys and at least one file or folder are needed\nUsage: kerbstone ${command.usage}`);
		}
		const request = { keys, inputs: args.positionals, labelsOnly: flag(args, "labels"), signal: io.signal };
		const { envelopes, records, failures } = await runOpen({ ...request, out: (line) => io.out(line), warn: (line) => io.err(line) });
		io.err(`${envelopes} envelopes verified, ${records} records${failures === 0 ? "" : `, ${failures} envelopes refused`}`);
		return failures === 0 ? exitCodes.ok : exitCodes.failed;
	},
};

export default command;

export interface OpenRequest {
	/** Path of a keys file. */
	readonly keys: string;
	/** Files, and folders of `*.cose` files. */
	readonly inputs: readonly string[];
	/** Print labels; nothing is decrypted. */
	readonly labelsOnly?: boolean;
	/** Ends early, between two envelopes. */
	readonly signal?: AbortSignal;
	out(line: string): Promise<void>;
	warn(line: string): void;
}

export interface OpenResult {
	readonly envelopes: number;
	readonly records: number;
	readonly failures: number;
}

/**
 * Verifies, opens and prints every envelope of the inputs. An envelope that fails is named with its code and counted; it stops nothing.
 *
 * @throws KerbError KEY_INVALID when the keys file is refused; SOURCE_UNAVAILABLE when it, or an input, is not there.
 */
export const runOpen = async (request: OpenRequest): Promise<OpenResult> => {
	const p = await loadPrimitives();
	const ring = parseKeyRing(await readKeys(request.keys));
	const opener = withUnitFiles(ring, openerOf(ring, p), p, request.warn);
	let [envelopes, records, failures] = [0, 0, 0];
	const fail = (path: string, error: unknown): void => {
		if (!isKerbError(error)) throw error;
		failures += 1;
		request.warn(`${path}: ${error.message} [${error.code}]`);
	};
	let previous: Label | undefined;
	for (const { path, folder } of await inOrder(request.inputs, fail)) {
		if (request.signal?.aborted) break;
		try {
			const bytes = await readEnvelope(path);
			const forFolder = await opener(folder);
			const { label } = verifyEnvelope(bytes, forFolder.unitKeys, p);
			if (previous !== undefined && isSameNumber(previous, label)) {
				if (previous.checksum === label.checksum) {
					request.warn(`${path}: the same envelope again, printed once`);
					continue;
				}
				throw new KerbError("ENVELOPE_INVALID", `envelope: unit ${label.sender} gave number ${label.sequence} to two different envelopes`);
			}
			const opened = request.labelsOnly ? [] : openEnvelope(bytes, forFolder, p).records;
			previous = label;
			envelopes += 1;
			records += request.labelsOnly ? label.scale.records : opened.length;
			const { sender: unit, receiver: outlet, category, sequence, purpose } = label;
			const head = JSON.stringify({ unit, outlet, category, sequence, purpose }).slice(0, -1);
			if (request.labelsOnly) await request.out(`${head},"label":${JSON.stringify(label)}}`);
			for (const record of opened) await request.out(`${head},"record":${recordJson(record)}}`);
		} catch (error) {
			fail(path, error);
		}
	}
	return { envelopes, records, failures };
};

const readKeys = async (path: string): Promise<Uint8Array> => {
	try {
		return await readFile(path);
	} catch (cause) {
		const why = isMissingFile(cause) ? "it is not there" : "it cannot be read";
		throw new KerbError("SOURCE_UNAVAILABLE", `keys file ${path}: ${why}`, { cause });
	}
};

/** Every envelope by unit, outlet and sequence, as its label says before it is verified; what is no envelope fails at once. */
const inOrder = async (inputs: readonly string[], fail: (path: string, error: unknown) => void) => {
	const found: { readonly path: string; readonly folder: string; readonly stream: string; readonly sequence: number }[] = [];
	for (const { path, folder } of await findEnvelopes(inputs)) {
		try {
			const { label } = readLabel(await readEnvelope(path));
			found.push({ path, folder, stream: `${label.sender} ${label.receiver}`, sequence: label.sequence });
		} catch (error) {
			fail(path, error);
		}
	}
	return found.sort((a, b) => (a.stream < b.stream ? -1 : a.stream > b.stream ? 1 : a.sequence - b.sequence));
};

const isSameNumber = (a: Label, b: Label): boolean => a.sender === b.sender && a.receiver === b.receiver && a.sequence === b.sequence;

const UnitFileSchema = v.object({
	unitId: v.pipe(v.string(), v.minLength(1), v.maxLength(80)),
	ed25519: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "32 bytes in lower-case hexadecimal")),
});

/** Gives the opener for envelopes of a folder: the ring's, and for a unit that the ring does not list, the key in unit.json. */
const withUnitFiles = (
	ring: KeyRing,
	opener: Opener,
	p: Primitives,
	warn: (line: string) => void,
): ((folder: string) => Promise<Opener>) => {
	const pinned = new Set(ring.units.map(({ unitId }) => unitId));
	const known = new Map<string, Opener>();
	const read = async (folder: string): Promise<Opener> => {
		const path = `${folder}/unit.json`;
		let unit: v.InferOutput<typeof UnitFileSchema>;
		try {
			unit = parseDocument(UnitFileSchema, await readFile(path), path, "KEY_INVALID");
		} catch (error) {
			if (!isMissingFile(error)) warn(`${path}: not used: ${isKerbError(error) ? error.message : "it cannot be read"}`);
			return opener;
		}
		const publicKey = fromHex(unit.ed25519) ?? new Uint8Array();
		if (pinned.has(unit.unitId)) return opener;
		warn(
			`${path}: the key of unit ${unit.unitId} is not pinned: it comes from beside the envelopes; compare it and add it to the keys file`,
		);
		const unitKeyId = toHex(keyIdOf(publicKey, p));
		const isUnit = (unitId: string, keyId: string): boolean => unitId === unit.unitId && keyId === unitKeyId;
		return { ...opener, unitKeys: (unitId, keyId) => opener.unitKeys(unitId, keyId) ?? (isUnit(unitId, keyId) ? publicKey : undefined) };
	};
	return async (folder) => {
		const found = known.get(folder) ?? (await read(folder));
		known.set(folder, found);
		return found;
	};
};
