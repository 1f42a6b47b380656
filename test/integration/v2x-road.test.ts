/**
 * The whole road of V2X messages: from recordings through a law to envelopes, and what a recipient then reads in them.
 */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { runOpen } from "../../agent/commands/open.ts";
import { type Agent, compose } from "../../agent/compose.ts";
import { decodeJsonMessage } from "../../agent/formats/v2x/json-message.ts";
import type { DecodedMessage } from "../../agent/formats/v2x/message-shape.ts";
import { decodeUperMessage, type UperFamilyName } from "../../agent/formats/v2x/shapes.ts";
import type { Clock } from "../../agent/host/clock.ts";
import type { KerbEvent } from "../../agent/host/events.ts";
import { systemHost } from "../../agent/host/system-host.ts";
import { folderUploader } from "../../agent/upload/folder.ts";
import { fromHex, toHex } from "../../shared/bytes.ts";
import type { MessageValue } from "../../shared/message.ts";
import type { ReleaseRule } from "../../shared/policy.ts";
import { utcMs } from "../../shared/units.ts";
import { repoPath } from "../data.ts";
import { catalogue, outlet, outlets, policy, row, rule, uploadFloor } from "../fakes/law-documents.ts";
import { crypto, document } from "../fakes/law-repository.ts";
import { makeLawUnit } from "../fakes/law-unit.ts";
import { makeUnitFolder } from "../fakes/unit-folder.ts";
import { etsiCam, odeBsm, type Sender, tcsaeBsm, tcsaeSpat } from "../fakes/v2x-messages.ts";
import { places, polygonArea, square } from "../place/places.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const startMs = Date.parse("2026-06-01T12:00:00Z");
const secret = new Uint8Array(32).fill(1);
const recipient = { name: "a platform", x25519: toHex(crypto.x25519Public(secret)) };

/** Vehicles that pass a sensitive place: the first half of each track is far from it, the second inside. */
const ids = ["30303134333130aa", "30303134333130bb"] as const;
const track = (id: string): readonly Sender[] =>
	Array.from({ length: 40 }, (_, at) => ({
		id,
		latDeg: at < 20 ? 31.1 + at / 1e4 : 31.5 + (at - 20) / 1e5,
		lonDeg: 121.5 + at / 1e5,
		count: at,
	}));
const sensitive = places([polygonArea("works", [square(121.5, 31.5, 0.02)])]);

const tracks = ids.flatMap(track);
const log = (encode: (sender: Sender) => Uint8Array): string =>
	tracks.map((sender, at) => `${startMs - 60_000 + at * 100} ${toHex(encode(sender))}\n`).join("");
const recordings = {
	"ode.ndjson": tracks.map((sender, at) => `${odeBsm(sender, new Date(startMs - 60_000 + at * 100).toISOString())}\n`).join(""),
	"tcsae.hex": `${log(tcsaeBsm)}ffff\n${Array.from({ length: 10 }, (_, at) => `${toHex(tcsaeSpat(at))}\n`).join("")}`,
	"etsi.hex": log(etsiCam),
};
const sources = [
	{ id: "obu", type: "v2x", form: "ode", input: { file: "ode.ndjson" } },
	{ id: "pc5", type: "v2x", form: "uper", family: "tcsae", input: { file: "tcsae.hex" } },
	{ id: "g5", type: "v2x", form: "uper", family: "etsi", input: { file: "etsi.hex" } },
];

const rows = [
	row("vehicles", {
		match: { kinds: [], paths: ["V2X\\.(TCSAE|J2735)\\.BSM", "V2X\\.ETSI\\.CAM"] },
		home: uploadFloor({ need: "treatment", anyOf: ["strip-path"] }),
	}),
	row("signals", { match: { kinds: [], paths: ["V2X\\.(TCSAE|J2735)\\.SPAT"] } }),
];
const signals = rule("signals", { categories: ["signals"] });
const law = (release: readonly ReleaseRule[]) => [
	document("catalogue", catalogue(...rows)),
	document("policy", policy(release, { issuedAt: "2026-05-31T00:00:00Z" })),
	document("outlets", outlets(outlet("oem", { recipients: [recipient], inspection: recipient }))),
	document("places", sensitive),
];

interface Released {
	readonly category: string;
	readonly record: { readonly path: string; readonly takenAtMs: number; readonly message?: unknown; readonly bytes?: string };
}

/** Runs the recordings through the law; gives back what a recipient reads, and what the agent says of itself. */
const pass = async (release: readonly ReleaseRule[]) => {
	const unit = await makeLawUnit(law(release), startMs, { sources, batch: { maxRecords: 50, maxAgeMs: 50 } });
	cleanups.push(() => unit.remove());
	for (const [name, text] of Object.entries(recordings)) await writeFile(join(unit.folder, name), text);
	const out = join(unit.folder, "out");
	await mkdir(out);
	const events: KerbEvent[] = [];
	const host = await systemHost({ emit: (event) => events.push(event) });
	const offsetMs = startMs - host.clock.nowMs();
	const clock: Clock = { ...host.clock, nowMs: () => utcMs(host.clock.nowMs() + offsetMs) };
	const agent: Agent = await compose(
		unit.config,
		{ ...host, clock },
		{
			...{ withoutControl: true, looksFirst: true },
			outbound: () => (to, outbox) => folderUploader(to.id, out, outbox, host.disk),
		},
	);
	await agent.run(AbortSignal.timeout(60_000), { untilDone: true });
	const keys = join(unit.folder, "keys.json");
	const ring = { kind: "keys", recipients: [{ name: "a platform", x25519Secret: toHex(secret) }], units: [agent.unit] };
	await writeFile(keys, JSON.stringify(ring));
	const lines: string[] = [];
	const { failures } = await runOpen({
		...{ keys, inputs: [out], warn: () => undefined },
		out: (line) => {
			lines.push(line);
			return Promise.resolve();
		},
	});
	expect(failures).toBe(0);
	const released = lines.map((line): Released => JSON.parse(line));
	return { released, status: agent.status(), events, files: await readdir(out), text: lines.join("\n") };
};

/** The message as its own decoder reads it: what left is a whole message of the standard. */
const decoded = ({ record }: Released): DecodedMessage => {
	if (record.message !== undefined) return decodeJsonMessage("ode", new TextEncoder().encode(JSON.stringify(record.message)));
	const family: UperFamilyName = record.path.startsWith("V2X.ETSI") ? "etsi" : "tcsae";
	return decodeUperMessage(family, fromHex(record.bytes ?? "") ?? new Uint8Array());
};

/** Names of all parts that say something. A CAM cannot be without its path history, which then has no points. */
const namesIn = (value: MessageValue): readonly string[] =>
	typeof value !== "object" || value === null
		? []
		: Object.entries(value).flatMap(([name, within]) => (isEmpty(within) ? [] : [name, ...namesIn(within)]));

const isEmpty = (value: MessageValue): boolean => Array.isArray(value) && value.length === 0;

const at = (value: MessageValue, ...names: readonly string[]): MessageValue | undefined =>
	names.reduce<MessageValue | undefined>((within, name) => (within as Record<string, MessageValue> | undefined)?.[name], value);

/** Where and who each kind of message says that its sender is. */
const saidBy = ({ shape, content }: DecodedMessage): { readonly latDeg: number; readonly lonDeg: number; readonly id: string } => {
	const number = (...names: readonly string[]): number => Number(at(content, ...names));
	if (shape.path === "V2X.J2735.BSM") {
		const core = ["plain", "payload", "data", "coreData"];
		return {
			latDeg: number(...core, "position", "latitude"),
			lonDeg: number(...core, "position", "longitude"),
			id: String(at(content, ...core, "id")),
		};
	}
	if (shape.path === "V2X.ETSI.CAM") {
		const position = ["cam", "camParameters", "basicContainer", "referencePosition"];
		const stationId = number("header", "stationID").toString(16);
		return { latDeg: number(...position, "latitude") / 1e7, lonDeg: number(...position, "longitude") / 1e7, id: stationId };
	}
	return { latDeg: number("pos", "lat") / 1e7, lonDeg: number("pos", "long") / 1e7, id: String(at(content, "id")) };
};

const treated = rule("vehicles", {
	categories: ["vehicles"],
	treatments: [
		{ type: "suppress-area", kinds: ["sensitive"], keep: "outside", randomExtraM: 0 },
		{ type: "strip-path" },
		{ type: "rotate-id", rotateMs: 3_600_000 },
		{ type: "round-position", cellM: 200 },
	],
});

describe("messages of the road", () => {
	it("leave lowered: no path, no receiver, no id, no copy, no exact place, and nothing from a sensitive area", async () => {
		const { released, status, text, files } = await pass([treated, signals]);
		const vehicles = released.filter(({ category }) => category === "vehicles");
		const kinds = new Set(vehicles.map(({ record }) => record.path));
		expect(kinds).toEqual(new Set(["V2X.J2735.BSM", "V2X.TCSAE.BSM", "V2X.ETSI.CAM"]));
		// Half of each track is inside the area, in each of the three forms.
		expect(vehicles).toHaveLength((3 * tracks.length) / 2);
		const pseudonyms = new Map<string, Set<string>>();
		for (const each of vehicles) {
			const message = decoded(each);
			const names = namesIn(message.content);
			for (const gone of ["pathHistory", "pathPrediction", "locationData", "asn1", "streamId", "originIp", "logFileName"])
				expect(names, gone).not.toContain(gone);
			const said = saidBy(message);
			expect(said.latDeg).toBeLessThan(31.4);
			const tracked = tracks.some(({ latDeg, lonDeg }) => Math.abs(latDeg - said.latDeg) < 1e-7 && Math.abs(lonDeg - said.lonDeg) < 1e-7);
			expect(tracked).toBe(false);
			// Within 200 m of where it was: the message is still of use.
			expect(said.latDeg).toBeGreaterThan(31.098);
			pseudonyms.set(message.shape.path, (pseudonyms.get(message.shape.path) ?? new Set()).add(said.id.toLowerCase()));
		}
		for (const seen of pseudonyms.values()) {
			expect(seen.size).toBe(ids.length);
			for (const id of ids) for (const pseudonym of seen) expect(id.endsWith(pseudonym)).toBe(false);
		}
		for (const word of [...ids.map((id) => id.slice(-8)), "B12345", "801780cb", "192.168.7.9"])
			expect(text.toLowerCase()).not.toContain(word);
		expect(files.join()).not.toMatch(/[0-9a-f]{8}aa/);

		// The lights go as they came, and what could not be read is counted.
		const lights = released.filter(({ category }) => category === "signals").map(({ record }) => record.bytes);
		expect(lights).toEqual(Array.from({ length: 10 }, (_, count) => toHex(tcsaeSpat(count))));
		expect(status.sources.map(({ state, readings }) => [state, readings])).toEqual([
			["ended", 80],
			["ended", 90],
			["ended", 80],
		]);
		expect(status.sources[1]?.rejected).toEqual({ message_unknown: 1 });
	}, 120_000);

	it("stay when the rule lacks the treatment that the law asks for, and the lights still go", async () => {
		const { released, status } = await pass([rule("vehicles", { categories: ["vehicles"] }), signals]);
		expect(new Set(released.map(({ category }) => category))).toEqual(new Set(["signals"]));
		expect(released).toHaveLength(10);
		const vehicles = status.categories.find(({ id }) => id === "vehicles");
		expect(vehicles?.reasons["needs-treatment"]).toBe(3 * tracks.length);
	}, 120_000);

	it("are let out by no law that names an area of which nobody knows", async () => {
		const suppress = { type: "suppress-area", areas: ["unheard-of"], keep: "outside" };
		const attempt = pass([rule("vehicles", { categories: ["vehicles"], treatments: [suppress, { type: "strip-path" }] })]);
		await expect(attempt).rejects.toMatchObject({ code: "TREATMENT_INVALID" });
	}, 120_000);
});

const kerbstone = (...args: readonly string[]): Promise<{ readonly status: unknown; readonly out: string; readonly err: string }> =>
	new Promise((resolve) => {
		execFile(process.execPath, [repoPath("agent/main.ts"), ...args], { maxBuffer: 1 << 26 }, (error, out, err) => {
			resolve({ status: error === null ? 0 : error.code, out, err });
		});
	});

describe("kerbstone replay --v2x", () => {
	it("lets lights out under the Chinese catalogue and keeps what vehicles broadcast, and open shows them", async () => {
		const release: ReleaseRule[] = ["v2x.rsu.signal-phase", "connected-operation.perception.v2x-broadcast-position"].map(
			(category, index) => ({
				...{ id: `rule-${index}`, outlet: "oem", purpose: "traffic", necessity: "a test of the road", retentionDays: 10 },
				...{ categories: [category], treatments: index === 0 ? [] : [{ type: "strip-path" }] },
			}),
		);
		const unit = await makeUnitFolder({ brokerUrl: "mqtt://127.0.0.1:9", release });
		cleanups.push(() => unit.remove());
		const folder = await mkdtemp(join(tmpdir(), "kerbstone-v2x-"));
		cleanups.push(() => rm(folder, { recursive: true, force: true }));
		for (const [name, text] of Object.entries(recordings)) await writeFile(join(folder, name), text);
		const law = ["--law", join(unit.folder, "law")];
		const files = ["--v2x", `ode:${join(folder, "ode.ndjson")}`, "--v2x", `tcsae:${join(folder, "tcsae.hex")}`];
		const replayed = await kerbstone("replay", ...law, ...files, "--out", join(folder, "out"), "--json");
		expect(replayed.status, replayed.err).toBe(0);
		const { categories, sources: read } = JSON.parse(replayed.out);
		expect(read.map(({ readings }: { readonly readings: number }) => readings)).toEqual([80, 90]);
		const uploadedOf = (id: string) => categories.find((each: { readonly id: string }) => each.id === id)?.uploaded;
		expect(uploadedOf("v2x.rsu.signal-phase")).toBe(10);
		expect(uploadedOf("connected-operation.perception.v2x-broadcast-position")).toBe(0);
		const opened = await kerbstone("open", "--keys", unit.keysFile, join(folder, "out"));
		expect(opened.status, opened.err).toBe(0);
		const records = opened.out
			.trim()
			.split("\n")
			.map((line): Released => JSON.parse(line));
		expect(records.map(({ record }) => record.bytes)).toEqual(Array.from({ length: 10 }, (_, count) => toHex(tcsaeSpat(count))));

		for (const wrong of ["messages.ndjson", "uper:x", "ode:", "gpx:x"]) {
			const refused = await kerbstone("replay", ...law, "--v2x", wrong, "--out", join(folder, "none"));
			expect([refused.status, refused.err.includes("--v2x: expected FORM:FILE")], wrong).toEqual([2, true]);
		}
	}, 120_000);
});
