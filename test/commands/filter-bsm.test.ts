import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { dataPath, hasData } from "../data.ts";
import { campus, cvdpPath, type Filtered, filter, linesOf } from "./filter-bsm-cases.ts";

const isAbsent = !hasData("v2x/jpo-cvdp");

const settingsFile = (text: string): string => {
	const path = join(mkdtempSync(join(tmpdir(), "filter-bsm-")), "ppm.properties");
	writeFileSync(path, text);
	return path;
};

const onCampus = async (names: readonly string[], switches: Parameters<typeof campus.settings>[0]): Promise<Filtered> =>
	await filter({
		messages: names.flatMap((name) => linesOf(cvdpPath(`${name}.json`))),
		policy: settingsFile(campus.settings(switches)),
		places: campus.shapes,
		placesEnd: ".edges",
	});

interface Bsm {
	metadata: { asn1?: string; sanitized: boolean; serialId: object; receivedMessageDetails: { locationData: object } };
	payload: {
		data: {
			value: {
				BasicSafetyMessage: { coreData: Record<string, unknown>; partII: { "partII-Value": Record<string, Record<string, unknown>> }[] };
			};
		};
	};
}
const bsmOf = (line: string): Bsm["payload"]["data"]["value"]["BasicSafetyMessage"] =>
	JSON.parse(line).payload.data.value.BasicSafetyMessage;

/** A real message with some of its fields set. */
const changed = (line: string, core: object, change: (bsm: Bsm) => void = () => undefined): string => {
	const bsm: Bsm = JSON.parse(line);
	Object.assign(bsm.payload.data.value.BasicSafetyMessage.coreData, core);
	change(bsm);
	return JSON.stringify(bsm);
};

describe("filter-bsm: verdicts of jpo-cvdp", () => {
	const files = ["all.good", "inside.geofence", "bad.id", "bad.speed", "outside.geofence"].map((name) => `test-case.${name}`);
	const of = (verdicts: readonly string[], counts: readonly number[]): readonly (readonly string[])[] => {
		const left = [...verdicts];
		return counts.map((count) => left.splice(0, count));
	};
	const counts = [3, 3, 2, 3, 3];

	it.skipIf(isAbsent)(
		"test cases with everything off, with everything on, and with each filter alone (needs shared data v2x)",
		async () => {
			const kept = (count: number): readonly string[] => Array.from({ length: count }, () => "kept");
			const speed = ["filter-speed", "filter-speed", "filter-speed"];
			const area = ["suppress-area", "suppress-area", "suppress-area"];
			const run = async (switches: Parameters<typeof campus.settings>[0]) => of((await onCampus(files, switches)).verdicts, counts);
			expect(await run({})).toEqual(counts.map(kept));
			expect(await run({ velocity: true, geofence: true, ids: "all", size: true })).toEqual([kept(3), kept(3), kept(2), speed, area]);
			expect(await run({ ids: ["B1", "B2"] })).toEqual(counts.map(kept));
			expect(await run({ velocity: true })).toEqual([kept(3), kept(3), kept(2), speed, kept(3)]);
			expect(await run({ geofence: true })).toEqual([kept(3), kept(3), kept(2), kept(3), area]);
		},
	);

	it.skipIf(isAbsent)("ids: all are replaced, or those listed alone (needs shared data v2x)", async () => {
		const ids = ({ kept }: Filtered): readonly unknown[] => kept.map((line) => bsmOf(line).coreData.id);
		const names = ["test-case.all.good", "test-case.bad.id"];
		expect(ids(await onCampus(names, {}))).toEqual(["4F435445", "4F435445", "4F435445", "B1", "B2"]);
		const listed = ids(await onCampus(names, { ids: ["4F435445"] }));
		for (const id of listed.slice(0, 3)) expect(id).toMatch(/^(?!4F435445)[0-9A-F]{8}$/);
		expect(listed.slice(3)).toEqual(["B1", "B2"]);
		const all = ids(await onCampus(names, { ids: "all" }));
		for (const id of all.slice(0, 3)) expect(id).toMatch(/^(?!4F435445)[0-9A-F]{8}$/);
		for (const id of all.slice(3)) expect(id).toMatch(/^[0-9A-F]{2}$/);
	});

	it.skipIf(isAbsent)("lines that jpo-cvdp calls errors are never kept (needs shared data v2x)", async () => {
		const { kept, verdicts, code } = await onCampus(["error_cases"], { velocity: true, geofence: true, ids: ["B1", "B2"], size: true });
		expect(kept).toEqual([]);
		expect(verdicts).toHaveLength(21);
		expect(code).toBe(1);
	});

	it.skipIf(isAbsent)("CO-Motorways keeps 6, 5, 3, 6, 6 and 3 with c1 to c6 (needs shared data v2x)", async () => {
		const kept: number[] = [];
		for (const name of ["c1", "c2", "c3", "c4", "c5", "c6"]) {
			const messages = cvdpPath("CO-Motorways_test.json");
			const result = await filter({
				messages,
				policy: cvdpPath(`${name}.properties`),
				places: cvdpPath("CO-Motorways.edges.gz"),
				placesEnd: "",
			});
			expect(result.code).toBe(0);
			kept.push(result.kept.length);
		}
		expect(kept).toEqual([6, 5, 3, 6, 6, 3]);
	});

	it.skipIf(isAbsent)("I_80 keeps 8 of 10 by speed (needs shared data v2x)", async () => {
		const { kept } = await filter({ messages: dataPath("v2x/j2735-ode/I_80_test.json"), policy: cvdpPath("I_80_vel_filter.properties") });
		expect(kept).toHaveLength(8);
	});

	it.skipIf(isAbsent)("general redaction takes away what fieldsToRedact.txt names (needs shared data v2x)", async () => {
		const { kept } = await filter({
			messages: cvdpPath("test-case.redaction.general.json"),
			policy: settingsFile("privacy.redaction.general=ON"),
			fields: cvdpPath("fieldsToRedact.txt"),
		});
		const { coreData, partII } = bsmOf(kept[0] ?? "");
		expect(coreData).toMatchObject({
			angle: 127,
			transmission: "unavailable",
			brakes: {
				wheelBrakes: "80",
				traction: "unavailable",
				abs: "unavailable",
				scs: "unavailable",
				brakeBoost: "unavailable",
				auxBrakes: "unavailable",
			},
		});
		const text = JSON.stringify(partII);
		for (const gone of [
			"events",
			"lights",
			"crumbData",
			"solarRadiation",
			"roadFriction",
			"friction",
			"doNotUse2",
			"doNotUse4",
			"statusDetails",
		])
			expect(text).not.toContain(`"${gone}"`);
	});
});

describe("filter-bsm: the leaks of jpo-cvdp", () => {
	const fenced = { velocity: true, geofence: true, ids: "all", size: true } as const;
	const good = (): string => linesOf(cvdpPath("test-case.all.good.json"))[0] ?? "";
	const run = async (messages: readonly string[], policy: string | object = settingsFile(campus.settings(fenced))): Promise<Filtered> =>
		await filter({ messages, policy, places: campus.shapes, placesEnd: ".edges" });

	it.skipIf(isAbsent)("an unavailable position is never judged by the vehicle before (needs shared data v2x)", async () => {
		const unknown = { lat: 900_000_001, long: 1_800_000_001 };
		const plain = linesOf(dataPath("v2x/j2735-ode/bsmTx.json"))[0] ?? "";
		const without = JSON.parse(plain);
		without.payload.data.coreData.position = {};
		without.payload.data.coreData.speed = 10;
		const messages = [
			good(),
			changed(good(), unknown),
			good(),
			changed(good(), { lat: unknown.lat }),
			good(),
			changed(good(), { long: unknown.long }),
			good(),
			JSON.stringify(without),
			changed(good(), { speed: 8_191 }),
		];
		const { verdicts } = await run(messages);
		expect(verdicts).toEqual([
			"kept",
			"suppress-area",
			"kept",
			"suppress-area",
			"kept",
			"suppress-area",
			"kept",
			"suppress-area",
			"filter-speed",
		]);
	});

	it.skipIf(isAbsent)("no point of a path history off the road leaves, stripped or judged (needs shared data v2x)", async () => {
		const crumb = (lat: number, long: number): object => ({ latOffset: lat, lonOffset: long, elevationOffset: 0, timeOffset: 100 });
		const withPath = (crumbs: readonly object[]): string =>
			changed(good(), {}, (bsm) => {
				const extension = bsm.payload.data.value.BasicSafetyMessage.partII[0]?.["partII-Value"].VehicleSafetyExtensions;
				if (extension !== undefined) extension.pathHistory = { crumbData: crumbs };
			});
		const messages = [withPath([crumb(10, -10), crumb(5_000, 77_777)]), withPath([crumb(10, -10)]), good()];
		const stripped = await run(messages);
		expect(stripped.kept).toHaveLength(3);
		for (const line of stripped.kept) expect(line).not.toMatch(/pathHistory|crumbData|pathPrediction/);
		const treatments = [{ type: "suppress-area", kinds: ["allowed"], keep: "inside" }];
		const judged = await run(messages, { treatments });
		expect(judged.kept).toHaveLength(3);
		expect(judged.kept.map((line) => line.includes("crumbData"))).toEqual([false, true, false]);
		expect(judged.kept.join()).not.toContain("77777");
	});

	it.skipIf(isAbsent)(
		"neither the receiver nor streams nor a second encoding leave, whatever the policy (needs shared data v2x)",
		async () => {
			const real = [...linesOf(dataPath("v2x/j2735-ode/bsmTx.json")), ...linesOf(cvdpPath("CO-Motorways_test.json"))];
			const policies = [settingsFile(""), { treatments: [] }];
			for (const policy of policies) {
				const { kept } = await run(real, policy);
				expect(kept).toHaveLength(real.length);
				for (const [index, line] of kept.entries()) {
					const { metadata } = JSON.parse(real[index] ?? "");
					expect(JSON.parse(line).metadata.sanitized).toBe(true);
					expect(line).not.toMatch(/asn1|streamId|serialId|locationData|originIp|logFileName|odePacketID/);
					for (const secret of [metadata.asn1, metadata.serialId.streamId, metadata.originIp])
						if (typeof secret === "string") expect(line).not.toContain(secret);
				}
			}
		},
	);

	it.skipIf(isAbsent)("the report has no value of a message (needs shared data v2x)", async () => {
		const folder = mkdtempSync(join(tmpdir(), "filter-bsm-"));
		const report = join(folder, "report");
		await filter({
			messages: [
				good(),
				changed(good(), { speed: 0 }),
				"{broken 35.9491100",
				"",
				linesOf(dataPath("v2x/j2735-ode/expected-map.json"))[0] ?? "",
				"x".repeat(300_000),
			],
			policy: settingsFile(campus.settings(fenced)),
			places: campus.shapes,
			placesEnd: ".edges",
			more: { report },
		}).catch(() => undefined);
		expect(readFileSync(report, "utf8").split("\n")).toEqual([
			'{"line":1,"disposition":"kept"}',
			'{"line":2,"disposition":"suppressed","reason":"withheld-by-treatment","treatment":"filter-speed"}',
			'{"line":3,"disposition":"invalid","reason":"not-a-message"}',
			'{"line":5,"disposition":"invalid","reason":"not-a-bsm"}',
			'{"line":6,"disposition":"invalid","reason":"too-long"}',
			"",
		]);
	});
});
