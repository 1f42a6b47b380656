/**
 * What became of a bag, in words: a table of its topics, and how what stayed out could be let in.
 */
import { type RedactionRefusal, redactionRefusals } from "../../shared/frame.ts";
import type { Law } from "../../shared/law.ts";
import type { BagResult } from "./bag-run.ts";
import type { BagTopic } from "./bag-topics.ts";
import { explainCategory } from "./explain.ts";
import { redactionAdvice } from "./redact-advice.ts";
import { type Cell, textTable } from "./text-table.ts";

const maxRows = 200;
const maxName = 80;
const maxWhy = 200;

const clip = (text: string, most = maxName): string => (text.length > most ? `${text.slice(0, most - 3)}...` : text);

const header = ["topic", "stands for", "schema", "in", "out", "redacted", "left out", "why"];

export const bagTable = ({ topics, attachments, metadata }: BagResult): string => {
	const rows = topics.slice(0, maxRows).map((each): readonly Cell[] => {
		const { topic, path, schemas, in: taken, out, redacted } = each;
		return [clip(topic), path, clip([...schemas].join(", ")), taken, out, redacted, taken - out, clip(whyOf(each), maxWhy)];
	});
	const rest = topics.length - rows.length;
	return [
		textTable(header, rows),
		...(rest > 0 ? [`and ${rest} more topics, all left out`] : []),
		`Never written: attachments (${attachments}), metadata (${metadata}), and what stands around values in messages (frame ids, stamps, covariances).`,
	].join("\n");
};

/** Undefined counts, such as what is still held back at the end, are told as such. */
const whyOf = (topic: BagTopic): string => {
	if (topic.note !== undefined) return topic.note;
	const counted = [...topic.reasons].map(([reason, times]) => `${reason} ${times}`).join(", ");
	return counted === "" && topic.in > topic.out ? "held back to the end" : counted;
};

/** How to go on, one line each. */
export const bagHints = (law: Law, { topics, problems }: BagResult): readonly string[] => {
	const hints: string[] = problems.map((problem) => `pictures: ${problem}`);
	const idle = topics.filter(({ path }) => path === undefined);
	if (idle.length > 0) {
		hints.push(
			`${idle.length} topics stand for nothing and stay out. Of sensor_msgs/CompressedImage, PointCloud2, NavSatFix and foxglove.CompressedImage, --topic TOPIC=PATH lets a law judge them; nothing else can be judged here.`,
		);
	}
	for (const topic of topics)
		if (topic.path !== undefined && topic.tag !== undefined && topic.out === 0) hints.push(...lawHints(law, topic));
	const refused = redactionRefusals.filter((code) => topics.some(({ reasons }) => reasons.has(code)));
	for (const code of refused) hints.push(`pictures, ${code}: ${ownAdvice.get(code) ?? redactionAdvice[code]}`);
	return [...new Set(hints)];
};

/** Where a recording is another matter than one picture. */
const ownAdvice: ReadonlyMap<RedactionRefusal, string> = new Map([
	[
		"no-detector",
		'nobody can look for faces and plates. Name a detector in the rule\'s "redact-image" that finds both: models ("kerbstone model add" puts them into --models), or the built-in one to try it',
	],
	[
		"boxes-missing",
		"the rule takes boxes from the vehicle's perception, and a bag has none: add a model or the built-in detector to the rule's \"redact-image\"",
	],
]);

/** What the law says of a topic of which nothing leaves. */
const lawHints = (law: Law, { topic, path, tag }: BagTopic): readonly string[] => {
	const [outlet] = law.outlets.outlets;
	if (tag === undefined || outlet === undefined) return [];
	return explainCategory(law, { categoryId: tag.categoryId, outletId: outlet.id, path: tag.path }).flatMap(({ verdict, changes }) =>
		verdict.effect === "upload"
			? []
			: [
					`${clip(topic)} (${path}, ${tag.categoryId}): ${verdict.reasons.map(({ text }) => text).join("; ")}${
						changes.length === 0 ? "" : `. To let it leave: ${changes.map(({ text }) => text).join("; ")}`
					}`,
				],
	);
};
