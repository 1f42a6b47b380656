/**
 * Fetches one file over HTTPS, bounded in size and time. Plain HTTP is for this machine alone. Redirects are not followed: the law is where
 * the configuration says, or it is nowhere.
 */
import { readFileSync } from "node:fs";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { KerbError } from "../../shared/errors.ts";

export interface HttpGetOptions {
	readonly maxBytes: number;
	/** For the whole answer. */
	readonly timeoutMs: number;
	/** Authorities that may vouch for the server, in PEM; the system's own are not asked then. */
	readonly caFile?: string | undefined;
}

const loopback = /^(?:127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\]|localhost)$/;

/**
 * The answer's bytes; undefined when the server says 403 or 404.
 *
 * @throws KerbError LAW_UNAVAILABLE when it cannot be reached or answers otherwise, LAW_INVALID when the answer is too long, CONFIG_INVALID
 * for a URL that is neither HTTPS nor on this machine.
 */
export const httpGet = (address: string, options: HttpGetOptions): Promise<Uint8Array | undefined> => {
	const url = new URL(address);
	const isPlain = url.protocol === "http:" && loopback.test(url.hostname);
	if (url.protocol !== "https:" && !isPlain) {
		throw new KerbError("CONFIG_INVALID", `${url.origin} is no place for law: expected https://, or http:// on this machine`);
	}
	return new Promise((resolve, reject) => {
		const failed = (why: string, cause?: unknown): void =>
			reject(new KerbError("LAW_UNAVAILABLE", `${url.origin}${url.pathname}: ${why}`, { cause }));
		const answered = (answer: IncomingMessage): void => {
			const status = answer.statusCode ?? 0;
			if (status !== 200) {
				answer.destroy();
				if (status === 403 || status === 404) resolve(undefined);
				else failed(`the server answered with status ${status}`);
				return;
			}
			const chunks: Uint8Array[] = [];
			let length = 0;
			answer.on("data", (chunk: Uint8Array) => {
				length += chunk.length;
				if (length > options.maxBytes) {
					answer.destroy();
					reject(new KerbError("LAW_INVALID", `${url.origin}${url.pathname} is longer than ${options.maxBytes} bytes`));
					return;
				}
				chunks.push(chunk);
			});
			answer.on("end", () => resolve(Buffer.concat(chunks)));
			answer.on("error", (cause) => failed("the answer broke off", cause));
			answer.on("close", () => failed("the answer broke off"));
		};
		const signal = AbortSignal.timeout(options.timeoutMs);
		const headers = { "accept-encoding": "identity", "user-agent": "kerbstone" };
		const request = isPlain
			? httpRequest(url, { signal, headers, agent: false }, answered)
			: // Fetched here: with it Node unpacks the authorities of the whole web, which a unit with its law in a folder has no use for.
				process.getBuiltinModule("node:https").request(
					url,
					{
						...{ signal, headers, agent: false, minVersion: "TLSv1.2" },
						...(options.caFile === undefined ? undefined : { ca: readFileSync(options.caFile) }),
					},
					answered,
				);
		request.on("error", (cause) => failed("the server cannot be reached or trusted", cause));
		request.end();
	});
};
