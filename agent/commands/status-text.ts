/**
 * The status document as plain text for a person: what is, and how to go on where something is missing.
 */
import type { AgentStatus, CategoryStatus, LawStatus, OutletStatus, SourceStatus } from "../../shared/status.ts";

/** `3 d 4 h`, `2 min 5 s`, `0 s`: the two largest units. */
export const spanText = (ms: number): string => {
	const seconds = Math.floor(ms / 1_000);
	const parts = [
		[Math.floor(seconds / 86_400), "d"],
		[Math.floor(seconds / 3_600) % 24, "h"],
		[Math.floor(seconds / 60) % 60, "min"],
		[seconds % 60, "s"],
	] as const;
	const first = parts.findIndex(([amount]) => amount > 0);
	if (first < 0) return "0 s";
	return parts
		.slice(first, first + 2)
		.filter(([amount]) => amount > 0)
		.map(([amount, unit]) => `${amount} ${unit}`)
		.join(" ");
};

const bytesText = (bytes: number): string =>
	bytes < 10_000 ? `${bytes} B` : bytes < 10_000_000 ? `${Math.round(bytes / 1_000)} kB` : `${Math.round(bytes / 1_000_000)} MB`;

const groupDigits = (count: number): string => count.toLocaleString("en-US");

const countsText = (counts: Readonly<Record<string, number>>): string =>
	Object.entries(counts)
		.filter(([, count]) => count > 0)
		.sort(([, a], [, b]) => b - a)
		.map(([code, count]) => `${code} ${groupDigits(count)}`)
		.join(", ");

/** Rows as columns two spaces apart; all but the first are aligned right when they hold counts. */
const table = (head: readonly string[], rows: readonly (readonly string[])[], rightFrom: number, rightTo: number): string[] => {
	const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
	return [head, ...rows].map((row) =>
		row
			.map((cell, column) => {
				const width = widths[column] ?? 0;
				return column >= rightFrom && column <= rightTo ? cell.padStart(width) : cell.padEnd(width);
			})
			.join("  ")
			.trimEnd(),
	);
};

const lawLines = (law: LawStatus | undefined, problem: string | undefined, nowMs: number): string[] => {
	if (law === undefined) return [`law       none${problem === undefined ? "" : ` (${problem})`}: nothing leaves this unit`];
	const leftMs = Date.parse(law.notAfter) - nowMs;
	const until = law.expired
		? `expired ${law.notAfter} (${spanText(-leftMs)} ago): only statutory flows leave`
		: `until ${law.notAfter} (${spanText(leftMs)} left)`;
	return [
		`law       policy ${law.policyId} version ${law.policyVersion}, ${until}`,
		`          catalogue ${law.catalogueId} version ${law.catalogueVersion}, law hash ${law.hash}`,
		...(problem === undefined ? [] : [`          a newer law was not taken: ${problem}`]),
	];
};

const sourceRow = ({ id, type, state, readings, rejected, lastReadingAgeMs, detail }: SourceStatus): string[] => [
	id,
	type,
	state,
	groupDigits(readings),
	lastReadingAgeMs === undefined ? "-" : `${spanText(lastReadingAgeMs)} ago`,
	countsText(rejected) || "-",
	detail ?? "",
];

const categoryRow = ({ id, level, sensed, uploaded, coarsened, kept, dropped, reasons }: CategoryStatus): string[] => [
	id,
	level,
	...[sensed, uploaded, coarsened, kept, dropped].map(groupDigits),
	countsText(reasons) || "-",
];

const outletRow = ({
	id,
	link,
	pendingEnvelopes,
	pendingBytes,
	oldestPendingAgeMs,
	deliveredEnvelopes,
	detail,
}: OutletStatus): string[] => [
	id,
	link,
	groupDigits(deliveredEnvelopes),
	groupDigits(pendingEnvelopes),
	bytesText(pendingBytes),
	oldestPendingAgeMs === undefined ? "-" : spanText(oldestPendingAgeMs),
	detail ?? "",
];

const adviceOn = ({ law, sources, outlets, categories }: AgentStatus): string[] => {
	const lines: string[] = [];
	if (law === undefined) lines.push("there is no valid law: put a signed one into the law folder (kerbstone law init makes a first one)");
	else if (law.expired) lines.push("the policy expired: put a newer signed one into the law folder");
	if (sources.length === 0) lines.push("no source is configured: add one under sources");
	for (const { id, state } of sources) {
		if (state === "failed") lines.push(`source ${id} gave up: see its detail, correct the configuration, start the agent again`);
		if (state === "waiting") lines.push(`source ${id} waits for its device or daemon: check that it is there`);
	}
	if (law !== undefined && outlets.length === 0) lines.push("the law names no outlet: nothing can leave");
	for (const { id, link } of outlets) {
		if (link === "refused") lines.push(`outlet ${id} is refused: see its detail and the ledger (kerbstone ledger show)`);
		if (link === "off") lines.push(`outlet ${id} has no link: configure it under links`);
		if (link === "waiting") lines.push(`outlet ${id} cannot be reached now: what is pending is safe in the spool and goes out later`);
	}
	if (categories.some(({ id, sensed }) => id === "unknown" && sensed > 0)) {
		lines.push("some readings belong to no category and stay inside: map their signals in an overlay if they should have one");
	}
	return lines;
};

const section = (title: string, empty: string, rows: readonly string[]): string[] => ["", title, ...(rows.length > 1 ? rows : [empty])];

/** The status as lines of plain text, no line end at the end. Control characters in it become `?`: a terminal would obey them. */
export const statusText = (status: AgentStatus): string => {
	const { unitId, version, state, now, uptimeMs, law, lawProblem, sources, categories, outlets, ledger } = status;
	const advice = adviceOn(status);
	return [
		`unit      ${unitId} (kerbstone ${version}), ${state} for ${spanText(uptimeMs)}, its clock says ${now}`,
		...lawLines(law, lawProblem, Date.parse(now)),
		`ledger    ${groupDigits(ledger.entries)} entries${ledger.headHash === undefined ? "" : `, head ${ledger.headHash.slice(0, 16)}`}`,
		...section("sources", "none", table(["id", "type", "state", "readings", "last", "rejected", "detail"], sources.map(sourceRow), 3, 4)),
		...section(
			"categories",
			"nothing was sensed yet",
			table(["id", "level", "sensed", "uploaded", "coarsened", "kept", "dropped", "why not"], categories.map(categoryRow), 2, 6),
		),
		...section("outlets", "none", table(["id", "link", "delivered", "pending", "bytes", "oldest", "detail"], outlets.map(outletRow), 2, 5)),
		...(advice.length === 0 ? [] : ["", "to do", ...advice.map((line) => `- ${line}`)]),
	]
		.join("\n")
		.replaceAll(/[^\P{Cc}\n]/gu, "?");
};
