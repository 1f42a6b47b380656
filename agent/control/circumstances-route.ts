/**
 * The route by which the box says how it is connected: rules that hold on some networks only are obeyed by it.
 */
import * as v from "valibot";
import { type NetworkKind, networkKinds } from "../../shared/release-conditions.ts";
import { requestBody, smallBodyBytes } from "./request-body.ts";
import type { Route } from "./route.ts";

/** What is not known does not hold, so `unknown` is the strict word and not an open one. */
export const CircumstancesSchema = v.strictObject({ network: v.picklist([...networkKinds, "unknown"]) });

export interface CircumstancesProvider {
	/** Undefined: not known. In force for the next chunk when it returns. */
	setNetwork(network: NetworkKind | undefined): void;
}

/** `POST /circumstances`. */
export const circumstancesRoute = ({ setNetwork }: CircumstancesProvider): Route => ({
	method: "POST",
	path: "/circumstances",
	act: "circumstances",
	maxBodyBytes: smallBodyBytes,
	handle: async (request) => {
		const { network } = await requestBody(request, CircumstancesSchema);
		setNetwork(network === "unknown" ? undefined : network);
		return { status: 200, body: { network }, object: `network ${network}` };
	},
});
