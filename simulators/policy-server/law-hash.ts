/**
 * The hash by which a unit names the law that it obeys: SHA-256 over one sorted line `kind path sha256` for each document
 * that it took.
 */
import { toHex } from "../../shared/bytes.ts";
import type { Primitives } from "../../shared/primitives.ts";
import type { LawDocument } from "./documents.ts";

export const lawHashOf = (documents: Iterable<LawDocument>, crypto: Pick<Primitives, "sha256">): string => {
	const lines = [...documents].map(({ kind, path, sha256 }) => `${kind} ${path} ${sha256}\n`).sort();
	return toHex(crypto.sha256(new TextEncoder().encode(lines.join(""))));
};
