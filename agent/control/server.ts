/**
 * The control API of one agent: HTTP on a Unix socket that only its own user may open. No TCP port is ever opened (regulations C-02), so who may
 * connect is decided by the file system; Node cannot tell the peer's uid, and acts are reported as done by "local".
 *
 * Everything a client can send is bounded: connections, requests at a time, headers, bodies, and the time it may stay silent.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Clock } from "../host/clock.ts";
import { answer } from "./answer.ts";
import { claimSocket } from "./claim-socket.ts";
import { type ControlReply, errorReply, type Route } from "./route.ts";

export interface Act {
	readonly who: "local";
	/** The act's name in the route table. */
	readonly act: string;
	/** `ok`, or the code of the refusal. */
	readonly result: string;
	/** What it was done to; absent: the agent. */
	readonly object?: string;
}

export interface ControlLimits {
	readonly maxConnections: number;
	readonly maxRequests: number;
	readonly maxHeaderBytes: number;
	/** How long a client may take over the headers, and how long it may stay silent in the middle of a body. */
	readonly idleMs: number;
}

const defaultLimits: ControlLimits = { maxConnections: 64, maxRequests: 32, maxHeaderBytes: 8_192, idleMs: 60_000 };

/** How long answers under way may take to be sent when the server closes. */
const closeGraceMs = 500;

/** How long a client that has its answer may go on sending. */
const lingerMs = 1_000;

export interface ControlOptions {
	readonly socketPath: string;
	readonly routes: readonly Route[];
	readonly clock: Clock;
	onAct?(act: Act): void;
	readonly limits?: Partial<ControlLimits>;
}

export interface ControlServer {
	readonly socketPath: string;
	/** Ends within a second, whatever clients do, and takes the socket away. */
	close(): Promise<void>;
}

interface Exchange {
	readonly request: IncomingMessage;
	readonly response: ServerResponse;
}

const send = ({ response }: Exchange, { status, contentType, body, afterwards }: ControlReply): void => {
	if (afterwards !== undefined) response.once("close", afterwards);
	if (response.destroyed) return;
	const text = typeof body === "string" ? body : `${JSON.stringify(body)}\n`;
	response.writeHead(status, {
		"content-type": contentType ?? "application/json",
		"content-length": Buffer.byteLength(text),
		"cache-control": "no-store",
	});
	response.end(text);
};

/** True when the exchange is waiting for the agent and not for the client: then silence is not the client's fault. */
const waitsForUs = ({ request, response }: Exchange): boolean =>
	!response.writableEnded && (request.complete || request.readableLength > 0);

/**
 * Starts to serve `routes`. The folder of the socket must be there.
 *
 * @throws KerbError CONTROL_UNAVAILABLE when the socket cannot be had: a live process answers there, or the path cannot be used.
 */
export const startControlServer = async (options: ControlOptions): Promise<ControlServer> => {
	const { socketPath, routes, clock } = options;
	const limits: ControlLimits = { ...defaultLimits, ...options.limits };
	const closing = new AbortController();
	const exchanges = new Set<Exchange>();

	/** What is left of a body that nobody wants: a client that is cut off while it sends may never see its answer, so it is read, but not for long. */
	const passOver = async (request: IncomingMessage): Promise<void> => {
		if (request.complete) return;
		const over = new AbortController();
		request.once("close", () => over.abort());
		request.resume();
		await clock.sleep(lingerMs, AbortSignal.any([over.signal, closing.signal]));
		if (!request.complete) request.destroy();
	};

	const exchange = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
		const current: Exchange = { request, response };
		if (exchanges.size >= limits.maxRequests || closing.signal.aborted) {
			send(current, errorReply(503, "control_busy", "the control API works on as many requests as it can; try again in a second"));
			return await passOver(request);
		}
		exchanges.add(current);
		const gone = new AbortController();
		response.once("close", () => {
			exchanges.delete(current);
			gone.abort();
		});
		const { reply, act } = await answer(routes, request, AbortSignal.any([closing.signal, gone.signal]));
		if (act !== undefined) options.onAct?.({ who: "local", ...act });
		send(current, reply);
		await passOver(request);
	};

	const server = createServer(
		{
			maxHeaderSize: limits.maxHeaderBytes,
			headersTimeout: limits.idleMs,
			connectionsCheckingInterval: Math.min(5_000, Math.ceil(limits.idleMs / 2)),
			requestTimeout: 0,
			keepAliveTimeout: Math.min(5_000, limits.idleMs),
		},
		(request, response) => {
			exchange(request, response).catch(() => response.destroy());
		},
	);
	server.maxConnections = limits.maxConnections;
	server.setTimeout(limits.idleMs, (socket) => {
		if ([...exchanges].some((current) => current.request.socket === socket && waitsForUs(current))) socket.setTimeout(limits.idleMs);
		else socket.destroy();
	});
	const release = await claimSocket(server, socketPath);

	const close = async (): Promise<void> => {
		closing.abort();
		const closed = new Promise<void>((resolve) => server.close(() => resolve()));
		const soon = new AbortController();
		await Promise.race([closed, clock.sleep(closeGraceMs, soon.signal)]);
		soon.abort();
		server.closeAllConnections();
		await closed;
		await release();
	};
	let closed: Promise<void> | undefined;
	return {
		socketPath,
		close: () => {
			closed ??= close();
			return closed;
		},
	};
};
