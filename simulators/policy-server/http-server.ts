/**
 * The HTTP side: who asks, may they, is the request within its bounds; then the route. Without TLS on loopback only. Everything a client can
 * send is bounded: connections, requests at a time and per second, headers, bodies, and time.
 */
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { TLSSocket } from "node:tls";
import type { Clock } from "../../agent/host/clock.ts";
import { KerbError } from "../../shared/errors.ts";
import type { People, Person } from "./people.ts";
import { createRates } from "./rates.ts";
import { Refused } from "./refused.ts";
import { matchPath, type Reply, type Route } from "./route.ts";

export interface ServerTls {
	readonly cert: string;
	readonly key: string;
	/** When given, a client may show a certificate that this authority vouches for, in place of a token. */
	readonly clientCa?: string;
}

export interface HttpLimits {
	readonly maxBodyBytes: number;
	readonly maxHeaderBytes: number;
	readonly maxConnections: number;
	readonly maxRequests: number;
	/** A whole request must be here within this time. */
	readonly requestMs: number;
	/** Per credential. */
	readonly perSecond: number;
	readonly burst: number;
}

export const defaultHttpLimits: HttpLimits = {
	maxBodyBytes: 4 * 1024 * 1024,
	maxHeaderBytes: 16_384,
	maxConnections: 512,
	maxRequests: 64,
	requestMs: 30_000,
	perSecond: 50,
	burst: 200,
};

export interface HttpOptions {
	readonly host: string;
	/** 0 for a free one. */
	readonly port: number;
	readonly tls?: ServerTls;
	readonly limits?: Partial<HttpLimits>;
	readonly routes: readonly Route[];
	readonly people: People;
	readonly clock: Clock;
	/** Hears of every act and of every refusal of a person who is known. */
	readonly onAct: (act: { readonly who: string; readonly act: string; readonly target: string; readonly result: string }) => void;
	/** Hears of errors that are nobody's fault but ours. */
	readonly onError: (error: unknown) => void;
}

export interface HttpServer {
	readonly url: string;
	close(): Promise<void>;
}

const isLoopback = (host: string): boolean => host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host);

/** @throws KerbError CONFIG_INVALID without TLS on anything but a loopback address. */
export const checkAddress = ({ host, tls }: Pick<HttpOptions, "host" | "tls">): void => {
	if (tls === undefined && !isLoopback(host))
		throw new KerbError("CONFIG_INVALID", "without --tls-cert and --tls-key the server listens on 127.0.0.1 or ::1 only");
};

const safeHeaders = {
	"cache-control": "no-store",
	"x-content-type-options": "nosniff",
	"referrer-policy": "no-referrer",
	"x-frame-options": "DENY",
};

const send = (request: IncomingMessage, response: ServerResponse, { status, body, contentType, headers }: Reply): void => {
	if (response.destroyed || response.headersSent) return;
	const raw = typeof body === "string" || body instanceof Uint8Array;
	const bytes = body === undefined ? new Uint8Array() : raw ? Buffer.from(body) : Buffer.from(`${JSON.stringify(body)}\n`);
	const type = body === undefined ? {} : { "content-type": contentType ?? "application/json" };
	// What is left of a body that was not wanted would be taken for the next request.
	const unread = request.complete ? {} : { connection: "close" };
	response.writeHead(status, {
		...safeHeaders,
		...type,
		...headers,
		...unread,
		...(status === 304 ? {} : { "content-length": bytes.length }),
	});
	response.end(status === 304 || request.method === "HEAD" ? undefined : bytes);
};

const refusal = (status: number, code: string, message: string, problems: readonly string[] = []): Reply => ({
	status,
	body: { error: { code, message, problems: problems.slice(0, 500) } },
	...(status === 401 ? { headers: { "www-authenticate": 'Bearer realm="policy"' } } : {}),
});

const readBody = async (request: IncomingMessage, maxBytes: number): Promise<unknown> => {
	const tooLong = new Refused(413, "body_too_large", `expected a body of at most ${maxBytes} bytes`);
	if (Number(request.headers["content-length"] ?? 0) > maxBytes) throw tooLong;
	const pieces: Uint8Array[] = [];
	let length = 0;
	for await (const piece of request.iterator({ destroyOnReturn: false })) {
		if (!(piece instanceof Uint8Array)) continue;
		length += piece.length;
		if (length > maxBytes) throw tooLong;
		pieces.push(piece);
	}
	if (length === 0) return undefined;
	try {
		return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(pieces)));
	} catch (cause) {
		throw cause instanceof RangeError ? cause : new Refused(400, "body_invalid", "expected a body of JSON in UTF-8");
	}
};

/**
 * True when a browser says that another site's page asks. A browser shows a client certificate for whatever page asks, and a POST without a
 * body or with a text one is sent unasked, so nothing else would keep a foreign page from acting for whoever reads it.
 */
const isForeignPage = ({ headers }: IncomingMessage): boolean => {
	const site = headers["sec-fetch-site"];
	// A proxy may have changed the host that the origin would be compared with, but not this.
	if (site !== undefined) return site !== "same-origin" && site !== "none";
	const { origin } = headers;
	if (origin === undefined) return false;
	return !URL.canParse(origin) || new URL(origin).host !== headers.host;
};

/**
 * Starts to serve.
 *
 * @throws KerbError CONFIG_INVALID without TLS on anything but loopback, or when the port cannot be had.
 */
export const startHttpServer = async (options: HttpOptions): Promise<HttpServer> => {
	const { routes, people, clock, tls } = options;
	checkAddress(options);
	const limits: HttpLimits = { ...defaultHttpLimits, ...options.limits };
	const rates = createRates(limits.perSecond, limits.burst);
	// Guessing a token is hopeless anyway; this keeps the log and the machine quiet while somebody tries.
	const strangers = createRates(5, 50);
	let underWay = 0;

	const whoAsks = (request: IncomingMessage): Person | undefined => {
		const bearer = /^Bearer ([\x21-\x7e]{1,200})$/.exec(request.headers.authorization ?? "")?.[1];
		if (bearer !== undefined) return people.byToken(bearer);
		const { socket } = request;
		if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
		const cn: unknown = socket.getPeerCertificate().subject?.CN;
		return typeof cn === "string" ? people.byCertificate(cn) : undefined;
	};

	const findRoute = (method: string, path: string): { readonly route: Route; readonly params: Readonly<Record<string, string>> } => {
		const there = routes.flatMap((route) => {
			const params = route.path === "/tuf/{path}" && path.startsWith("/tuf/") ? { path: path.slice(5) } : matchPath(route.path, path);
			return params === undefined ? [] : [{ route, params }];
		});
		const found = there.find(({ route }) => route.method === method || (method === "HEAD" && route.method === "GET"));
		if (found !== undefined) return found;
		if (there.length === 0) throw new Refused(404, "route_unknown", "there is no such route; the OpenAPI file lists all");
		throw new Refused(405, "method_wrong", `this route takes ${there.map(({ route }) => route.method).join(", ")}`);
	};

	const answer = async (request: IncomingMessage): Promise<Reply> => {
		const address = request.socket.remoteAddress ?? "";
		// Taken from the request as it came: the URL class would resolve dots before anybody looks at them.
		const [path = "", query = ""] = (request.url ?? "").split("?", 2);
		const { route, params } = findRoute(request.method ?? "", path);
		let who: Person = { name: "anyone", roles: [], credential: "" };
		if (route.may !== "anyone") {
			if (isForeignPage(request)) throw new Refused(403, "other_site", "a page of another site may not ask for anybody");
			// Who is known is let in first: behind one proxy a stranger who guesses has the address of everybody.
			const known = whoAsks(request);
			if (known === undefined) {
				if (!strangers.take(address, clock.bootMs())) throw new Refused(429, "too_many", "too many requests with no valid token; wait");
				throw new Refused(
					401,
					"who_are_you",
					"expected a valid token (Authorization: Bearer ...) or a client certificate that is enrolled",
				);
			}
			who = known;
			const label = `${route.method} ${route.path}`;
			if (!rates.take(who.credential, clock.bootMs()))
				throw new Refused(429, "too_many", "too many requests with this token; wait a second");
			if (!route.may.some((role) => who.roles.includes(role))) {
				options.onAct({ who: who.name, act: label, target: "", result: "refused: forbidden" });
				throw new Refused(403, "forbidden", `this needs one of the roles ${route.may.join(", ")}`);
			}
			const body = route.method === "GET" ? undefined : await readBody(request, limits.maxBodyBytes);
			const record = (target: string, result: string): void => {
				if (route.method !== "GET" && route.quiet !== true) options.onAct({ who: who.name, act: label, target, result });
			};
			const target = Object.values(params).join(" ");
			try {
				const reply = await route.handle(callOf(request, params, query, body, who));
				record(reply.target ?? target, "ok");
				return reply;
			} catch (error) {
				record(target, `refused: ${error instanceof Refused ? error.reason : "internal"}`);
				throw error;
			}
		}
		return route.handle(callOf(request, params, query, undefined, who));
	};

	const callOf = (request: IncomingMessage, params: Readonly<Record<string, string>>, query: string, body: unknown, who: Person) => ({
		params,
		query: new URLSearchParams(query),
		body,
		header: (name: string) => request.headers[name]?.toString(),
		who,
		nowMs: clock.nowMs(),
	});

	const listener: RequestListener = (request, response) => {
		const take = async (): Promise<void> => {
			if (underWay >= limits.maxRequests)
				return send(request, response, refusal(503, "busy", "the server works on as many requests as it can; try again in a second"));
			underWay += 1;
			try {
				send(request, response, await answer(request));
			} catch (error) {
				if (error instanceof Refused) return send(request, response, refusal(error.status, error.reason, error.message, error.problems));
				if (!request.destroyed) options.onError(error);
				send(request, response, refusal(500, "internal", "the server could not do that; its own log says why"));
			} finally {
				underWay -= 1;
			}
		};
		take().catch(() => response.destroy());
	};

	const bounds = {
		maxHeaderSize: limits.maxHeaderBytes,
		headersTimeout: Math.min(10_000, limits.requestMs),
		requestTimeout: limits.requestMs,
		connectionsCheckingInterval: Math.min(5_000, Math.ceil(limits.requestMs / 2)),
		keepAliveTimeout: 5_000,
	};
	const server: Server =
		tls === undefined
			? createServer(bounds, listener)
			: createTlsServer(
					{
						...bounds,
						cert: tls.cert,
						key: tls.key,
						minVersion: "TLSv1.3",
						// A certificate that nobody vouches for is as good as none: a token may still come.
						...(tls.clientCa === undefined ? {} : { ca: tls.clientCa, requestCert: true, rejectUnauthorized: false }),
					},
					listener,
				);
	server.maxConnections = limits.maxConnections;
	server.setTimeout(limits.requestMs);
	await new Promise<void>((resolve, reject) => {
		server.once("error", (cause) =>
			reject(new KerbError("CONFIG_INVALID", `${options.host}:${options.port} cannot be listened on`, { cause })),
		);
		server.listen(options.port, options.host, resolve);
	});
	const { port } = server.address() as AddressInfo;
	const name = options.host.includes(":") ? `[${options.host}]` : options.host;
	return {
		url: `${tls === undefined ? "http" : "https"}://${name}:${port}`,
		close: async () => {
			const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
			server.closeAllConnections();
			await closed;
		},
	};
};
