/**
 * The body of a request that is one small JSON document.
 */
import type * as v from "valibot";
import { parseDocument } from "../../shared/parse-document.ts";
import type { ControlRequest } from "./route.ts";

/** Longest body of a route that takes one small document. */
export const smallBodyBytes = 4_096;

/** @throws KerbError USAGE with every problem when it is not what the schema wants. */
export const requestBody = async <S extends v.GenericSchema>({ body }: ControlRequest, schema: S): Promise<v.InferOutput<S>> => {
	const pieces: Uint8Array[] = [];
	for await (const piece of body) pieces.push(Uint8Array.from(piece));
	return parseDocument(schema, Buffer.concat(pieces), "the request", "USAGE");
};
