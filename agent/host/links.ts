/**
 * Sockets, TLS and names, handed to whoever may open a connection. Nothing else in the agent makes an outgoing socket.
 *
 * A name is resolved once and the socket is opened to an address, never to a name: between a check and a second look-up a name can be
 * pointed elsewhere. TLS is put on top of a socket that is already open, so that its peer can be judged before the first byte.
 */
import { lookup } from "node:dns/promises";
import { readFileSync, statSync } from "node:fs";
import { connect, isIP } from "node:net";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import { isMissingFile, KerbError } from "../../shared/errors.ts";

export interface Link {
	/** Belongs to whoever opened the link. Has an error listener already: an error nobody waits for does not end the process. */
	readonly stream: Duplex;
	readonly localAddress: string;
	readonly localPort: number;
	/** As the connected socket says it, which need not be what was asked for. */
	readonly remoteAddress: string;
	readonly remotePort: number;
	readonly tls: boolean;
	/** SHA-256 of the peer's certificate in lower-case hexadecimal, when there is one. */
	readonly peerFingerprint?: string;
	/** Bytes on the TCP connection so far, TLS included. */
	traffic(): { readonly bytesOut: number; readonly bytesIn: number };
}

/** How one end proves itself and what the other must prove. */
export interface LinkCredentials {
	/** PEM: the authorities, and only these, that may vouch for the peer. The system's own list is never used. */
	readonly ca: string;
	/** PEM chain and key of this end, for mutual TLS. */
	readonly cert?: string;
	readonly key?: string;
	/** Pins the peer's certificate: SHA-256 of its DER, lower-case hexadecimal without colons (regulations G-21). */
	readonly serverFingerprint?: string;
}

/** Where the credentials of one outlet lie: `links.<outletId>` of the configuration. */
export interface LinkFiles {
	readonly caFile?: string | undefined;
	readonly certFile?: string | undefined;
	readonly keyFile?: string | undefined;
	/** SHA-256 in hexadecimal, with or without colons, as `openssl x509 -fingerprint -sha256` prints it. */
	readonly serverFingerprint?: string | undefined;
}

export interface Links {
	/** Addresses of a name in both families; a literal address is its own answer. @throws KerbError LINK_FAILED when there is none. */
	resolve(host: string, signal: AbortSignal): Promise<readonly string[]>;
	/** Opens TCP to a literal address. @throws KerbError LINK_FAILED, with a short code in `problems`. */
	connect(address: string, port: number, signal: AbortSignal): Promise<Link>;
	/**
	 * Puts TLS 1.3 on an open link and proves that the peer is `host`. Takes the link over: it is closed when this fails.
	 *
	 * @throws KerbError OUTLET_REFUSED, with a short code in `problems`, when the peer did not prove itself or speaks no TLS 1.3; LINK_FAILED
	 * when the connection broke meanwhile.
	 */
	secure(link: Link, host: string, credentials: LinkCredentials, signal: AbortSignal): Promise<Link>;
}

const codeOf = (error: unknown): string => {
	const code = error instanceof Error ? (error as Error & { code?: unknown }).code : undefined;
	return typeof code === "string" && /^[A-Za-z0-9_-]{1,60}$/.test(code) ? code : "";
};

/** A short code for an error of a socket, such as `econnreset`; never its text, which may hold a name or an address. */
export const linkErrorCode = (error: unknown): string => {
	const code = codeOf(error);
	if (code.startsWith("ERR_SSL")) return "tls-alert";
	return code === "" ? "error" : code.toLowerCase().replaceAll("_", "-");
};

const failed = (what: string, reason: string, cause?: unknown): KerbError =>
	new KerbError("LINK_FAILED", `${what}: ${reason}`, { cause, problems: [reason] });

/** Settles with `task`, or rejects as soon as the signal aborts. */
const unless = <T>(signal: AbortSignal, what: string, task: Promise<T>): Promise<T> =>
	new Promise((resolve, reject) => {
		const stop = (): void => reject(failed(what, "timeout"));
		if (signal.aborted) stop();
		signal.addEventListener("abort", stop, { once: true });
		task.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
	});

const resolve: Links["resolve"] = async (host, signal) => {
	if (isIP(host) !== 0) return [host];
	const what = "the outlet's host name could not be resolved";
	try {
		const found = await unless(signal, what, lookup(host, { all: true, order: "verbatim" }));
		return found.map(({ address }) => address);
	} catch (error) {
		throw error instanceof KerbError ? error : failed(what, "dns", error);
	}
};

/** Waits for `event` of a stream; on error, close or abort the stream is destroyed and the promise rejects with what `wrap` makes of it. */
const opened = (stream: Duplex, event: string, signal: AbortSignal, wrap: (error: unknown) => KerbError): Promise<void> =>
	new Promise((done, reject) => {
		const settle = (error?: unknown): void => {
			stream.off(event, ok).off("error", fail).off("close", closed);
			signal.removeEventListener("abort", abort);
			if (error === undefined) done();
			else {
				stream.destroy();
				reject(error);
			}
		};
		const ok = (): void => settle();
		const fail = (error: Error): void => settle(wrap(error));
		const closed = (): void => settle(failed("the connection closed before it was ready", "closed"));
		const abort = (): void => settle(failed("the connection was not ready in time", "timeout"));
		stream.once(event, ok).once("error", fail).once("close", closed);
		if (signal.aborted) abort();
		else signal.addEventListener("abort", abort, { once: true });
	});

const ignore = (): void => undefined;

const connectTcp: Links["connect"] = async (address, port, signal) => {
	const what = "no TCP connection to the outlet";
	if (isIP(address) === 0) throw failed(what, "not-an-address");
	const socket = connect({ host: address, port, autoSelectFamily: false, noDelay: true });
	socket.on("error", ignore);
	await opened(socket, "connect", signal, (error) => failed(what, linkErrorCode(error), error));
	const { localAddress = "", localPort = 0, remoteAddress = "", remotePort = 0 } = socket;
	return {
		stream: socket,
		localAddress,
		localPort,
		remoteAddress,
		remotePort,
		tls: false,
		traffic: () => ({ bytesOut: socket.bytesWritten, bytesIn: socket.bytesRead }),
	};
};

/** What a failed handshake means: a peer that did not prove itself is refused, a line that broke is tried again. */
const handshakeError = (error: unknown): KerbError => {
	const code = codeOf(error);
	const broken = /^(?:ECONN|ETIMEDOUT|EPIPE|ENET|EHOST)/.test(code);
	if (code === "" || broken) return failed("the TLS handshake broke off", linkErrorCode(error), error);
	const reason = code.startsWith("ERR_TLS_CERT_ALTNAME")
		? "tls-host"
		: code.startsWith("CERT_HAS_EXPIRED") || code.startsWith("CERT_NOT_YET_VALID")
			? "tls-expired"
			: /PROTOCOL|VERSION/.test(code)
				? "tls-version"
				: code.startsWith("ERR_SSL")
					? "tls-handshake"
					: "tls-untrusted";
	return new KerbError("OUTLET_REFUSED", `the outlet's server did not prove itself (${reason}); nothing was sent`, {
		cause: error,
		problems: [reason],
	});
};

const secure: Links["secure"] = async (link, host, credentials, signal) => {
	// Fetched here, since Node then unpacks the authorities of the whole web, none of which is asked: 4 MB for an agent that needs no TLS.
	const { checkServerIdentity, connect: tlsConnect } = await import("node:tls");
	let socket: TLSSocket;
	try {
		socket = tlsConnect({
			socket: link.stream,
			ca: credentials.ca,
			...(credentials.cert === undefined ? {} : { cert: credentials.cert }),
			...(credentials.key === undefined ? {} : { key: credentials.key }),
			// An address is no server name (RFC 6066 section 3); it is still what the certificate must hold.
			...(isIP(host) === 0 ? { servername: host } : {}),
			checkServerIdentity: (_name, certificate) => checkServerIdentity(host, certificate),
			minVersion: "TLSv1.3",
			rejectUnauthorized: true,
		});
	} catch (error) {
		link.stream.destroy();
		throw new KerbError(
			"KEY_INVALID",
			"the outlet's CA, certificate or key is not usable PEM, or key and certificate do not belong together",
			{
				cause: error,
				problems: ["credentials"],
			},
		);
	}
	socket.on("error", ignore);
	await opened(socket, "secureConnect", signal, handshakeError);
	const peerFingerprint = socket.getPeerCertificate().fingerprint256?.replaceAll(":", "").toLowerCase() ?? "";
	const pinned = credentials.serverFingerprint;
	if (!socket.authorized || peerFingerprint === "" || (pinned !== undefined && pinned !== peerFingerprint)) {
		socket.destroy();
		const reason = socket.authorized ? "tls-fingerprint" : "tls-untrusted";
		throw new KerbError("OUTLET_REFUSED", "the outlet's server has another certificate than the pinned one; nothing was sent", {
			problems: [reason],
		});
	}
	return { ...link, stream: socket, tls: true, peerFingerprint };
};

/** The links of this machine. */
export const systemLinks: Links = { resolve, connect: connectTcp, secure };

const readPem = (path: string, isKey: boolean): string => {
	try {
		if (isKey && (statSync(path).mode & 0o007) !== 0) {
			throw new KerbError("KEY_INVALID", `a private key must not be open to every user; run chmod 600 on ${path}`);
		}
		const text = readFileSync(path, "latin1");
		if (!text.includes("-----BEGIN ")) throw new KerbError("KEY_INVALID", `expected PEM with a -----BEGIN line in ${path}`);
		return text;
	} catch (error) {
		if (error instanceof KerbError) throw error;
		const what = isMissingFile(error) ? "is missing" : "cannot be read";
		throw new KerbError("KEY_INVALID", `a file that the configuration names under links ${what}: ${path}`, { cause: error });
	}
};

/**
 * Reads the files of one outlet's link. Read again at every connect, renewed certificates take effect without a restart.
 *
 * @throws KerbError KEY_INVALID when a file is missing, is not PEM or is a key that every user may read; CONFIG_INVALID when caFile or
 * one of certFile and keyFile is not named, or the fingerprint is not a SHA-256.
 */
export const readLinkCredentials = (files: LinkFiles): LinkCredentials => {
	const { caFile, certFile, keyFile } = files;
	if (caFile === undefined)
		throw new KerbError("CONFIG_INVALID", "TLS needs caFile: the authorities that may vouch for the outlet's server");
	if ((certFile === undefined) !== (keyFile === undefined)) {
		throw new KerbError("CONFIG_INVALID", "mutual TLS needs both certFile and keyFile; name both or neither");
	}
	const serverFingerprint = files.serverFingerprint?.replaceAll(":", "").toLowerCase();
	if (serverFingerprint !== undefined && !/^[0-9a-f]{64}$/.test(serverFingerprint)) {
		throw new KerbError("CONFIG_INVALID", "serverFingerprint is a SHA-256 in hexadecimal: 64 digits, colons allowed");
	}
	return {
		ca: readPem(caFile, false),
		...(certFile === undefined ? {} : { cert: readPem(certFile, false) }),
		...(keyFile === undefined ? {} : { key: readPem(keyFile, true) }),
		...(serverFingerprint === undefined ? {} : { serverFingerprint }),
	};
};
