/** Runs `filter-bsm` over files, for the tests of it. */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Io } from "../../agent/commands/command.ts";
import filterBsm from "../../agent/commands/filter-bsm.ts";
import { dataPath } from "../data.ts";

export const cvdpPath = (name: string): string => dataPath(`v2x/jpo-cvdp/${name}`);

export const linesOf = (path: string): readonly string[] =>
	readFileSync(path, "utf8")
		.split("\n")
		.filter((line) => line.trim() !== "");

export interface Filtered {
	readonly code: number;
	readonly kept: readonly string[];
	/** By line: `kept`, a treatment's name, or why the line is none. */
	readonly verdicts: readonly string[];
	readonly out: readonly string[];
	readonly err: readonly string[];
}

export interface FilterCall {
	/** A path, or the lines themselves. */
	readonly messages: string | readonly string[];
	/** A path, or the document. */
	readonly policy: string | object;
	readonly places?: string | object;
	/** What the name of a written file of places ends with. */
	readonly placesEnd?: string;
	readonly fields?: string;
	readonly more?: Readonly<Record<string, string | boolean>>;
}

export const filter = async ({ messages, policy, places, placesEnd = ".json", fields, more = {} }: FilterCall): Promise<Filtered> => {
	const folder = mkdtempSync(join(tmpdir(), "filter-bsm-"));
	const file = (name: string, content: string | object): string => {
		const path = join(folder, name);
		writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
		return path;
	};
	const [kept, report] = [join(folder, "kept"), join(folder, "report")];
	const out: string[] = [];
	const err: string[] = [];
	const io: Io = {
		out: (line) => {
			out.push(line);
			return Promise.resolve();
		},
		err: (line) => err.push(line),
		progress: () => undefined,
		isTerminal: false,
		signal: new AbortController().signal,
	};
	const values = {
		in: typeof messages === "string" ? messages : file("messages", `${messages.join("\n")}\n`),
		policy: typeof policy === "string" ? policy : file("policy.json", policy),
		...(places === undefined
			? undefined
			: { places: typeof places === "string" && placesEnd === "" ? places : file(`places${placesEnd}`, places) }),
		...(fields === undefined ? undefined : { fields }),
		...{ out: kept, report },
		...more,
	};
	const code = await filterBsm.run({ values, positionals: [] }, io);
	const verdicts = linesOf(report).map((line) => {
		const { disposition, reason, treatment } = JSON.parse(line);
		return disposition === "kept" ? "kept" : (treatment ?? reason);
	});
	return { code, kept: values.out === kept ? linesOf(kept) : [], verdicts, out, err };
};

/** The campus of jpo-cvdp's own tests: streets, a circle and a rectangle, and settings with everything on. */
export const campus = {
	shapes: [
		"type,id,geography,attributes",
		...[
			["35.952500;-83.932434", "35.948878;-83.928081"],
			["35.950715;-83.934971", "35.952500;-83.932434"],
			["35.953302;-83.931344", "35.952500;-83.932434"],
			["35.952175;-83.936688", "35.950715;-83.934971"],
			["35.949813;-83.936214", "35.948272;-83.934421"],
			["35.949813;-83.936214", "35.950715;-83.934971"],
		].map(([from, to], index) => `edge,${index},${2 * index};${from}:${2 * index + 1};${to},way_type=secondary`),
		"circle,1,35.951250:-83.931861:10.0",
		"grid,0_0,35.951853:-83.932832:35.953642:-83.929975",
	].join("\n"),
	settings: (switches: {
		readonly velocity?: boolean;
		readonly geofence?: boolean;
		readonly ids?: "all" | readonly string[];
		readonly size?: boolean;
	}): string =>
		[
			`privacy.filter.velocity=${switches.velocity ? "ON" : "OFF"}`,
			"privacy.filter.velocity.min=2.235",
			"privacy.filter.velocity.max=35.763",
			`privacy.redaction.id=${switches.ids === undefined ? "OFF" : "ON"}`,
			`privacy.redaction.id.inclusions=${switches.ids === "all" ? "OFF" : "ON"}`,
			`privacy.redaction.id.included=${switches.ids === "all" ? "" : (switches.ids ?? []).join(",")}`,
			`privacy.redaction.size=${switches.size ? "ON" : "OFF"}`,
			`privacy.filter.geofence=${switches.geofence ? "ON" : "OFF"}`,
			"privacy.filter.geofence.extension=5.2",
			"privacy.filter.geofence.sw.lat=35.946920",
			"privacy.filter.geofence.sw.lon=-83.938486",
			"privacy.filter.geofence.ne.lat=35.955526",
			"privacy.filter.geofence.ne.lon=-83.926738",
		].join("\n"),
};
