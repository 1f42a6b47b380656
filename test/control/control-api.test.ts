/** The published description of the control API against the routes and schemas that are built. */
import { readFile } from "node:fs/promises";
import type * as v from "valibot";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { GrantSchema } from "../../agent/consent/consent-rules.ts";
import { endReasons } from "../../agent/consent/register.ts";
import { CircumstancesSchema, circumstancesRoute } from "../../agent/control/circumstances-route.ts";
import { CollectionSchema, collectionRoute } from "../../agent/control/collection-route.ts";
import { consentRoutes, WithdrawSchema } from "../../agent/control/consent-routes.ts";
import { coreRoutes } from "../../agent/control/core-routes.ts";
import { readingsRoute } from "../../agent/control/readings-route.ts";
import { readingFromJson } from "../../agent/formats/reading-json.ts";
import { ingestTypes } from "../../agent/host/inlet.ts";
import { ConsentSchema } from "../../shared/consent.ts";
import { AgentStatusSchema } from "../../shared/status.ts";
import { bootMs, utcMs } from "../../shared/units.ts";
import { repoPath } from "../data.ts";
import { agentStatus } from "../fakes/agent-status.ts";

interface Schema {
	readonly $ref?: string;
	readonly type?: string;
	readonly const?: unknown;
	readonly enum?: readonly unknown[];
	readonly required?: readonly string[];
	readonly properties?: Readonly<Record<string, Schema>>;
	readonly items?: Schema;
	readonly minimum?: number;
	readonly maximum?: number;
}

interface Api {
	readonly openapi: string;
	readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly requestBody?: { readonly content: object } }>>>>;
	readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const nothing = (): undefined => undefined;

let text = "";
let api: Api;
beforeAll(async () => {
	text = await readFile(repoPath("shared", "schemas", "control-api.yaml"), "utf8");
	api = parse(text);
});

const resolve = (schema: Schema | undefined): Schema =>
	schema?.$ref === undefined ? (schema ?? {}) : (api.components.schemas[schema.$ref.split("/").at(-1) ?? ""] ?? {});

/** Walks a described object and the valibot one together: same fields, same required ones, same words. */
const compare = (schema: Schema, built: v.GenericSchema, where: string): void => {
	if ((built.type === "object" || built.type === "strict_object") && "entries" in built) {
		const entries = Object.entries(built.entries as Record<string, v.GenericSchema & { readonly wrapped?: v.GenericSchema }>);
		expect(Object.keys(schema.properties ?? {}).sort(), where).toEqual(entries.map(([name]) => name).sort());
		const required = entries.filter(([, entry]) => entry.type !== "optional").map(([name]) => name);
		expect([...(schema.required ?? [])].sort(), where).toEqual(required.sort());
		for (const [name, entry] of entries) compare(resolve(schema.properties?.[name]), entry.wrapped ?? entry, `${where}.${name}`);
	}
	if (built.type === "array" && "item" in built) compare(resolve(schema.items), built.item as v.GenericSchema, `${where}[]`);
	if (built.type === "picklist" && "options" in built) expect(schema.enum, where).toEqual(built.options);
	if (built.type === "literal" && "literal" in built) expect(schema.const, where).toBe(built.literal);
};

describe("control-api.yaml", () => {
	it("describes exactly the routes that there are", () => {
		expect(api.openapi).toBe("3.1.0");
		const desk = { grantSchema: GrantSchema, list: nothing, grant: nothing, withdraw: nothing, ignition: nothing };
		const routes = [
			...coreRoutes({ status: agentStatus, metrics: () => [], stop: nothing }),
			readingsRoute(new Map()),
			...consentRoutes(desk),
			circumstancesRoute({ setNetwork: nothing }),
			collectionRoute({ setStopped: nothing }),
		].map(({ method, path }) => `${method} ${path}`);
		const described = Object.entries(api.paths).flatMap(([path, methods]) =>
			Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
		);
		expect(described.sort()).toEqual(routes.sort());
		expect(Object.keys(api.paths["/readings"]?.post?.requestBody?.content ?? {})).toEqual([...ingestTypes]);
	});

	it("refers only to what is there", () => {
		const refs = [...text.matchAll(/\$ref: "#\/([\w/]+)"/g)].map((match) => match[1] ?? "");
		expect(refs.length).toBeGreaterThan(20);
		for (const ref of refs) {
			let found: unknown = api;
			for (const name of ref.split("/")) found = Object.entries(found ?? {}).find(([key]) => key === name)?.[1];
			expect(found, ref).toBeTypeOf("object");
		}
	});

	it("describes the status document as it is checked", () => {
		compare(resolve(api.components.schemas.AgentStatus), AgentStatusSchema, "status");
	});

	it("describes circumstances, grants, consents, withdrawals and the register as they are checked", () => {
		compare(resolve(api.components.schemas.Circumstances), CircumstancesSchema, "circumstances");
		compare(resolve(api.components.schemas.Collection), CollectionSchema, "collection");
		compare(resolve(api.components.schemas.Grant), GrantSchema, "grant");
		compare(resolve(api.components.schemas.Consent), ConsentSchema, "consent");
		compare(resolve(api.components.schemas.Withdrawal), WithdrawSchema, "withdrawal");
		const ended = resolve(resolve(api.components.schemas.Consents).properties?.ended).items;
		expect(ended?.properties?.endedBy?.enum).toEqual([...endReasons]);
	});

	it("describes the fields and ranges of readings as they are checked", () => {
		const stamp = { sourceId: "s", nowMs: utcMs(0), bootMs: bootMs(0), defaultDatum: "unknown" } as const;
		const accepts = (reading: object): boolean => typeof readingFromJson(JSON.stringify(reading), stamp) === "object";
		const bases = {
			Signal: { kind: "signal", path: "A.B", value: 1 },
			Fix: { kind: "fix", latDeg: 0, lonDeg: 0 },
		};
		for (const [name, base] of Object.entries(bases)) {
			const schema = api.components.schemas[name];
			expect(accepts(base)).toBe(true);
			for (const field of schema?.required ?? []) expect(accepts({ ...base, [field]: undefined }), field).toBe(false);
			for (const [field, property] of Object.entries(schema?.properties ?? {})) {
				const { minimum, maximum, enum: words } = resolve(property);
				for (const word of words ?? []) expect(accepts({ ...base, [field]: word }), field).toBe(true);
				if (minimum === undefined || maximum === undefined) continue;
				expect(
					[minimum, maximum, minimum - 1, maximum + 1].map((value) => accepts({ ...base, [field]: value })),
					field,
				).toEqual([true, true, false, false]);
			}
		}
	});
});
