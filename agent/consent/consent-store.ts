/**
 * The consents of one unit on disk: one JSON file, replaced as a whole, with a checksum.
 *
 *   { "format": "kerbstone-consents-1", "sha256": "<of the JSON text of data>", "data": { ... } }
 *
 * A file that cannot be believed is kept as `<file>.damaged` and nobody has consented to anything: the strict reading.
 */
import { hash } from "node:crypto";
import * as v from "valibot";
import { isKerbError } from "../../shared/errors.ts";
import type { Disk } from "../host/disk.ts";
import { emptyRegister, type Register, RegisterSchema } from "./register.ts";

/** The file in the data folder. */
export const consentsFile = "consents.json";

const maxFileBytes = 4_194_304;

const FileSchema = v.strictObject({
	format: v.literal("kerbstone-consents-1"),
	sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
	data: RegisterSchema,
});

export interface ConsentStore {
	/** What the file said; empty when there was none, or none that can be believed. */
	readonly found: Register;
	/** True when the file was damaged and put aside. */
	readonly damaged: boolean;
	/** Durable when it returns. @throws KerbError STATE_INVALID when the system refuses. */
	write(register: Register): void;
}

/** @throws KerbError STATE_INVALID when a damaged file cannot even be put aside. */
export const openConsentStore = (path: string, disk: Disk): ConsentStore => {
	disk.removeLeftover(path);
	const read = readRegister(path, disk);
	if (read === "damaged") disk.renameDurable(path, `${path}.damaged`);
	return {
		found: read === "damaged" ? emptyRegister : (read ?? emptyRegister),
		damaged: read === "damaged",
		write(register) {
			const file = { format: "kerbstone-consents-1", sha256: hash("sha256", JSON.stringify(register)), data: register };
			disk.writeFileDurable(path, new TextEncoder().encode(`${JSON.stringify(file)}\n`), { mode: 0o600 });
		},
	};
};

const readRegister = (path: string, disk: Disk): Register | "damaged" | undefined => {
	try {
		const bytes = disk.readFileBounded(path, maxFileBytes);
		if (bytes === undefined) return undefined;
		const file: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
		const parsed = v.safeParse(FileSchema, file);
		if (!parsed.success) return "damaged";
		const { data, sha256 } = parsed.output;
		return hash("sha256", JSON.stringify(data)) === sha256 ? data : "damaged";
	} catch (error) {
		if (error instanceof SyntaxError || error instanceof TypeError || isKerbError(error, "STATE_INVALID")) return "damaged";
		throw error;
	}
};
