import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deniedBy } from "../../agent/formats/map-attribute-lists.ts";
import { normalName } from "../../agent/formats/map-attribute-names.ts";
import { allowedKinds, allowedNames } from "../../agent/formats/map-attributes-allowed.ts";
import { deniedAttributes } from "../../agent/formats/map-attributes-denied.ts";
import { stripFields } from "../../agent/formats/map-strip.ts";
import strip from "../../agent/treat/strip-map-attributes.ts";
import type { MessageFields, MessageValue } from "../../shared/message.ts";
import { taggedMap } from "../contract/tagged-maps.ts";
import { testFacilities, treatmentContract } from "../contract/treatment-contract.ts";
import { namesOf } from "./map-attribute-names.ts";

treatmentContract({
	plugin: strip,
	valid: [{ use: "home" }, { use: "public", allow: ["poiName", "颜色"] }],
	invalid: {
		"no use": {},
		"another use": { use: "abroad" },
		"an empty list": { use: "home", allow: [] },
		"a name that is none": { use: "home", allow: ["4 m"] },
		"an attribute of S-10": { use: "home", allow: ["elevation"] },
		"an attribute of S-11 in other words": { use: "home", allow: ["Limit_of_Heights"] },
	},
	idempotent: true,
});

const step = (use: "home" | "public", allow?: string[]) =>
	strip.compile({ type: "strip-map-attributes", use, ...(allow === undefined ? {} : { allow }) }, testFacilities());
/** The properties that are left; undefined when the feature was withheld. */
const left = (properties: MessageFields, use: "home" | "public" = "home", allow?: string[]): MessageFields | undefined => {
	const treated = step(use, allow);
	const after = typeof treated === "function" ? treated(taggedMap({ properties })) : undefined;
	return after?.kind === "map" ? after.properties : undefined;
};

const secret = 4711;
const forms: Readonly<Record<string, (name: string) => MessageFields>> = {
	plain: (name) => ({ [name]: secret }),
	"as text": (name) => ({ [name]: `${secret}` }),
	nested: (name) => ({ lanes: [{ properties: { [name]: { value: secret } } }] }),
	renamed: (name) => ({ [`new_${name}_value`]: secret, [name.toUpperCase()]: secret }),
	"with separators": (name) => ({ [normalName(name).words.join("-")]: secret, [normalName(name).words.join(" ")]: secret }),
	"in full width": (name) => ({
		[[...name].map((letter) => (/[!-~]/.test(letter) ? String.fromCharCode(letter.charCodeAt(0) + 0xfee0) : letter)).join("")]: secret,
	}),
	"with a list": (name) => ({ [name]: [secret, { max: secret }] }),
	"pairs k and v": (name) => ({
		tags: [
			{ k: name, v: `${secret}` },
			{ k: name, value: secret },
		],
	}),
	"pairs type and max": (name) => ({ restrictions: [{ type: name, max: secret }] }),
	"pairs of a list": (name) => ({ tags: [[name, secret]], attributes: [name, secret] }),
	"JSON text": (name) => ({ tags: JSON.stringify({ [name]: secret, id: 1 }) }),
	"JSON text within JSON text": (name) => ({ tags: JSON.stringify({ tags: JSON.stringify([{ type: name, max: secret }]) }) }),
	"text of name and value": (name) => ({ type: `${name}=${secret}`, subtype: `road; ${name}: ${secret}` }),
	"under an allowed name": (name) => ({ lane: { [name]: secret, id: { [name]: secret } }, name: `${name} ${secret}` }),
};

describe("the deny-lists", () => {
	it("have names to be tested for every entry, and only for those", () => {
		expect(Object.keys(namesOf).sort()).toEqual(deniedAttributes.map(({ id }) => id).sort());
	});

	it("say clause, certainty and list of every entry", () => {
		for (const { clause, certainty, list, patterns } of deniedAttributes) {
			expect([
				["never-collect", "S-10"],
				["never-express", "S-11"],
			]).toContainEqual([list, clause]);
			expect(certainty).toBe("M");
			expect(patterns.length).toBeGreaterThan(0);
		}
	});

	it.each(Object.entries(namesOf))("know %s by all its names", (id, names) => {
		for (const name of names)
			expect(
				deniedBy(name).map((denied) => denied.id),
				name,
			).toContain(id);
	});

	it("take none of the names that may stay", () => {
		for (const name of allowedNames)
			expect(
				deniedBy(name).map(({ id }) => id),
				name,
			).toEqual([]);
	});
});

describe("strip-map-attributes", () => {
	for (const [form, write] of Object.entries(forms)) {
		it.each(Object.entries(namesOf))(`removes %s: ${form}`, (_id, names) => {
			for (const name of names) {
				for (const use of ["home", "public"] as const) {
					const written = JSON.stringify(left({ id: "lane-1", ...write(name) }, use) ?? {});
					expect(written.includes(`${secret}`), `${name} as ${JSON.stringify(write(name))}`).toBe(false);
				}
			}
		});
	}

	it("removes denied attributes even where somebody put them on the list of what may stay", () => {
		for (const name of Object.values(namesOf).flat()) {
			const also = new Set([normalName(name).letters]);
			expect(JSON.stringify(stripFields({ id: 1, [name]: secret }, { use: "home", also }) ?? {}), name).not.toContain(`${secret}`);
		}
	});

	it("withholds features that are what no map may hold, by layer, name and class", () => {
		const features = deniedAttributes.filter(({ removes }) => removes === "feature").map(({ id }) => id);
		expect(features.length).toBeGreaterThan(10);
		for (const id of features) {
			for (const name of namesOf[id] ?? []) {
				for (const properties of [
					{ type: name },
					{ [name]: "yes" },
					{ tags: { [name]: 1 } },
					{ tags: JSON.stringify([{ k: name, v: "x" }]) },
					{ kind: name },
				]) {
					expect(left({ id: 1, ...properties }), JSON.stringify(properties)).toBeUndefined();
				}
			}
		}
		const treated = step("home");
		for (const path of ["Map.Contour", "Map.PowerLine", "Map.SpotElevation", "Map.Military"]) {
			expect(typeof treated === "function" && treated(taggedMap({ path }))).toBeUndefined();
		}
	});

	it("keeps features whose columns for such things are empty, and roads with such things beside them", () => {
		expect(left({ id: 1, military: null, power: "no", waterway: "" })).toEqual({ id: 1 });
		expect(left({ id: 1, objects: [{ object: [{ type: "vegetation" }] }] })).toEqual({ id: 1 });
	});

	it("keeps what driving needs at home, and less for everyone", () => {
		const properties = {
			id: "7",
			name: "Century Avenue",
			lanes: "2",
			maxspeed: "50",
			turn: "left|through",
			"turn:lanes": "left|through",
			oneway: true,
			predecessor: "6",
			roadMark: "solid",
			signalGroup: 3,
			laneWidth: 3.5,
			link: [{ predecessor: [{ elementType: "road", elementId: "1" }] }],
			planView: [{ geometry: [{ x: "1" }] }],
			note: "anything else",
		};
		expect(left(properties)).toEqual({ ...properties, planView: undefined, note: undefined });
		expect(left(properties, "public")).toEqual({
			id: "7",
			name: "Century Avenue",
			lanes: "2",
			maxspeed: "50",
			turn: "left|through",
			"turn:lanes": "left|through",
			oneway: true,
		});
		expect(left({ id: "7", tollBooth: "yes" }, "public", ["toll_booth"])).toEqual({ id: "7", tollBooth: "yes" });
	});

	it("takes under a name only values of its kind", () => {
		const wrong: MessageFields = {
			id: "121.4737,31.2304",
			type: "121.47 31.23",
			lanes: "two",
			oneway: 121.47,
			laneWidth: 12_147_370,
			name: "x".repeat(200),
			turn: { deep: 1 },
			from: [121.4737, 31.2304],
		};
		expect(left(wrong)).toEqual({});
	});

	it("takes heights from every position, in every geometry", () => {
		const treated = step("home");
		const shapes: readonly (readonly ["Point" | "MultiPoint" | "Polygon" | "MultiPolygon", MessageValue])[] = [
			["Point", [1, 2, secret]],
			[
				"MultiPoint",
				[
					[1, 2, secret],
					[3, 4],
				],
			],
			[
				"Polygon",
				[
					[
						[0, 0, secret],
						[1, 0],
						[1, 1],
						[0, 0, secret],
					],
				],
			],
			[
				"MultiPolygon",
				[
					[
						[
							[0, 0, secret],
							[1, 0],
							[1, 1],
							[0, 0, secret],
						],
					],
				],
			],
		];
		for (const [type, coordinates] of shapes) {
			const after = typeof treated === "function" ? treated(taggedMap({ geometry: { type, coordinates } })) : undefined;
			expect(after).toMatchObject({ geometry: { type } });
			expect(JSON.stringify(after)).not.toContain(`${secret}`);
		}
	});

	it("lets nothing through but names of the list, whatever it is given", () => {
		const tree = fc.letrec<{ value: MessageValue; fields: MessageFields }>((tie) => ({
			value: fc.oneof(
				{ depthSize: "small" },
				fc.string(),
				fc.double({ noNaN: true, noDefaultInfinity: true }),
				fc.boolean(),
				fc.constant(null),
				fc.json(),
				fc.array(tie("value"), { maxLength: 4 }),
				tie("fields"),
			),
			fields: fc.dictionary(
				fc.oneof(fc.string({ maxLength: 12 }), fc.constantFrom(...allowedNames), fc.constantFrom(...Object.values(namesOf).flat())),
				tie("value"),
				{ maxKeys: 6 },
			),
		})).fields;
		const check = (value: MessageValue): void => {
			if (typeof value === "string" && /^\s*["[{]/.test(value)) check(JSON.parse(value));
			else if (Array.isArray(value)) value.forEach(check);
			else if (typeof value === "object" && value !== null) {
				for (const [name, inner] of Object.entries(value)) {
					expect(allowedKinds(normalName(name).letters, "public")).not.toEqual([]);
					expect(deniedBy(name)).toEqual([]);
					check(inner);
				}
			}
		};
		fc.assert(
			fc.property(tree, (properties) => {
				const after = left(properties, "public");
				if (after === undefined) return;
				check(after);
				expect(left(after, "public")).toEqual(after);
			}),
			{ numRuns: 300 },
		);
	});
});
