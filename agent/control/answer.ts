/**
 * From one HTTP request to its reply: finds the route, bounds the body, turns what is thrown into an answer. Never throws.
 */
import type { IncomingMessage } from "node:http";
import { isKerbError, KerbError } from "../../shared/errors.ts";
import { type ControlReply, errorReply, type Route } from "./route.ts";

export interface Answer {
	readonly reply: ControlReply;
	/** The act that was done or refused, when the route is one. */
	readonly act?: { readonly act: string; readonly result: string; readonly object?: string };
}

const defaultMaxBodyBytes = 65_536;

/** A body that is read piece by piece and never further than its bound. */
class BoundedBody {
	readonly #request: IncomingMessage;
	readonly #maxBytes: number;
	exceeded: boolean;

	constructor(request: IncomingMessage, maxBytes: number) {
		this.#request = request;
		this.#maxBytes = maxBytes;
		this.exceeded = Number(request.headers["content-length"] ?? 0) > maxBytes;
	}

	async *pieces(): AsyncGenerator<Uint8Array> {
		let bytes = 0;
		// A handler that stops reading must not take the connection, and its own answer, with it.
		for await (const piece of this.#request.iterator({ destroyOnReturn: false })) {
			if (!(piece instanceof Uint8Array)) continue;
			bytes += piece.length;
			if (bytes > this.#maxBytes) {
				this.exceeded = true;
				throw new KerbError("USAGE", `expected a body of at most ${this.#maxBytes} bytes, got more`);
			}
			yield piece;
		}
	}
}

const urlOf = (request: IncomingMessage): URL | undefined => URL.parse(request.url ?? "", "http://kerb") ?? undefined;

const findRoute = (routes: readonly Route[], method: string, path: string): Route | ControlReply => {
	const there = routes.filter((route) => route.path === path);
	const methods = there.map((route) => route.method).join(", ");
	if (there.length === 0)
		return errorReply(404, "route_unknown", `there is no such route; known: ${routes.map((route) => route.path).join(", ")}`);
	return there.find((route) => route.method === method) ?? errorReply(405, "method_wrong", `this route takes ${methods}`);
};

const replyToError = (error: unknown, tooLarge: boolean): ControlReply => {
	if (tooLarge) return errorReply(413, "body_too_large", "the body is longer than this route allows");
	if (isKerbError(error, "USAGE")) return errorReply(400, error.code, error.message);
	if (isKerbError(error, "CONTROL_UNAVAILABLE")) return errorReply(503, error.code, error.message);
	const code = isKerbError(error) ? error.code : "INTERNAL";
	return errorReply(500, code, "the agent could not do that; its own log says why");
};

const resultOf = ({ status, body }: ControlReply): string => {
	if (status < 400) return "ok";
	const error = typeof body === "object" && body !== null && "error" in body ? body.error : undefined;
	return typeof error === "object" && error !== null && "code" in error ? String(error.code) : "failed";
};

/** Answers one request. `signal` aborts when the server closes or the client is gone. */
export const answer = async (routes: readonly Route[], request: IncomingMessage, signal: AbortSignal): Promise<Answer> => {
	const url = urlOf(request);
	if (url === undefined) return { reply: errorReply(400, "url_invalid", "expected a path such as /status") };
	const route = findRoute(routes, request.method ?? "", url.pathname);
	if (!("handle" in route)) return { reply: route };
	const body = new BoundedBody(request, route.maxBodyBytes ?? defaultMaxBodyBytes);
	let reply: ControlReply;
	try {
		reply = body.exceeded
			? replyToError(undefined, true)
			: await route.handle({
					query: url.searchParams,
					header: (name) => request.headers[name]?.toString(),
					body: body.pieces(),
					signal,
				});
	} catch (error) {
		reply = replyToError(error, body.exceeded);
	}
	if (route.act === undefined) return { reply };
	const object = reply.object === undefined ? {} : { object: reply.object };
	return { reply, act: { act: route.act, result: resultOf(reply), ...object } };
};
