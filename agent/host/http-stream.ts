/**
 * The body of an HTTP answer as it comes, from this machine or a private network only: what readings come in by must be no way out.
 */
import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { KerbError } from "../../shared/errors.ts";
import { readStream } from "./byte-input.ts";
import { isLocalAddress } from "./local-peer.ts";

export interface HttpPlace {
	readonly host: string;
	readonly port: number;
	readonly path: string;
}

const connectMs = 10_000;

/**
 * One GET; chunks of the body until it ends or the signal aborts. Follows no redirection.
 *
 * @throws KerbError SOURCE_UNAVAILABLE when it cannot be reached, is not local, or does not answer 200.
 */
export async function* readHttpBody({ host, port, path }: HttpPlace, signal: AbortSignal): AsyncGenerator<Uint8Array> {
	const unavailable = (why: string, cause?: unknown): KerbError =>
		new KerbError("SOURCE_UNAVAILABLE", `the camera's HTTP stream ${why}; check input.http`, cause === undefined ? {} : { cause });
	const asked = request({ host, port, path, method: "GET", agent: false, signal, timeout: connectMs });
	try {
		const answer = await new Promise<IncomingMessage>((resolve, reject) => {
			asked.once("socket", (socket) => {
				socket.once("connect", () => {
					if (!isLocalAddress(socket.remoteAddress ?? "")) asked.destroy(unavailable("is not on this machine or a private network"));
				});
			});
			asked.once("timeout", () => asked.destroy(unavailable("did not answer in time")));
			waitFor(asked).then(resolve, reject);
			asked.end();
		});
		if (answer.statusCode !== 200) throw unavailable(`answered ${answer.statusCode ?? "nothing"}`);
		yield* readStream(answer, signal);
	} catch (error) {
		if (signal.aborted) return;
		throw error instanceof KerbError ? error : unavailable("cannot be read", error);
	} finally {
		asked.destroy();
	}
}

const waitFor = (asked: ClientRequest): Promise<IncomingMessage> =>
	new Promise((resolve, reject) => {
		asked.once("response", resolve);
		asked.on("error", reject);
	});
