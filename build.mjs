/**
 * Builds dist/kerbstone.mjs: the agent with everything that it needs in one minified file for Node 26, and the licences of what is inside
 * beside it. Equal sources give equal bytes, wherever they lie. Fails when the file grows over its budget or holds what only tests and
 * simulators may use.
 *
 * Usage: node build.mjs [--out DIR]
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const maxBytes = 1_200_000;
const root = dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({ options: { out: { type: "string", default: join(root, "dist") } } });
const outfile = join(resolve(values.out), "kerbstone.mjs");

/** The owner of an input: the npm package, or the folder of this project. */
const ownerOf = (path) =>
	/^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ??
	path
		.split("/")
		.slice(0, path.startsWith("agent/") ? 2 : 1)
		.join("/");

/**
 * What packages inside ask for and this build does without: a copy of Node's own streams for browsers, timers that outlive a hidden browser
 * tab, colours for a terminal, and native code, which would be looked for beside the bundle.
 */
const replaced = {
	"readable-stream": 'module.exports = process.getBuiltinModule("node:stream");',
	"worker-timers": "module.exports = { setInterval, clearInterval, setTimeout, clearTimeout };",
	"supports-color": "module.exports = false;",
	"cbor-extract": "module.exports = undefined;",
};

const replacing = {
	name: "replacing",
	setup(plugin) {
		const names = new RegExp(`^(?:${Object.keys(replaced).join("|")})$`);
		plugin.onResolve({ filter: names }, ({ path }) => ({ path, namespace: "replaced" }));
		plugin.onLoad({ filter: /.*/, namespace: "replaced" }, ({ path }) => ({ contents: replaced[path], loader: "js" }));
	},
};

/**
 * Node's own modules are fetched when the code that imports them runs. An `import` would load all of them at every start, and touch every
 * export, which makes some (node:http) load much that nobody asked for.
 */
const fetchingBuiltins = {
	name: "fetching-builtins",
	setup(plugin) {
		plugin.onResolve({ filter: /^[a-z:_/0-9]+$/ }, ({ path }) =>
			isBuiltin(path) ? { path: path.replace(/^(?:node:)?/, "node:"), namespace: "builtin" } : undefined,
		);
		plugin.onLoad({ filter: /.*/, namespace: "builtin" }, ({ path }) => ({
			contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
			loader: "js",
		}));
	},
};

const { metafile } = await build({
	absWorkingDir: root,
	entryPoints: ["agent/main.ts"],
	outfile,
	bundle: true,
	minify: true,
	format: "esm",
	platform: "node",
	target: "node26",
	// One byte for each character: the engine keeps and reads the text of the file in half the memory.
	charset: "ascii",
	legalComments: "external",
	metafile: true,
	// Inputs are named by where they are linked from, so that no path of the machine gets into the licences.
	preserveSymlinks: true,
	define: { "process.env.NODE_ENV": '"production"' },
	// CommonJS packages inside ask for Node's own modules by `require`, which an ES module has not.
	banner: { js: 'const require=process.getBuiltinModule("node:module").createRequire(import.meta.url);' },
	logLevel: "warning",
	plugins: [replacing, fetchingBuiltins],
}).catch(() => {
	// esbuild has said what was wrong.
	process.exit(1);
});

const output = Object.entries(metafile.outputs).find(([path]) => path.endsWith("kerbstone.mjs"))?.[1];
const bytesOf = new Map();
for (const [path, { bytesInOutput }] of Object.entries(output.inputs)) {
	bytesOf.set(ownerOf(path), (bytesOf.get(ownerOf(path)) ?? 0) + bytesInOutput);
}

/** Licences ask to travel with the code: those of every package inside, after the comments that esbuild has kept. */
const licencesFile = `${outfile}.LEGAL.txt`;
const licenceOf = (folder) => {
	const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
	const texts = readdirSync(folder).filter((file) => /^(?:licen[cs]e|copying|notice)\b/i.test(file));
	const full = texts.sort().map((file) => readFileSync(join(folder, file), "utf8").trim());
	return [`== ${name} ${version} (${license ?? "see its text"})`, ...full].join("\n\n");
};
const packageFolders = Object.keys(output.inputs).flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path) ?? []);
const licences = [...new Set(packageFolders)].sort().map((folder) => licenceOf(join(root, folder)));
const kept = existsSync(licencesFile) ? readFileSync(licencesFile, "utf8").trim() : "";
writeFileSync(licencesFile, `${[kept, ...licences].filter((part) => part !== "").join("\n\n\n")}\n`);

const kilo = (bytes) => `${(bytes / 1000).toFixed(1).padStart(8)} kB`;
const largest = [...bytesOf].filter(([, bytes]) => bytes > 0).sort((a, b) => b[1] - a[1]);
for (const [owner, bytes] of largest.slice(0, 15)) console.log(`${kilo(bytes)}  ${owner}`);
if (largest.length > 15)
	console.log(`${kilo(largest.slice(15).reduce((sum, [, bytes]) => sum + bytes, 0))}  (${largest.length - 15} more)`);
console.log(
	`${kilo(output.bytes)}  kerbstone.mjs, ${kilo(gzipSync(readFileSync(outfile)).length).trim()} gzipped, budget ${kilo(maxBytes).trim()}`,
);

const { devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const forbidden = new Set([...Object.keys(devDependencies), "simulators", "test"]);
const problems = largest
	.filter(([owner]) => forbidden.has(owner))
	.map(([owner]) => `${owner} is for development only, and is in the bundle`);
const foreign = output.imports.filter(({ path, external }) => external && !path.startsWith("node:") && !process.getBuiltinModule(path));
problems.push(...foreign.map(({ path }) => `${path} is not in the bundle, and would be looked for in node_modules`));
if (output.bytes > maxBytes) problems.push(`kerbstone.mjs has ${output.bytes} bytes, more than its budget of ${maxBytes}`);
for (const problem of problems) console.error(`build: ${problem}`);
process.exitCode = problems.length > 0 ? 1 : 0;
