/**
 * One HTTP request over a Unix socket: how commands talk to a running agent.
 */
import { request } from "node:http";
import { KerbError } from "../../shared/errors.ts";

export interface UnixRequest {
	readonly socketPath: string;
	readonly method: "GET" | "POST" | "PUT" | "DELETE";
	/** With the query. */
	readonly path: string;
	readonly headers?: Readonly<Record<string, string>>;
	readonly body?: string | Uint8Array;
	/** How long the agent may stay silent. Default 10,000. */
	readonly timeoutMs?: number;
	/** Default 16 MiB. */
	readonly maxReplyBytes?: number;
}

export interface UnixReply {
	readonly status: number;
	readonly contentType: string;
	readonly text: string;
}

const defaultTimeoutMs = 10_000;
const defaultMaxReplyBytes = 16 * 1_048_576;

const whyNot = (error: NodeJS.ErrnoException): string => {
	switch (error.code) {
		case "ENOENT":
			return "there is no such socket";
		case "ECONNREFUSED":
			return "nobody answers there";
		case "EACCES":
		case "EPERM":
			return "this user may not use it";
		default:
			return "the connection failed";
	}
};

/**
 * Sends the request and collects the reply, whatever its status.
 *
 * @throws KerbError CONTROL_UNAVAILABLE when nobody listens, the user may not connect, the agent stays silent, or the reply is cut off or too long.
 */
export const unixHttp = ({
	socketPath,
	method,
	path,
	headers = {},
	body,
	timeoutMs = defaultTimeoutMs,
	maxReplyBytes = defaultMaxReplyBytes,
}: UnixRequest): Promise<UnixReply> =>
	new Promise((resolve, reject) => {
		const fail = (why: string, cause?: unknown): void =>
			reject(new KerbError("CONTROL_UNAVAILABLE", `no answer from an agent on ${socketPath}: ${why}`, { cause }));
		const outgoing = request({ socketPath, method, path, headers: { ...headers }, agent: false, timeout: timeoutMs }, (incoming) => {
			const pieces: Buffer[] = [];
			let bytes = 0;
			incoming.on("data", (piece: Buffer) => {
				bytes += piece.length;
				if (bytes <= maxReplyBytes) return void pieces.push(piece);
				fail(`its reply is longer than ${maxReplyBytes} bytes`);
				outgoing.destroy();
			});
			incoming.on("error", (error) => fail("its reply was cut off", error));
			incoming.on("end", () =>
				resolve({
					status: incoming.statusCode ?? 0,
					contentType: incoming.headers["content-type"] ?? "",
					text: Buffer.concat(pieces).toString("utf8"),
				}),
			);
		});
		outgoing.on("timeout", () => {
			fail(`it was silent for ${timeoutMs} ms`);
			outgoing.destroy();
		});
		outgoing.on("error", (error) => fail(whyNot(error), error));
		outgoing.end(body);
	});
