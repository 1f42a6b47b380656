/**
 * Gives the TUF client its files: by way of a function that knows no TUF, bounded, and without a temporary folder of the client's own.
 */
import { rmSync, writeFileSync } from "node:fs";
import type { Fetcher } from "tuf-js";
import tufErrors from "tuf-js/dist/error.js";

/** The bytes behind a URL, at most so many; undefined when there is no such file. Throws when it cannot be known. */
export type Get = (url: string, maxBytes: number) => Promise<Uint8Array | undefined>;

/**
 * @param scratchFile Where a target lies until it is verified; its folder must exist.
 * @param noteFailure Hears what `get` threw: the client turns errors into texts.
 */
export const createTufFetcher = (get: Get, scratchFile: string, noteFailure: (error: unknown) => void): Fetcher => {
	const bytesOf = async (url: string, maxBytes: number): Promise<Buffer> => {
		let bytes: Uint8Array | undefined;
		try {
			bytes = await get(url, maxBytes);
		} catch (error) {
			noteFailure(error);
			throw error;
		}
		// The client takes this status for "no newer root".
		if (bytes === undefined) throw new tufErrors.DownloadHTTPError(`there is no ${new URL(url).pathname}`, 404);
		if (bytes.length > maxBytes) throw new tufErrors.DownloadLengthMismatchError(`more than ${maxBytes} bytes`);
		return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	};
	return {
		downloadBytes: bytesOf,
		async downloadFile(url, maxBytes, handler) {
			writeFileSync(scratchFile, await bytesOf(url, maxBytes), { mode: 0o600 });
			try {
				return await handler(scratchFile);
			} finally {
				rmSync(scratchFile, { force: true });
			}
		},
	};
};
