import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { shippedCatalogues } from "../../shared/catalogue/shipped.ts";
import { sampleConsents, sampleOutlets, samplePolicy, sampleRules } from "../../shared/sample-law.ts";
import { repoPath } from "../data.ts";
import { documentSchemas, editorSchemas } from "../editor-schemas.ts";
import { policy, rule } from "../fakes/law-documents.ts";
import { programPath, python } from "../peers.ts";

const canImport = (program: string): boolean => spawnSync(program, ["-c", "import jsonschema"], { stdio: "ignore" }).status === 0;
/** Debian's python3 first, then any other. */
const oracle = [python, programPath("python3") ?? python].find(canImport);

const hex = (byte: string): string => byte.repeat(32);
const sampleInput = {
	...{ nowMs: Date.parse("2026-06-01T00:00:00Z"), policyDays: 30, home: "CN", catalogueId: "cn" },
	...{ brokerUrl: "mqtt://127.0.0.1:1883", addressRanges: ["127.0.0.0/8"], recipientKey: hex("0a"), inspectionKey: hex("0b") },
};

const authorisation = {
	...{ id: "a-1", handler: "entity-1", recipientId: "somebody", recipientKey: hex("0c"), jurisdiction: "DE", purposes: ["remediation"] },
	...{
		categories: ["status"],
		fields: ["Vehicle.Speed"],
		maxSubjects: 10,
		maxRecords: 100,
		retentionAbroadDays: 30,
		contractRef: "c",
		piaRef: "p",
	},
	approvals: [
		{ approver: "one", approvedAt: "2026-01-01T00:00:00Z" },
		{ approver: "two", approvedAt: "2026-01-02T00:00:00Z" },
	],
	...{ notBefore: "2026-01-03T00:00:00Z", notAfter: "2026-12-31T00:00:00Z" },
	quota: { maxSubjects: 5, maxRecords: 50, notAfter: "2026-06-01T00:00:00Z" },
};
const dated = { version: 1, issuedAt: "2026-01-01T00:00:00Z" };

/** Documents that are valid, by kind. */
const samples: Readonly<Record<string, readonly unknown[]>> = {
	catalogue: Object.values(shippedCatalogues),
	policy: [
		samplePolicy(sampleInput, sampleRules),
		{
			...policy([]),
			collect: [{ id: "braking", necessity: "braking is rare and short", paths: ["Vehicle.Speed"], when: "Vehicle.Speed > 3", preMs: 500 }],
			release: [
				{ ...rule("a"), collect: ["braking"], conditions: { hours: [{ from: "22:00", to: "06:00" }], places: { inside: ["depot"] } } },
			],
			stale: { default: "vault", categories: { status: "continue" } },
			retention: { spoolDays: 7 },
		},
	],
	outlets: [sampleOutlets(sampleInput)],
	consents: [sampleConsents(sampleInput, hex("0d"))],
	fleet: [{ kind: "fleet", ...dated, year: 2026, facts: { "fleet.vehicles-served": 12 } }],
	halt: [{ kind: "halt", version: 1, all: false, outlets: ["oem"], categories: ["cabin"] }],
	notices: [
		{
			kind: "notices",
			...dated,
			notices: [{ id: "n", version: 1, categories: ["cabin"], text: { en: "We look.", "zh-Hans": "我们看。" }, hash: hex("0e") }],
		},
	],
	places: [
		{
			...{ kind: "places", id: "p", ...dated, notAfter: "2027-01-01T00:00:00Z", datum: "gcj02", gapSeedHex: hex("0f") },
			areas: [
				{
					id: "a",
					kind: "sensitive",
					shape: {
						type: "polygons",
						polygons: [
							[
								[
									[0, 0],
									[1, 0],
									[1, 1],
									[0, 0],
								],
							],
						],
					},
				},
				{
					id: "b",
					kind: "allowed",
					bufferM: 5,
					shape: {
						type: "corridors",
						widthM: 20,
						lines: [
							[
								[0, 0],
								[1, 0],
							],
						],
					},
				},
				{ id: "c", kind: "named", shape: { type: "circle", centre: [181, 2], radiusM: 100 } },
				{ id: "d", kind: "sensitive", shape: { type: "cells", cellM: 1_000, saltHex: hex("01"), hashes: "AAAAAAAB" } },
			],
		},
	],
	thresholds: [
		{ kind: "thresholds", ...dated, thresholds: [{ id: "a.b", value: null, unit: "vehicles", source: "not found", certainty: "own" }] },
	],
	authorisations: [
		{
			kind: "authorisations",
			...dated,
			authorisations: [
				{ ...authorisation, pathway: "standard-contract", evidence: { filingNo: "1" } },
				{ ...authorisation, id: "a-2", pathway: "exempt:E5", evidence: {} },
			],
		},
	],
};

const isObject = (node: unknown): node is Record<string, unknown> => typeof node === "object" && node !== null && !Array.isArray(node);

/** The document once per object in it, with a key there that nobody knows. Long lists are tried at their first two entries. */
const withUnknownKeys = (node: unknown): readonly unknown[] => {
	if (Array.isArray(node))
		return node
			.slice(0, 2)
			.flatMap((item, index) => withUnknownKeys(item).map((changed) => node.map((old, at) => (at === index ? changed : old))));
	if (!isObject(node)) return [];
	const deeper = Object.entries(node).flatMap(([key, value]) => withUnknownKeys(value).map((changed) => ({ ...node, [key]: changed })));
	return [{ ...node, unheardOf: 1 }, ...deeper];
};

const script = `
import json, sys
from jsonschema import Draft7Validator
work = json.load(sys.stdin)
for schema in work["schemas"].values(): Draft7Validator.check_schema(schema)
validators = {kind: Draft7Validator(schema) for kind, schema in work["schemas"].items()}
print(json.dumps([validators[kind].is_valid(document) for kind, document in work["cases"]]))
`;

const judged = (cases: readonly (readonly [string, unknown])[]): readonly boolean[] => {
	const schemas = Object.fromEntries(Object.keys(documentSchemas).map((kind) => [kind, JSON.parse(fileOf(kind))]));
	const { stdout, stderr } = spawnSync(oracle ?? python, ["-c", script], { input: JSON.stringify({ schemas, cases }), encoding: "utf8" });
	if (stdout === "") throw new Error(`jsonschema gave no answer: ${stderr}`);
	return JSON.parse(stdout);
};

const fileOf = (kind: string): string => readFileSync(repoPath("shared", "schemas", `${kind}.schema.json`), "utf8");

describe("editorSchemas", () => {
	it("are the files in shared/schemas: run `node test/write-schemas.ts` after a change", () => {
		for (const [name, text] of editorSchemas()) expect(readFileSync(repoPath("shared", "schemas", name), "utf8"), name).toBe(text);
	});

	it("refuse unknown keys in every object", () => {
		const openIn = (node: unknown, path: string): readonly string[] => {
			if (Array.isArray(node)) return node.flatMap((item, index) => openIn(item, `${path}/${index}`));
			if (!isObject(node)) return [];
			const { type, additionalProperties } = node;
			const isOpen = type === "object" && (additionalProperties === undefined || additionalProperties === true);
			return [...(isOpen ? [path] : []), ...Object.entries(node).flatMap(([key, value]) => openIn(value, `${path}/${key}`))];
		};
		for (const kind of Object.keys(documentSchemas)) expect(openIn(JSON.parse(fileOf(kind)), kind)).toEqual([]);
	});

	it("are of documents that the agent itself accepts and refuses as this test says", () => {
		for (const [kind, schema] of Object.entries(documentSchemas)) {
			expect(samples[kind]?.length, kind).toBeGreaterThan(0);
			for (const sample of samples[kind] ?? []) expect(v.safeParse(schema, sample).issues, kind).toBeUndefined();
		}
	});

	it.skipIf(oracle === undefined)(
		"agree with an independent validator on samples and on keys that nobody knows (needs python3-jsonschema)",
		() => {
			const good = Object.entries(samples).flatMap(([kind, list]) => list.map((document) => [kind, document] as const));
			// The catalogues are alike, and large: one is enough.
			const small = [...good.filter(([kind]) => kind !== "catalogue"), ...good.filter(([kind]) => kind === "catalogue").slice(0, 1)];
			const bad = small.flatMap(([kind, document]) => withUnknownKeys(document).map((changed) => [kind, changed] as const));
			const refusedHere = bad.filter(([kind, document]) => {
				const schema = documentSchemas[kind];
				return schema !== undefined && !v.safeParse(schema, document).success;
			});
			expect(judged(good)).toEqual(good.map(() => true));
			// A few objects are maps with keys of one's own; all others refuse.
			expect(bad.length - refusedHere.length).toBeLessThanOrEqual(8);
			expect(refusedHere.length).toBeGreaterThan(50);
			expect(judged(refusedHere)).toEqual(refusedHere.map(() => false));
		},
		60_000,
	);
});
