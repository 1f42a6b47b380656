/**
 * Builds dist/kerbstone.mjs: the agent with everything that it needs in one minified file for Node 26, and the licences of what is inside
 * beside it. Equal sources give equal bytes, wherever they lie. Fails when the file grows over its budget or holds what only tests and
 * simulators may use.
 *
 * A firmware profile (firmware-profiles/*.json) says which sources and treatments are inside; what a profile leaves out is not in its file at all. A profile with cameras
 * gets kerbstone-redact.mjs beside it, the worker that looks for faces and plates.
 *
 * Usage: node build.mjs [--profile ID] [--out DIR]
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { build, transform } from "esbuild";

const root = dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({
	options: { out: { type: "string", default: join(root, "dist") }, profile: { type: "string", default: "tbox-arm64" } },
});
const profile = JSON.parse(readFileSync(join(root, "firmware-profiles", `${values.profile}.json`), "utf8"));
const maxBytes = profile.maxBundleBytes;
const holds = (kind, name) => profile[kind] === "all" || profile[kind].includes(name);
const outfile = join(resolve(values.out), "kerbstone.mjs");
/** Both passes read and write for the same engine; `ascii`: see `withoutWideCharacters`. */
const output = { format: "esm", target: "node26", platform: "node", charset: "ascii", logLevel: "warning" };

/** The owner of an input: the npm package, or the folder of this project. */
const ownerOf = (path) =>
	/^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ??
	path
		.split("/")
		.slice(0, path.startsWith("agent/") ? 2 : 1)
		.join("/");

/**
 * What packages inside ask for and this build does without: a copy of Node's own streams for browsers, timers that outlive a hidden browser
 * tab, native code, which would be looked for beside the bundle, a logger that prints packets, sensed values and all, when the environment
 * asks for it, and a cache for aliases of topics, which the uploader does not use (a Map stands in).
 */
const replaced = {
	"readable-stream": 'module.exports = process.getBuiltinModule("node:stream");',
	"worker-timers": "module.exports = { setInterval, clearInterval, setTimeout, clearTimeout };",
	"lru-cache": "module.exports = { LRUCache: class extends Map { constructor() { super(); } } };",
	debug: "module.exports = () => () => undefined;",
	"cbor-extract": "module.exports = undefined;",
};

/** A registry of plug-ins without those that the profile leaves out: one line of the file each, and for treatments one import. */
const registryOf = (kind, path) =>
	readFileSync(path, "utf8")
		.split("\n")
		.filter((line) => {
			const name = /^import \w+ from "\.\/([a-z-]+)\.ts";$/.exec(line)?.[1] ?? /^\t\["([a-z0-9-]+)", \(\) => import\(/.exec(line)?.[1];
			const plugin = /^\t([a-zA-Z]+),$/.exec(line)?.[1]?.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
			return holds(kind, name ?? plugin ?? "") || (name === undefined && plugin === undefined);
		})
		.join("\n");

/**
 * What only readings of one source can reach: without that source nothing ever calls it, so that its functions may be empty. Files that export more than
 * functions, classes, lists and numbers stay as they are.
 */
const reachedBy = [
	{ source: "v2x", files: /\/agent\/formats\/v2x\/[a-z0-9-]+\.ts$/ },
	{ source: "camera", files: /\/agent\/(?:formats\/jpeg-[a-z-]+|redact\/[a-z-]+)\.ts$/ },
	{ source: "lidar", files: /\/agent\/formats\/(?:pcd|lzf|cloud|point-cloud2)[a-z-]*\.ts$/ },
	{ source: "map", files: /\/agent\/formats\/(?:geojson|map|xml|opendrive|lanelet2)[a-z-]*\.ts$/ },
];
const hollow = (path) => {
	const exported = [...readFileSync(path, "utf8").matchAll(/^export (?!type|interface|\{)(.*)$/gm)].map(([, line = ""]) => line);
	const empty = exported.map((line) => {
		const [, kind, name, rest = ""] = /^(const|function|class) (\w+)(.*)$/.exec(line) ?? [];
		if (kind === "class") return `export class ${name} {}`;
		if (kind === "function" || /^(?:: [^=]+)? = (?:async )?(?:<[^>]*>)?\(/.test(rest)) return `export const ${name} = () => undefined;`;
		if (/^(?:: [^=]+)? = \[/.test(rest)) return `export const ${name} = [];`;
		return /^ = [\d_* ]+;$/.test(rest) ? `export const ${name}${rest}` : undefined;
	});
	return empty.includes(undefined) || empty.length === 0 ? undefined : { contents: empty.join("\n"), loader: "js" };
};

const replacing = {
	name: "replacing",
	setup(plugin) {
		const names = new RegExp(`^(?:${Object.keys(replaced).join("|")})$`);
		plugin.onResolve({ filter: names }, ({ path }) => ({ path, namespace: "replaced" }));
		// A unit obeys law and never makes it: the tools for that stay with the checkout.
		plugin.onLoad({ filter: /\/agent\/commands\/law-tools\.ts$/ }, () => ({ contents: "export const lawTools = [];", loader: "js" }));
		for (const kind of ["sources", "treatments"]) {
			const filter = kind === "sources" ? /\/agent\/sources\/registry\.ts$/ : /\/agent\/treat\/registry\.ts$/;
			plugin.onLoad({ filter }, ({ path }) => ({ contents: registryOf(kind, path), loader: "ts" }));
		}
		for (const { source, files } of reachedBy) {
			if (!holds("sources", source)) plugin.onLoad({ filter: files }, ({ path }) => hollow(path));
		}
		plugin.onLoad({ filter: /.*/, namespace: "replaced" }, ({ path }) => ({ contents: replaced[path], loader: "js" }));
	},
};

/**
 * Node's own modules are fetched when the code that imports them runs, and of each only what is named there. A plain `import` would load all
 * of them at every start, and to copy their exports, as esbuild does where it may not look into a module, makes some of them (node:util) load
 * much that nobody asked for. `require` and `import()` get the module as it is.
 */
const fetchingBuiltins = {
	name: "fetching-builtins",
	setup(plugin) {
		plugin.onResolve({ filter: /^[a-z:_/0-9]+$/ }, ({ path, kind }) =>
			isBuiltin(path)
				? {
						path: path.replace(/^(?:node:)?/, "node:"),
						namespace: kind === "import-statement" ? "builtin-names" : "builtin",
						sideEffects: false,
					}
				: undefined,
		);
		plugin.onLoad({ filter: /.*/, namespace: "builtin" }, ({ path }) => ({ contents: `module.exports = ${fetched(path)};`, loader: "js" }));
		plugin.onLoad({ filter: /.*/, namespace: "builtin-names" }, ({ path }) => {
			const names = Object.keys(process.getBuiltinModule(path)).filter((name) => name !== "default");
			const exports = names.map((name) => `export const ${name} = /* @__PURE__ */ nameIn(builtin, "${name}");`);
			const head = [`const builtin = ${fetched(path)};`, "const nameIn = (from, name) => from[name];", "export default builtin;"];
			return { contents: [...head, ...exports].join("\n"), loader: "js" };
		});
	},
};
const fetched = (path) => `/* @__PURE__ */ process.getBuiltinModule(${JSON.stringify(path)})`;

/** esbuild has said what was wrong. */
const giveUp = () => process.exit(1);

const { metafile, outputFiles } = await build({
	...output,
	absWorkingDir: root,
	entryPoints: ["agent/main.ts"],
	outfile,
	bundle: true,
	write: false,
	// Names are shortened by a pass of its own. Where they are kept, esbuild wraps each module in a method; where not, in an arrow function,
	// and V8 reads an arrow function at the top of a module twice: at once with all that is inside, and again when it is called. For this file
	// that is 6 MB and 30 ms at every start.
	minifyWhitespace: true,
	minifySyntax: true,
	legalComments: "external",
	metafile: true,
	// Inputs are named by where they are linked from, so that no path of the machine gets into the licences.
	preserveSymlinks: true,
	define: { "process.env.NODE_ENV": '"production"' },
	// CommonJS packages inside ask for Node's own modules by `require`, which an ES module has not.
	banner: { js: 'const require=process.getBuiltinModule("node:module").createRequire(import.meta.url);' },
	plugins: [replacing, fetchingBuiltins],
}).catch(giveUp);

/**
 * One byte for each character: the engine keeps the text of the file in half the memory. esbuild leaves regular expressions as they are.
 */
const withoutWideCharacters = (code) =>
	code.replace(/[^\0-\x7f]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);

const made = (name) => outputFiles.find(({ path }) => path.endsWith(name))?.text ?? "";
/** The methods that modules are wrapped in have their paths for names, which nobody asks for. */
const withoutPaths = (code) => code.replace(/\b(__esm|__commonJS)\(\{"[^"]+"\(/g, "$1({m(");
const { code } = await transform(withoutPaths(made("kerbstone.mjs")), { ...output, minify: true }).catch(giveUp);
const bundle = withoutWideCharacters(code);
mkdirSync(dirname(outfile), { recursive: true });
writeFileSync(outfile, bundle, { mode: 0o755 });

/** Packages of which something lies beside the bundle. */
const dataFolders = [];
if (holds("sources", "camera")) {
	// The worker of pictures: its networks' runtime is native and lies beside it, where the box has it.
	await build({
		...output,
		absWorkingDir: root,
		entryPoints: ["agent/redact/redact-worker.ts"],
		outfile: join(dirname(outfile), "kerbstone-redact.mjs"),
		bundle: true,
		minify: true,
		legalComments: "none",
		external: ["onnxruntime-node"],
		preserveSymlinks: true,
	}).catch(giveUp);
	// The built-in detector's weights, where their package is installed: without them it says that it cannot look.
	const { findPackedWeights, packedWeightsFile, weightsPackage } = await import("./agent/redact/builtin-detector.ts");
	const weights = findPackedWeights();
	if (weights !== undefined) {
		writeFileSync(join(dirname(outfile), packedWeightsFile), weights);
		dataFolders.push(`node_modules/${weightsPackage}`);
	}
}

/** Sizes are known of the first pass; each part is taken to shrink alike in the second. */
const [{ bytes: longBytes, inputs, imports }] = Object.values(metafile.outputs).filter(({ entryPoint }) => entryPoint !== undefined);
const bytesOf = new Map();
for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
	bytesOf.set(ownerOf(path), (bytesOf.get(ownerOf(path)) ?? 0) + (bytesInOutput * bundle.length) / longBytes);
}

/** Licences ask to travel with the code: those of every package inside, after the comments that esbuild has kept. */
const licencesFile = `${outfile}.LEGAL.txt`;
const licenceOf = (folder) => {
	const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
	const texts = readdirSync(folder).filter((file) => /^(?:licen[cs]e|copying|notice)\b/i.test(file));
	const full = texts.sort().map((file) => readFileSync(join(folder, file), "utf8").trim());
	return [`== ${name} ${version} (${license ?? "see its text"})`, ...full].join("\n\n");
};
const packageFolders = [
	...dataFolders,
	...Object.keys(inputs).flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path) ?? []),
];
const licences = [...new Set(packageFolders)].sort().map((folder) => licenceOf(join(root, folder)));
const kept = made(".LEGAL.txt").trim();
writeFileSync(licencesFile, `${[kept, ...licences].filter((part) => part !== "").join("\n\n\n")}\n`);

const kilo = (bytes) => `${(bytes / 1000).toFixed(1).padStart(8)} kB`;
const largest = [...bytesOf].filter(([, bytes]) => bytes > 0).sort((a, b) => b[1] - a[1]);
for (const [owner, bytes] of largest.slice(0, 15)) console.log(`${kilo(bytes)}  ${owner}`);
if (largest.length > 15)
	console.log(`${kilo(largest.slice(15).reduce((sum, [, bytes]) => sum + bytes, 0))}  (${largest.length - 15} more)`);
console.log(`${kilo(bundle.length)}  kerbstone.mjs, ${kilo(gzipSync(bundle).length).trim()} gzipped, budget ${kilo(maxBytes).trim()}`);

const { devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const forbidden = new Set([...Object.keys(devDependencies), "simulators", "test"]);
const problems = largest
	.filter(([owner]) => forbidden.has(owner))
	.map(([owner]) => `${owner} is for development only, and is in the bundle`);
const foreign = imports.filter(({ path, external }) => external && !path.startsWith("node:") && !process.getBuiltinModule(path));
problems.push(...foreign.map(({ path }) => `${path} is not in the bundle, and would be looked for in node_modules`));
if (bundle.length > maxBytes) problems.push(`kerbstone.mjs has ${bundle.length} bytes, more than its budget of ${maxBytes}`);
for (const problem of problems) console.error(`build: ${problem}`);
process.exitCode = problems.length > 0 ? 1 : 0;
