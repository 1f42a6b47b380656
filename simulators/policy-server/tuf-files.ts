/**
 * The published repository over HTTP, as static files by name with validators, and nothing else.
 */
import { join } from "node:path";
import { systemDisk } from "../../agent/host/disk.ts";
import { toHex } from "../../shared/bytes.ts";
import type { Primitives } from "../../shared/primitives.ts";
import { notFound } from "./refused.ts";
import type { Route } from "./route.ts";

const maxFileBytes = 16 * 1024 * 1024;

/** Exactly the names that a repository has; no dots at a start, no percent, no backslash, so nothing above the folder can be named. */
const metadataName = /^metadata\/(?:timestamp|[1-9]\d{0,9}\.[a-z]{1,30})\.json$/;
const targetName = /^targets\/[a-z]{1,30}\/[0-9a-f]{64}\.[a-z0-9][a-z0-9.-]{0,119}\.json$/;

/** GET /tuf/{path}, where the path may have several segments. */
export const tufRoute = (publicFolder: string, crypto: Pick<Primitives, "sha256">): Route => ({
	method: "GET",
	path: "/tuf/{path}",
	may: "anyone",
	handle: ({ params: { path = "" }, header }) => {
		if (path !== "root.json" && !metadataName.test(path) && !targetName.test(path)) throw notFound("file");
		const bytes = systemDisk.readFileBounded(join(publicFolder, path), maxFileBytes);
		if (bytes === undefined) throw notFound("file");
		const etag = `"${toHex(crypto.sha256(bytes))}"`;
		// Only the timestamp ever changes under its name.
		const headers = { etag, "cache-control": /(?:timestamp|^root)\.json$/.test(path) ? "no-cache" : "public, max-age=31536000, immutable" };
		const known = (header("if-none-match") ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
		return known.includes(etag) || known.includes("*") ? { status: 304, headers } : { status: 200, body: bytes, headers };
	},
});
