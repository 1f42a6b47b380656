/**
 * The routes by which people say what may be collected of them, and by which the vehicle says that a drive begins or ends. Withdrawing is as
 * easy as granting (regulations V-05): one request.
 */
import * as v from "valibot";
import type { ConsentMatch } from "../../shared/consent.ts";
import { parseDocument } from "../../shared/parse-document.ts";
import type { ControlReply, ControlRequest, Route } from "./route.ts";

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

const maxBodyBytes = 4_096;

const bodyOf = async <S extends v.GenericSchema>({ body }: ControlRequest, schema: S): Promise<v.InferOutput<S>> => {
	const pieces: Uint8Array[] = [];
	for await (const piece of body) pieces.push(Uint8Array.from(piece));
	return parseDocument(schema, Buffer.concat(pieces), "the request", "USAGE");
};

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
		maxBodyBytes,
		handle: async (request) => {
			const asked: Grant = await bodyOf(request, desk.grantSchema);
			return done(desk.grant(asked), `consent ${asked.categoryId} ${asked.purpose}`);
		},
	},
	{
		method: "POST",
		path: "/consents/withdraw",
		act: "consent-withdraw",
		maxBodyBytes,
		handle: async (request) => {
			const { all: _all, ...match } = await bodyOf(request, WithdrawSchema);
			return done(desk.withdraw(match), `consent ${match.categoryId ?? "any"} ${match.purpose ?? "any"}`);
		},
	},
	{
		method: "POST",
		path: "/ignition",
		act: "ignition",
		maxBodyBytes,
		handle: async (request) => {
			const { state } = await bodyOf(request, IgnitionSchema);
			return done(desk.ignition(state), `ignition ${state}`);
		},
	},
];
