/**
 * The recorded messages of T/CSAE 53 and what Erlang said of them when they were recorded.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dataPath, hasData } from "../../data.ts";

export const hasTcsae = (): boolean => hasData("v2x", "tcsae", "asn");

/** The texts of the standard's modules. */
export const tcsaeAsn1 = (): readonly string[] => {
	const folder = dataPath("v2x", "tcsae", "asn");
	return readdirSync(folder).map((name) => readFileSync(`${folder}/${name}`, "utf8"));
};

const recording = (name: string): string => readFileSync(dataPath("v2x", "tcsae", name), "utf8");

/**
 * Messages, in the order of their recording. The samples have been through a roadside unit's own protocol: 8 octets of its id, 8 of the time,
 * then each message after its length in two octets, low one first; a count of one octet comes before those of vehicles.
 */
export const tcsaeSamples = (): readonly Uint8Array[] => {
	const frames = recording("MessageFrameTest.hex.txt").trim().split(/\s+/);
	const messages = frames.map((hex) => Uint8Array.from(Buffer.from(hex, "hex")));
	for (const line of recording("v2x_samples.utf8.txt").split("\n")) {
		const [, name, hex] = /^([A-Z]+)[^\0-\x7f]+([0-9a-f]{20,})\s*$/.exec(line) ?? [];
		if (name === undefined || hex === undefined) continue;
		let rest = Buffer.from(hex, "hex").subarray(name === "BSM" ? 17 : 16);
		while (rest.length > 2) {
			const length = rest.readUInt16LE(0);
			messages.push(Uint8Array.from(rest.subarray(2, 2 + length)));
			rest = rest.subarray(2 + length);
		}
	}
	return messages;
};

/** What Erlang makes of a message: its numbers and names in order, without those of records, single bits and what is absent. */
export const tcsaeRecorded = (): readonly { readonly octets: number; readonly leaves: readonly (string | number)[] }[] =>
	recording("erlang_uper_decode.txt")
		.split(/^[A-Z]+ (?=\d+ bytes)/m)
		.slice(1)
		.map((part) => ({ octets: Number.parseInt(part, 10), leaves: leavesOf(part.slice(part.indexOf("{ok,"))) }));

const leavesOf = (text: string): readonly (string | number)[] => {
	const plain = text
		// The last element is the rest that was not read; octets come as text that the recording spoiled; record names follow a brace.
		.replace(/,\s*<<[^>]*>>\}\s*$/, "")
		.replace(/<<[^>]*>>/g, "")
		.replace(/\{\s*'[A-Z][^']*'/g, "{")
		.replace(/\{ok,/, "");
	return (plain.match(/'[^']*'|[a-zA-Z][\w-]*|-?\d+/g) ?? [])
		.filter((word) => word !== "asn1_NOVALUE")
		.map((word) => (/^-?\d/.test(word) ? Number(word) : word.replaceAll("'", "")));
};
