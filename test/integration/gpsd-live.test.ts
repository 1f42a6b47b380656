/**
 * A real gpsd between the recording and the source: what it says must make the fixes that the source reads from the recording itself.
 *
 * The recording reaches gpsd in two ways: over TCP from this test, which holds it back until the source listens, so that every report can be
 * compared; and through gpsfake's pseudo terminal, which begins at once, so that the first reports may go by unheard.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import * as v from "valibot";
import { afterEach, describe, expect, it } from "vitest";
import gnss from "../../agent/sources/gnss.ts";
import type { Fix } from "../../shared/reading.ts";
import { dataPath, hasData } from "../data.ts";
import { fakeSourceContext } from "../fakes/source-context.ts";
import { hasProgram, programPath } from "../peers.ts";

/** Later than any date in a recording, so that a fix with the box's time is known by it. */
const boxMs = 4_000_000_000_000;

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const close of closers.splice(0).reverse()) await close();
});

const listen = async (onConnection: (socket: Socket) => void): Promise<number> => {
	const sockets = new Set<Socket>();
	const server = createServer((socket) => {
		sockets.add(socket);
		socket.on("error", () => socket.destroy());
		onConnection(socket);
	});
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	closers.push(() => {
		for (const socket of sockets) socket.destroy();
		return new Promise((resolve) => server.close(resolve));
	});
	const address = server.address();
	return typeof address === "object" && address !== null ? address.port : 0;
};

const freePort = async (): Promise<number> => {
	const server = createServer().listen(0, "127.0.0.1");
	await once(server, "listening");
	const address = server.address();
	await new Promise((resolve) => server.close(resolve));
	return typeof address === "object" && address !== null ? address.port : 0;
};

const start = (program: string, args: readonly string[], port: number): ChildProcess => {
	const child = spawn(programPath(program) ?? program, args, {
		stdio: "ignore",
		env: { ...process.env, GPSD_SHM_KEY: `0x4b65${port.toString(16)}` },
	});
	const ended = once(child, "exit");
	closers.push(async () => {
		child.kill("SIGTERM");
		const killer = setTimeout(() => child.kill("SIGKILL"), 5_000);
		await ended;
		clearTimeout(killer);
	});
	return child;
};

/** What both ways must agree on. */
const essence = (fix: Fix): string => `${Math.floor(fix.takenAtMs + 1e-3)} ${fix.latDeg.toFixed(8)} ${fix.lonDeg.toFixed(8)} ${fix.mode}`;

/** A fix without the receiver's time has no counterpart in what is read from the recording itself. */
const essences = (fixes: readonly Fix[]): string[] => fixes.filter((fix) => fix.takenAtMs < boxMs).map(essence);

const recorded = async (path: string): Promise<string[]> => {
	const fixes: Fix[] = [];
	for await (const chunk of gnss.open(v.parse(gnss.options, { type: "gnss", input: { file: path } }), fakeSourceContext())) {
		fixes.push(...(chunk as readonly Fix[]));
	}
	return essences(fixes);
};

/** Reads from gpsd until the recording's last fix came, or gives up. `onOpened` is called when gpsd has answered. */
const heard = async (port: number, last: string | undefined, onOpened?: () => void): Promise<string[]> => {
	const context = fakeSourceContext({ startMs: boxMs, realWaitMs: 100 });
	const fixes: Fix[] = [];
	let opened = false;
	const watch = setInterval(() => {
		if (opened || !context.notes.some((note) => note.event === "source_opened")) return;
		opened = true;
		onOpened?.();
	}, 20);
	const giveUp = setTimeout(() => context.abort(), 40_000);
	try {
		for await (const chunk of gnss.open(v.parse(gnss.options, { type: "gnss", input: { gpsd: { port } } }), context)) {
			fixes.push(...(chunk as readonly Fix[]));
			if (fixes.map(essence).includes(last ?? "")) context.abort();
		}
	} finally {
		clearInterval(watch);
		clearTimeout(giveUp);
	}
	return essences(fixes);
};

describe("gnss with a real gpsd", () => {
	for (const log of ["ublox-neo-m9n-nmea.log", "haicom-305N.log", "telit-he910.log"]) {
		it.skipIf(!hasData("gnss", log) || !hasProgram("gpsd"))(
			`makes the fixes of ${log} that the recording makes (needs gpsd, shared data gnss)`,
			async () => {
				const path = dataPath("gnss", log);
				let feed = (): void => undefined;
				const connected = Promise.withResolvers<void>();
				const feedPort = await listen((socket) => {
					feed = () => void socket.write(readFileSync(path));
					connected.resolve();
				});
				const port = await freePort();
				start("gpsd", ["-N", "-n", "-b", "-S", String(port), `tcp://127.0.0.1:${feedPort}`], port);
				const expected = await recorded(path);
				expect(expected.length).toBeGreaterThan(30);
				const live = await heard(port, expected.at(-1), () => {
					connected.promise.then(
						() => feed(),
						() => undefined,
					);
				});
				expect(live).toEqual(expected);
			},
			60_000,
		);
	}

	it.skipIf(!hasData("gnss", "sirfstarv-nmea.log") || !hasProgram("gpsfake"))(
		"makes the same fixes behind gpsfake's pseudo terminal (needs gpsfake, shared data gnss)",
		async () => {
			const path = dataPath("gnss", "sirfstarv-nmea.log");
			const expected = await recorded(path);
			const port = await freePort();
			start("gpsfake", ["-1", "-n", "-q", "-P", String(port), "-c", "0.02", path], port);
			const live = await heard(port, expected.at(-1));
			expect(live.length).toBeGreaterThan(2);
			// The first report that the source hears may repeat a moment that it did not hear begin.
			expect(expected.slice(1 - live.length)).toEqual(live.slice(1));
		},
		60_000,
	);
});
