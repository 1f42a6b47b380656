/**
 * The routes by which people say what may be collected of them, and by which the vehicle says that a drive begins or ends. Withdrawing is as
 * easy as granting (regulations V-05): one request.
 */
import * as v from "valibot";
import type { ConsentMatch } from "../../shared/consent.ts";
import { requestBody, smallBodyBytes } from "./request-body.ts";
import type { ControlReply, Route } from "./route.ts";

export interface ConsentProviders<Grant> {
	/** What a grant must look like. */
	readonly grantSchema: v.GenericSchema<unknown, Grant>;
	list(): unknown;
	grant(asked: Grant): unknown;
	withdraw(match: ConsentMatch): unknown;
	ignition(state: "on" | "off"): unknown;
}

const word = v.pipe(v.string(), v.minLength(1), v.maxLength(120));

export const WithdrawSchema = v.pipe(
	v.strictObject({
		subjectPseudonym: v.optional(word),
		categoryId: v.optional(word),
		purpose: v.optional(word),
		/** Every consent there is. */
		all: v.optional(v.literal(true)),
	}),
	v.check(
		({ all, ...match }) => (all === true) === (Object.keys(match).length === 0),
		"name at least one of categoryId, purpose and subjectPseudonym, or nothing but all",
	),
);

export const IgnitionSchema = v.strictObject({ state: v.picklist(["on", "off"]) });

const done = (body: unknown, object: string): ControlReply => ({ status: 200, body, object: object.slice(0, 200) });

/** `GET /consents`, `POST /consents`, `POST /consents/withdraw` and `POST /ignition`. */
export const consentRoutes = <Grant extends { readonly categoryId: string; readonly purpose: string }>(
	desk: ConsentProviders<Grant>,
): readonly Route[] => [
	{ method: "GET", path: "/consents", handle: () => ({ status: 200, body: desk.list() }) },
	{
		method: "POST",
		path: "/consents",
		act: "consent-grant",
		maxBodyBytes: smallBodyBytes,
		handle: async (request) => {
			const asked: Grant = await requestBody(request, desk.grantSchema);
			return done(desk.grant(asked), `consent ${asked.categoryId} ${asked.purpose}`);
		},
	},
	{
		method: "POST",
		path: "/consents/withdraw",
		act: "consent-withdraw",
		maxBodyBytes: smallBodyBytes,
		handle: async (request) => {
			const { all: _all, ...match } = await requestBody(request, WithdrawSchema);
			return done(desk.withdraw(match), `consent ${match.categoryId ?? "any"} ${match.purpose ?? "any"}`);
		},
	},
	{
		method: "POST",
		path: "/ignition",
		act: "ignition",
		maxBodyBytes: smallBodyBytes,
		handle: async (request) => {
			const { state } = await requestBody(request, IgnitionSchema);
			return done(desk.ignition(state), `ignition ${state}`);
		},
	},
];
