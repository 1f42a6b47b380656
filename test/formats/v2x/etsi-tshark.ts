/**
 * Has tshark dissect ITS messages that no link layer surrounds: a capture of link type 147 (the first for private use), which tshark is told to
 * read as ITS.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { programPath } from "../../peers.ts";

/** Little-endian pcap (version 2.4), one packet per message. */
const captureOf = (messages: readonly Uint8Array[]): Buffer => {
	const header = Buffer.alloc(24);
	header.writeUInt32LE(0xa1b2c3d4, 0);
	header.writeUInt16LE(2, 4);
	header.writeUInt16LE(4, 6);
	header.writeUInt32LE(65_535, 16);
	header.writeUInt32LE(147, 20);
	const packets = messages.map((message) => {
		const record = Buffer.alloc(16);
		record.writeUInt32LE(message.length, 8);
		record.writeUInt32LE(message.length, 12);
		return Buffer.concat([record, message]);
	});
	return Buffer.concat([header, ...packets]);
};

/**
 * The values of the fields in each message, as tshark names and writes them; a field that occurs more than once has as many values. `malformed`
 * is true where tshark could not follow the bits.
 */
export const dissectIts = (
	messages: readonly Uint8Array[],
	fields: readonly string[],
): readonly { readonly malformed: boolean; readonly fields: Readonly<Record<string, readonly string[]>> }[] => {
	const tshark = programPath("tshark");
	if (tshark === undefined) throw new Error("tshark is not installed");
	const folder = mkdtempSync(join(tmpdir(), "kerb-its-"));
	try {
		const capture = join(folder, "its.pcap");
		writeFileSync(capture, captureOf(messages));
		const asked = ["_ws.malformed", "_ws.expert.message", ...fields].flatMap((field) => ["-e", field]);
		const userLink = 'uat:user_dlts:"User 0 (DLT=147)","its","0","","0",""';
		const text = execFileSync(
			tshark,
			["-r", capture, "-o", userLink, "-T", "fields", "-E", "separator=/t", "-E", "aggregator=;", "-E", "occurrence=a", ...asked],
			{ encoding: "utf8", maxBuffer: 2 ** 26, stdio: ["ignore", "pipe", "ignore"] },
		);
		return text
			.split("\n")
			.slice(0, -1)
			.map((line) => {
				const [mark = "", expert = "", ...values] = line.split("\t");
				const named = fields.map((field, index) => [field, (values[index] ?? "").split(";").filter((value) => value !== "")]);
				return { malformed: mark !== "" || /malformed/i.test(expert), fields: Object.fromEntries(named) };
			});
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
};
