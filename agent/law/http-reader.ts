/**
 * Law from a web server or CDN: static files below one URL.
 */
import { httpGet } from "../host/http-get.ts";
import type { LawReader } from "./law-reader.ts";

export interface HttpReaderOptions {
	/** Authorities that may vouch for the server; the system's own are not asked then. */
	readonly caFile?: string | undefined;
	/** For one file; 30,000 unless told. */
	readonly timeoutMs?: number;
}

/** @param base The URL under which `root.json`, `metadata/` and `targets/` lie; `https:`, or `http:` on this machine. */
export const httpReader = (base: string, options: HttpReaderOptions = {}): LawReader => ({
	name: base,
	read: (path, maxBytes) =>
		httpGet(`${base.replace(/\/+$/, "")}/${path}`, { maxBytes, timeoutMs: options.timeoutMs ?? 30_000, caFile: options.caFile }),
});
