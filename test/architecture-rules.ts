/**
 * The rules of agent/README.md that can be read off the sources. Each takes the tree (path -> text) and returns one line per violation, so
 * that a test can plant a violation and see it found.
 */
import { posix } from "node:path";

export type Tree = ReadonlyMap<string, string>;
export type Rule = (tree: Tree) => readonly string[];

const stages = [
	"sources",
	"tag",
	"collect",
	"consent",
	"place",
	"decide",
	"redact",
	"treat",
	"seal",
	"spool",
	"upload",
	"law",
	"ledger",
	"control",
];

export interface Import {
	readonly from: string;
	/** A path of the tree, or a package or Node module as it is written. */
	readonly to: string;
}

const importStatement = /^(?:import|export)\b[^;]*?\bfrom\s+"([^"]+)"|^import\s+"([^"]+)"|\bimport\(\s*"([^"]+)"/gm;

export const importsOf = (tree: Tree): readonly Import[] =>
	[...tree].flatMap(([from, text]) =>
		/\.(?:ts|mjs)$/.test(from)
			? [...text.matchAll(importStatement)].map((match) => {
					const written = match[1] ?? match[2] ?? match[3] ?? "";
					return { from, to: written.startsWith(".") ? posix.normalize(posix.join(posix.dirname(from), written)) : written };
				})
			: [],
	);

const isOurs = (path: string): boolean => /^(?:agent|shared|simulators|test)\//.test(path) || path === "package.json";
const isAgentOrShared = (path: string): boolean => /^(?:agent|shared)\/.*\.ts$/.test(path);

/** Which part of the agent a file belongs to: main, commands, top (compose and what it is made of), a stage, formats or host. */
const partOf = (path: string): string => {
	const [, part = "", ...rest] = path.split("/");
	if (rest.length > 0) return part;
	return part === "main.ts" || part === "kerbstone.mjs" ? "main" : "top";
};

const mayImport = (from: string, to: string): boolean => {
	if (from.startsWith("test/")) return true;
	if (to.startsWith("test/")) return false;
	if (from.startsWith("shared/")) return to.startsWith("shared/");
	if (to.startsWith("shared/")) return true;
	if (from.startsWith("simulators/")) return /^(?:simulators|agent\/host)\/|^agent\/(?:compose|regime)\.ts$/.test(to);
	if (to.startsWith("simulators/")) return false;
	if (to === "package.json") return from === "agent/version.ts";
	const [lower, upper] = [partOf(to), partOf(from)];
	if (lower === upper) return true;
	switch (upper) {
		case "main":
			return lower === "commands" || to === "agent/version.ts";
		case "commands":
			return lower !== "main";
		case "top":
			return stages.includes(lower) || lower === "formats" || lower === "host";
		case "law-analysis":
			// It reasons about decisions, so it asks the one stage that makes them.
			return lower === "decide";
		case "formats":
		case "host":
			return false;
		default:
			return lower === "formats" || lower === "host";
	}
};

export const importDirection: Rule = (tree) =>
	importsOf(tree)
		.filter(({ from, to }) => isOurs(to) && !mayImport(from, to))
		.map(({ from, to }) => `${from} imports ${to}`);

export const stagesAreKnown: Rule = (tree) => {
	const known = [...stages, "commands", "law-analysis", "formats", "host"];
	const parts = new Set([...tree.keys()].filter((path) => /^agent\/[^/]+\//.test(path)).map(partOf));
	return [...parts].filter((part) => !known.includes(part)).map((part) => `agent/${part} is neither a stage nor a known folder`);
};

/** Sockets, programs and MQTT are opened in few places, so that nothing leaves on a way that nobody looks at. */
const doors: readonly { readonly to: RegExp; readonly only: RegExp }[] = [
	{ to: /^node:(?:tls|https|http2|dgram|dns|dns\/promises|cluster|inspector)$/, only: /^agent\/host\// },
	{ to: /^node:http$/, only: /^agent\/(?:host|control)\// },
	{ to: /^node:net$/, only: /^agent\/(?:host|control|sources)\// },
	{ to: /^node:child_process$/, only: /^agent\/(?:host\/|sources\/|kerbstone\.mjs$)/ },
	// The one file outside `upload` subscribes at brokers nearby for a source. Stages do not import each other, so that it is in `host`; it never
	// publishes, and reaches no address that is not local.
	{ to: /^mqtt(?:\/|$)/, only: /^agent\/(?:upload\/|host\/mqtt-input\.ts$)/ },
	{ to: /^libsodium/, only: /^agent\/host\// },
];

export const outsideModules =
	(dependencies: readonly string[]): Rule =>
	(tree) =>
		importsOf(tree)
			.filter(({ from, to }) => /^(?:agent|shared)\//.test(from) && !isOurs(to))
			.flatMap(({ from, to }) => {
				if (from.startsWith("shared/")) return to === "valibot" ? [] : [`${from} imports ${to}`];
				const packageName = to
					.split("/")
					.slice(0, to.startsWith("@") ? 2 : 1)
					.join("/");
				if (!to.startsWith("node:") && !dependencies.includes(packageName)) return [`${from} imports ${to}, which is no dependency`];
				if (from.startsWith("agent/formats/") && to.startsWith("node:")) return [`${from} imports ${to}: formats do no I/O`];
				return doors.some((door) => door.to.test(to) && !door.only.test(from)) ? [`${from} imports ${to}`] : [];
			});

export const noCycles: Rule = (tree) => {
	const next = new Map<string, string[]>();
	for (const { from, to } of importsOf(tree)) if (tree.has(to)) next.set(from, [...(next.get(from) ?? []), to]);
	const done = new Set<string>();
	const cycles: string[] = [];
	const visit = (path: string, trail: readonly string[]): void => {
		if (trail.includes(path)) cycles.push([...trail.slice(trail.indexOf(path)), path].join(" -> "));
		if (trail.includes(path) || done.has(path)) return;
		for (const to of next.get(path) ?? []) visit(to, [...trail, path]);
		done.add(path);
	};
	for (const path of next.keys()) visit(path, []);
	return cycles;
};

/** Comments speak of what code must not do. */
const codeOf = (text: string): string => text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|[\s;{(,])\/\/.*$/gm, "$1");

const forbid =
	(within: RegExp, except: RegExp, words: RegExp): Rule =>
	(tree) =>
		[...tree]
			.filter(([path]) => within.test(path) && !except.test(path))
			.flatMap(([path, text]) => {
				const hit = words.exec(codeOf(text));
				return hit === null ? [] : [`${path} has "${hit[0]}"`];
			});

const noFile = /^$/;

export const onlyMainSpeaks = forbid(
	/^(?:agent|shared)\/.*\.ts$/,
	/^agent\/main\.ts$/,
	/\bconsole\.|\bprocess\.(?:exit|exitCode|abort|kill|env|argv|stdout|stderr)\b/,
);
export const onlyHostKnowsTime = forbid(
	/^(?:agent|shared|simulators)\/.*\.ts$/,
	/^agent\/host\//,
	/\bDate\.now\b|\bnew Date\(\s*\)|\bperformance\.now\b|\bprocess\.(?:hrtime|uptime)\b|\bMath\.random\b/,
);
export const onlyTreatMakesClean = forbid(
	/\.ts$/,
	/^(?:agent\/treat\/treat|test\/architecture(?:-rules|\.test))\.ts$/,
	/\bas CleanReading\b|<CleanReading>\s*[({[]/,
);
export const noFetch = forbid(/^(?:agent|shared)\/.*\.ts$/, noFile, /\b(?:fetch|WebSocket|EventSource|eval|Function)\(/);
export const noEscapes: Rule = (tree) =>
	[...tree]
		.filter(([path]) => /^(?:agent|shared|simulators)\/.*\.(?:ts|mjs)$/.test(path))
		.flatMap(([path, text]) => {
			const hit = /@ts-(?:ignore|nocheck|expect-error)|biome-ignore|\bas unknown as\b|\bas any\b|\bTODO\b|\bFIXME\b/.exec(text);
			return hit === null ? [] : [`${path} has "${hit[0]}"`];
		});

/** Converting to or from the offset datum needs a licence (regulations S-05). These are the marks of every public version of it. */
export const noOffsetDatum = forbid(
	/\.(?:ts|mjs|js|json|py|sh)$/,
	/^(?:package-lock\.json|test\/architecture(?:-rules|\.test)\.ts)$/,
	/6378245(?:\.0)?\b|0\.00669342|52\.3598775|(?:wgs84?|gcj(?:02)?|bd(?:09)?)_?(?:to|2)_?(?:wgs|gcj|bd)|eviltransform/i,
);

/** Names reserved for documentation and for the machine itself (RFC 2606, RFC 6761, RFC 5737), and those of vocabularies, which nobody asks. */
const harmlessHost =
	/^(?:127\.|0\.0\.0\.0$|10\.|192\.0\.2\.|198\.51\.100\.|203\.0\.113\.|json-schema\.org$|(?:.*\.)?(?:example|invalid|test|localhost)$|(?:.*\.)?example\.(?:com|org|net)$)/;

export const noPlaces: Rule = (tree) =>
	[...tree]
		.filter(([path]) => path !== "package-lock.json" && !/^test\/architecture/.test(path))
		.flatMap(([path, text]) => {
			const hosts = [...text.matchAll(/\b(?:https?|mqtts?|wss?|ftp|ssh):\/\/([\w-]+(?:\.[\w-]+)+)/g)].map((match) => match[1] ?? "");
			const places = [...text.matchAll(/(?<![\w.-])\/(?:work|home|root|Users|mnt)\/[\w.-]+/g)].map((match) => match[0]);
			return [...hosts.filter((host) => !harmlessHost.test(host)), ...places].map((place) => `${path} names ${place}`);
		});

export const smallFiles: Rule = (tree) =>
	[...tree]
		.filter(([path]) => isAgentOrShared(path))
		.map(([path, text]) => ({ path, lines: text.split("\n").length - 1, most: path === "agent/compose.ts" ? 150 : 400 }))
		.filter(({ lines, most }) => lines > most)
		.map(({ path, lines, most }) => `${path} has ${lines} lines, more than ${most}`);

export const kebabCase: Rule = (tree) =>
	[...tree.keys()]
		.filter((path) => /^(?:agent|shared|simulators|test|firmware-profiles)\//.test(path))
		.filter((path) => !path.split("/").every((name) => /^[a-z0-9]+(?:[-.][a-z0-9]+)*$/.test(name) || name === "README.md"))
		.map((path) => `${path} is not in kebab-case`);

/** A plug-in is a file that exports what `defineSource` or `defineTreatment` gave it. */
export const pluginsKeepContracts: Rule = (tree) =>
	[...tree].flatMap(([path, text]) => {
		const kind = /^export default define(Source|Treatment)\(/m.exec(text)?.[1]?.toLowerCase();
		if (kind === undefined || !/^agent\/(?:sources|treat)\//.test(path)) return [];
		const type = posix.basename(path, ".ts");
		const tests = importsOf(tree).filter(({ from, to }) => to === path && from.endsWith(".test.ts"));
		const called = tests.some(({ from }) => new RegExp(`\\b${kind}Contract\\(`).test(tree.get(from) ?? ""));
		const named = new RegExp(`\\b(?:type|kind): "${type}"`).test(text);
		return [
			...(called ? [] : [`${path}: no test calls ${kind}Contract with it`]),
			...(named ? [] : [`${path}: its type is not "${type}", the name of its file`]),
		];
	});

/** A name with the constants of its file that begin with `needs` written out. */
const withNeeds = (name: string, text: string): string =>
	name.replace(
		/\$\{(needs\w*)\}/g,
		(all, constant: string) => new RegExp(`const ${constant} = ["\`]([^"\`]*)["\`];`).exec(text)?.[1] ?? all,
	);

/** A skipped test says what it needs, since its name is all that is printed. */
export const skipsSayWhy: Rule = (tree) =>
	[...tree]
		.filter(([path]) => path.endsWith(".test.ts") && !path.startsWith("test/architecture"))
		.flatMap(([path, text]) => [
			...[...text.matchAll(/\.(?:skip|todo|only|fails)\(/g)].map((match) => `${path} has ${match[0]}`),
			...[...text.matchAll(/\.(?:skipIf|runIf)\([^;]*?\)\)?\(\s*(["'`])([\s\S]*?)\1/g)]
				.filter((match) => !/\(needs [^)]+\)/.test(withNeeds(match[2] ?? "", text)))
				.map((match) => `${path}: "${match[2]}" can be skipped and does not say "(needs ...)"`),
		]);
