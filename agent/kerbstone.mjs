#!/usr/bin/env node
/**
 * Starts the command line in a checkout under whatever Node the machine has (18 or later): the project brings its own Node 26 as an npm
 * package, and this file hands everything over to it. Plain JavaScript, since an older Node must be able to read it.
 */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const neededMajor = 26;
const unavailable = 4;
const agent = dirname(fileURLToPath(import.meta.url));
const modules = join(agent, "..", "node_modules");
const program = join(agent, "main.ts");

const fail = (message) => {
	process.stderr.write(`kerbstone: ${message}\n`);
	process.exit(unavailable);
};

/**
 * Ctrl-C reaches the whole foreground group of the terminal, the child too. Passing it on would make it two, and the second one ends the
 * agent at once. Fields 5 and 8 of /proc/PID/stat are the group and the terminal's foreground group (proc(5)).
 */
const isInForeground = () => {
	try {
		const fields = readFileSync("/proc/self/stat", "utf8")
			.replace(/^.*\) /s, "")
			.split(" ");
		return fields[2] === fields[5];
	} catch {
		return false;
	}
};

const handOver = (node) => {
	const child = spawn(node, [program, ...process.argv.slice(2)], { stdio: "inherit" });
	const forward = (signal) => {
		if (signal !== "SIGINT" || !isInForeground()) child.kill(signal);
	};
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, forward);
	child.once("error", (error) => fail(`its own Node at ${node} does not start (${error.code}); run "npm ci" again`));
	child.once("exit", (code, signal) => {
		if (signal === null) process.exit(code);
		process.removeAllListeners(signal);
		process.kill(process.pid, signal);
	});
};

if (!existsSync(modules)) {
	fail(`there is no ${modules}; run "npm ci" in ${dirname(agent)} first`);
} else if (Number(process.versions.node.split(".")[0]) >= neededMajor) {
	await import("./main.ts");
} else {
	const node = ["bin/node", "bin/node.exe"].map((path) => join(modules, "node", path)).find((path) => existsSync(path));
	if (node === undefined) {
		fail(
			`it needs Node ${neededMajor} and this is ${process.version}; run "npm ci" in ${dirname(agent)}, which brings it (allow install scripts)`,
		);
	} else {
		handOver(node);
	}
}
