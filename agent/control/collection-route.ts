/**
 * The route by which a person stops and starts collection in a zone.
 */
import * as v from "valibot";
import { requestBody, smallBodyBytes } from "./request-body.ts";
import type { Route } from "./route.ts";

export const CollectionSchema = v.strictObject({ zone: v.picklist(["exterior", "cabin"]), state: v.picklist(["stopped", "running"]) });

export interface CollectionProvider {
	/** In force for the next chunk when it returns, and after a restart. */
	setStopped(zone: "exterior" | "cabin", isStopped: boolean): void;
}

/** `POST /collection`. */
export const collectionRoute = ({ setStopped }: CollectionProvider): Route => ({
	method: "POST",
	path: "/collection",
	act: "collection",
	maxBodyBytes: smallBodyBytes,
	handle: async (request) => {
		const { zone, state } = await requestBody(request, CollectionSchema);
		setStopped(zone, state === "stopped");
		return { status: 200, body: { zone, state }, object: `${zone} ${state}` };
	},
});
