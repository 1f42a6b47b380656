/**
 * `law tuf-client` as the conformance suite calls it: a web server of the suite's kind (HTTP/1.0, one answer per connection), the suite's
 * URLs and arguments, in this process or, where the clock or the exit of the program matters, as a program of its own.
 */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import command from "../../agent/commands/law-tuf-client.ts";
import { repoPath } from "../data.ts";
import { makeTufSimulator, type TufSimulator } from "./tuf-simulator.ts";

/** How a run of the command is started. `days`: what the clock of the program is ahead by. */
export interface How {
	readonly asProgram?: boolean;
	readonly days?: number;
}

export interface UnderTest {
	readonly repository: TufSimulator;
	readonly metadataDir: string;
	/** What the command said on its error output, over all runs. */
	readonly said: string[];
	init(trustedRoot?: Uint8Array, how?: How): Promise<number>;
	refresh(how?: How): Promise<number>;
	download(name: string, how?: How): Promise<number>;
	/** The version of a role that the client trusts. */
	version(role: string): number | undefined;
	/** All roles that it trusts, such as `root 1`, in the order of their file names. */
	trusted(): readonly string[];
	bytes(role: string): Uint8Array;
	/** The contents of what was downloaded, the oldest file first. */
	downloaded(): readonly string[];
	close(): Promise<void>;
}

/** `name` is part of the URLs, encoded, as the names of the suite's cases are. */
export const putUnderTest = async (name = "a case[with/brackets]"): Promise<UnderTest> => {
	const repository = makeTufSimulator();
	const prefix = `/${encodeURIComponent(name)}/`;
	const server = createServer((socket) => void serve(socket, prefix, repository)).listen(0, "127.0.0.1");
	await once(server, "listening");
	const address = server.address();
	const port = typeof address === "object" && address !== null ? address.port : 0;
	const base = `http://127.0.0.1:${port}${prefix}`;
	const folder = mkdtempSync(join(tmpdir(), "kerbstone-suite-"));
	const [metadataDir, targetDir] = [join(folder, "metadata"), join(folder, "targets")];
	mkdirSync(metadataDir);
	mkdirSync(targetDir);
	const said: string[] = [];
	const run = async (options: Record<string, string>, verb: readonly string[], how: How = {}): Promise<number> => {
		if (how.asProgram === true || how.days !== undefined) return await runProgram(options, verb, how, said);
		return await command.run(
			{ values: { ...options, ...("target-name" in options ? { "target-name": [options["target-name"] ?? ""] } : {}) }, positionals: verb },
			{
				out: () => Promise.resolve(),
				err: (line) => void said.push(line),
				progress: () => {},
				isTerminal: false,
				signal: new AbortController().signal,
			},
		);
	};
	const where = { "metadata-url": `${base}metadata/`, "metadata-dir": metadataDir };
	return {
		...{ repository, metadataDir, said },
		init: (trustedRoot, how) => {
			const file = join(folder, "initial_root.json");
			writeFileSync(file, trustedRoot ?? repository.published.get("root")?.[0] ?? new Uint8Array());
			return run({ "metadata-dir": metadataDir }, ["init", file], how);
		},
		refresh: (how) => run(where, ["refresh"], how),
		download: (target, how) =>
			run({ ...where, "target-name": target, "target-dir": targetDir, "target-base-url": `${base}targets/` }, ["download"], how),
		version: (role) => {
			const file = join(metadataDir, `${role}.json`);
			return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).signed.version : undefined;
		},
		trusted: () =>
			readdirSync(metadataDir)
				.filter((file) => file.endsWith(".json"))
				.sort()
				.map((file) => `${file.slice(0, -5)} ${JSON.parse(readFileSync(join(metadataDir, file), "utf8")).signed.version}`),
		bytes: (role) => readFileSync(join(metadataDir, `${role}.json`)),
		downloaded: () =>
			readdirSync(targetDir, { recursive: true, withFileTypes: true })
				.filter((entry) => entry.isFile())
				.map((entry) => join(entry.parentPath, entry.name))
				.sort((a, b) => Number(statSync(a, { bigint: true }).mtimeNs - statSync(b, { bigint: true }).mtimeNs))
				.map((file) => readFileSync(file, "utf8")),
		close: async () => {
			rmSync(folder, { recursive: true, force: true });
			await new Promise((resolve) => server.close(resolve));
		},
	};
};

const runProgram = (options: Record<string, string>, verb: readonly string[], how: How, said: string[]): Promise<number> => {
	const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
	const ours = [process.execPath, repoPath("agent", "main.ts"), "law", "tuf-client", ...args, ...verb];
	// The suite gives the moment with its zone and parts of a second.
	const moment = new Date(Date.now() + (how.days ?? 0) * 86_400_000).toISOString().replace("T", " ").replace("Z", "000+00:00");
	const [program = "", ...rest] = how.days === undefined ? ours : ["faketime", moment, ...ours];
	return new Promise((resolve) => {
		execFile(program, rest, (error, _out, err) => {
			if (err !== "") said.push(err);
			resolve(error === null ? 0 : typeof error.code === "number" ? error.code : -1);
		});
	});
};

const maxRequestBytes = 16_384;

const serve = async (socket: Socket, prefix: string, repository: TufSimulator): Promise<void> => {
	socket.on("error", () => socket.destroy());
	let asked = "";
	for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
		asked += String(chunk);
		if (asked.includes("\r\n\r\n") || asked.length > maxRequestBytes) break;
	}
	const path = /^GET (\S+) HTTP\/1\.[01]\r\n/.exec(asked)?.[1] ?? "";
	const answer = path.startsWith(prefix) ? repository.fetch(path.slice(prefix.length)) : "missing";
	if (answer === "broken") socket.destroy();
	else if (answer === "missing") socket.end("HTTP/1.0 404 there is no such file\r\nContent-Type: text/html\r\n\r\n<p>no</p>");
	else socket.end(Buffer.concat([Buffer.from(`HTTP/1.0 200 OK\r\nContent-length: ${answer.length}\r\n\r\n`), answer]));
};
