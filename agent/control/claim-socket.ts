/**
 * Puts a listening Unix socket at a path that only the agent's user may use, in place of one that a dead process left, never of a live one.
 *
 * The socket is bound and set to mode 0600 inside a folder of its own (mode 0700) and then renamed to its place, so that there is no moment at
 * which another user could connect, and a stale socket is replaced in one step.
 */
import { chmod, lstat, mkdtemp, rename, rm, unlink } from "node:fs/promises";
import type { Server } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { isMissingFile, KerbError } from "../../shared/errors.ts";

/** `sun_path` of Linux holds 107 bytes and a zero; the folder's name and the name in it take 9. */
const maxPathBytes = 107 - ".XXXXXX/s".length;

/** How long a process that listens may take to accept; one that is too busy is alive. */
const probeMs = 2_000;

/** True when a process answers there, or cannot be ruled out to. */
const isLive = (path: string): Promise<boolean> =>
	new Promise((resolve) => {
		const socket = connect(path);
		const finish = (live: boolean): void => {
			socket.destroy();
			resolve(live);
		};
		socket.setTimeout(probeMs, () => finish(true));
		socket.once("connect", () => finish(true));
		socket.once("error", (error: NodeJS.ErrnoException) => finish(error.code !== "ECONNREFUSED" && error.code !== "ENOENT"));
	});

const refuse = (message: string, cause?: unknown): KerbError => new KerbError("CONTROL_UNAVAILABLE", message, { cause });

const checkPlace = async (path: string): Promise<void> => {
	if (Buffer.byteLength(path) > maxPathBytes) {
		throw refuse(
			`the control socket's path must be at most ${maxPathBytes} bytes long, got ${Buffer.byteLength(path)}; choose a shorter one`,
		);
	}
	let known: Awaited<ReturnType<typeof lstat>>;
	try {
		known = await lstat(path);
	} catch (cause) {
		if (isMissingFile(cause)) return;
		throw refuse(`the control socket cannot be placed at ${path}: its folder cannot be read`, cause);
	}
	if (!known.isSocket())
		throw refuse(`${path} is there already and is no socket; move it away or configure another path for the control socket`);
	if (await isLive(path)) {
		throw refuse(`another process answers on ${path}; stop that agent first, or give this one a data folder of its own`);
	}
};

const listen = (server: Server, path: string): Promise<void> =>
	new Promise((resolve, reject) => {
		server.once("error", reject);
		server.listen(path, () => {
			server.off("error", reject);
			resolve();
		});
	});

/**
 * Makes `server` listen at `path`; the folder must be there. Returns what takes the socket away again, but only this one, not a later one.
 *
 * @throws KerbError CONTROL_UNAVAILABLE when the path is too long, is something else, is answered by a live process, or cannot be written.
 */
export const claimSocket = async (server: Server, path: string): Promise<() => Promise<void>> => {
	await checkPlace(path);
	let nest: string | undefined;
	try {
		nest = await mkdtemp(`${path}.`);
		const inside = join(nest, "s");
		await listen(server, inside);
		await chmod(inside, 0o600);
		const { ino } = await lstat(inside);
		await rename(inside, path);
		return async () => {
			try {
				if ((await lstat(path)).ino === ino) await unlink(path);
			} catch (error) {
				if (!isMissingFile(error)) throw error;
			}
		};
	} catch (cause) {
		server.close();
		throw refuse(`the control socket cannot be placed at ${path}; check that its folder is there and can be written`, cause);
	} finally {
		if (nest !== undefined) await rm(nest, { recursive: true, force: true });
	}
};
