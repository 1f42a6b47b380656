/**
 * Messages per second through the UPER codec, and spoilt messages by the million, with the longest that one took.
 * Run: node test/bench/uper.bench.ts [millions of spoilt messages, 0.2 unless told] [seed]
 */
import { decodeUperMessage, type UperFamilyName } from "../../agent/formats/v2x/shapes.ts";
import { isKerbError } from "../../shared/errors.ts";
import { spoiltMessages } from "../formats/v2x/uper-mutations.ts";

/** A T/CSAE 53 BSM with four crumbs of path history, stated outright. */
const bsm = Uint8Array.from(
	Buffer.from(
		"002eb7d528470707070704a399af1ab4b614721fc22efc0006047e87e8401fffe022587080a68000060d614712f335e34fdc00101ac28e335a6bc6a578002035851c6f54d78d4c2000406b0a38e9c9af1a9480008000",
		"hex",
	),
);

const perSecond = (name: string, work: () => void): void => {
	let rounds = 0;
	const start = process.cpuUsage();
	for (let spent = 0; spent < 1_500_000; rounds += 1_000) {
		for (let round = 0; round < 1_000; round += 1) work();
		const { user, system } = process.cpuUsage(start);
		spent = user + system;
	}
	const { user, system } = process.cpuUsage(start);
	console.log(`${name}: ${Math.round((rounds * 1e6) / (user + system))} messages per CPU second`);
};

const { shape, content } = decodeUperMessage("tcsae", bsm);
perSecond("BSM, read and proven", () => decodeUperMessage("tcsae", bsm));
perSecond("BSM, written", () => shape.encode(content));

/** True when the message was read. */
const read = (family: UperFamilyName, octets: Uint8Array): boolean => {
	try {
		decodeUperMessage(family, octets);
		return true;
	} catch (error) {
		if (!isKerbError(error, "FORMAT_INVALID")) throw error;
		return false;
	}
};

/** The shortest of a few times, so that what else the machine does is not held against the message. */
const timeUs = (family: UperFamilyName, octets: Uint8Array): number =>
	Math.min(
		...Array.from({ length: 5 }, () => {
			const start = performance.now();
			read(family, octets);
			return (performance.now() - start) * 1_000;
		}),
	);

// Millions of refusals want no stack each.
Error.stackTraceLimit = 0;

const total = Math.round(Number(process.argv[2] ?? 0.2) * 1e6);
const next = spoiltMessages(Number(process.argv[3] ?? 1));
let kept = 0;
let longestUs = 0;
let longest = "";
for (let count = 0; count < total; count += 1) {
	const { family, octets } = next();
	const start = performance.now();
	if (read(family, octets)) kept += 1;
	if ((performance.now() - start) * 1_000 <= longestUs) continue;
	const tookUs = timeUs(family, octets);
	if (tookUs <= longestUs) continue;
	longestUs = tookUs;
	longest = `${Math.round(tookUs)} us for ${octets.length} octets of ${family}`;
}
console.log(`${total} spoilt messages: ${total - kept} refused, ${kept} read, none crashed; the longest took ${longest}`);
