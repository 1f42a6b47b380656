/**
 * A real mosquitto with a configuration of the test's own, on loopback and a free port. It can be killed and started again on the same port.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, connect as netConnect } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { programPath } from "../peers.ts";
import type { Pair } from "./certificates.ts";

export interface MosquittoOptions {
	/** For its configuration, its database and its log. */
	readonly folder: string;
	readonly tls?: Pair & { readonly caFile: string; readonly requireCertificate: boolean };
	/** Lines of an access control list; without it everybody may do everything. */
	readonly acl?: readonly string[];
	/** Further lines of mosquitto.conf. */
	readonly config?: readonly string[];
}

export interface Mosquitto {
	readonly port: number;
	/** With `localhost` as host under TLS, so that there is a name to verify. */
	readonly url: string;
	/** SIGKILL: whatever it holds in memory is lost. */
	kill(): Promise<void>;
	/** Starts it again on the same port. */
	start(): Promise<void>;
	stop(): Promise<void>;
}

const freePort = async (): Promise<number> => {
	const server = createServer().listen(0, "127.0.0.1");
	await once(server, "listening");
	const { port } = server.address() as AddressInfo;
	server.close();
	await once(server, "close");
	return port;
};

const answers = (port: number): Promise<boolean> =>
	new Promise((resolve) => {
		const socket = netConnect({ host: "127.0.0.1", port });
		socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
		socket.once("connect", () => socket.destroy());
	});

/** Starts mosquitto and waits until it listens. */
export const startMosquitto = async (options: MosquittoOptions): Promise<Mosquitto> => {
	const program = programPath("mosquitto");
	if (program === undefined) throw new Error("mosquitto is not installed");
	const folder = join(options.folder, `mosquitto-${Math.random().toString(36).slice(2, 8)}`);
	mkdirSync(folder);
	const port = await freePort();
	const { tls, acl } = options;
	const lines = [
		// Started by root it would become another user, who may not read the folder.
		`user ${userInfo().username}`,
		`listener ${port} 127.0.0.1`,
		"allow_anonymous true",
		"persistence true",
		`persistence_location ${folder}/`,
		"autosave_on_changes true",
		"autosave_interval 1",
		"max_inflight_messages 0",
		"max_queued_messages 1000000",
		...(tls === undefined ? [] : [`cafile ${tls.caFile}`, `certfile ${tls.certFile}`, `keyfile ${tls.keyFile}`]),
		...(tls?.requireCertificate === true ? ["require_certificate true"] : []),
		...(acl === undefined ? [] : [`acl_file ${join(folder, "acl")}`]),
		...(options.config ?? []),
	];
	if (acl !== undefined) writeFileSync(join(folder, "acl"), `${acl.join("\n")}\n`, { mode: 0o600 });
	writeFileSync(join(folder, "mosquitto.conf"), `${lines.join("\n")}\n`);

	let child: ChildProcess | undefined;
	const start = async (): Promise<void> => {
		const started = spawn(program, ["-c", join(folder, "mosquitto.conf")], { stdio: "ignore" });
		child = started;
		for (let tries = 0; tries < 200; tries += 1) {
			if (started.exitCode !== null) throw new Error(`mosquitto ended with ${started.exitCode}; see ${folder}`);
			if (await answers(port)) return;
			await sleep(25);
		}
		throw new Error("mosquitto does not listen");
	};
	const end = async (signal: "SIGKILL" | "SIGTERM"): Promise<void> => {
		const running = child;
		child = undefined;
		if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
		const exited = once(running, "exit");
		running.kill(signal);
		await exited;
	};
	await start();
	return {
		port,
		url: tls === undefined ? `mqtt://127.0.0.1:${port}` : `mqtts://localhost:${port}`,
		kill: () => end("SIGKILL"),
		start,
		stop: () => end("SIGTERM"),
	};
};
