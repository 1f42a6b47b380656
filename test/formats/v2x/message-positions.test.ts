import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { erasePositions } from "../../../agent/formats/v2x/message-position-erase.ts";
import { positionsOf } from "../../../agent/formats/v2x/message-positions.ts";
import type { MessageType } from "../../../agent/formats/v2x/message-type.ts";
import { compileNotation } from "../../../agent/formats/v2x/notation.ts";
import type { MessageFields } from "../../../shared/message.ts";
import { anyContent, messagePaths, uperShape } from "../../fakes/any-message.ts";
import { frozen, leavesIn } from "../../fakes/message-leaves.ts";

const types = compileNotation(`
	Lat = int -90..91 @lat !91
	Lon = int -180..181 @lon !181
	Place = seq { lat: Lat, lon: Lon, accuracy?: int 0..9 }
	Offset = seq { dlat: int -9..10 @dlat*0.1 !10, dlon: int -9..10 @dlon*0.1 !10, up?: int 0..9 @delevation }
	Object = seq { name: int 0..9 @object-id, pos: choice { near: Offset, at: Place }, past?: list 0..9 of Offset @path-history } @object
	Seen = seq { x: seq { value: int -99..100 @dx !100, sure: int 0..9 }, y: seq { value: int -99..100 @dy !100, sure: int 0..9 } } @object
	Message = seq {
		receiver?: Place @receiver-position, head: seq { place: Place @own-position, speed: int 0..9 @speed !9, id: int 0..9 @id },
		past?: seq { since?: Place, crumbs: list 1..9 of Offset } @path-history,
		objects?: list 0..9 of Object, seen?: list 0..9 of Seen, half?: seq { lat: Lat },
		map?: list 0..9 of seq { ref: Place @map-geometry, lane: list 0..9 of choice { xy: seq { x: int -9..9 @dx, y: int -9..9 @dy }, ll: Offset } @map-geometry }
	}
`);
const type = types.get("Message") as MessageType;
const head = { place: { lat: 50, lon: 10 }, speed: 5, id: 1 };
const found = (path: string, content: MessageFields) =>
	positionsOf({ path, type: copyOf(type) }, content).map(({ group, isKnown, latDeg, lonDeg, radiusM }) =>
		isKnown ? [group, round(latDeg), round(lonDeg), Math.round(radiusM)] : [group, "unknown"],
	);
const round = (deg: number): number => Math.round(deg * 1e6) / 1e6;
/** The finder remembers types: another standard's message has a type of its own. */
const copyOf = <T>(value: T): T => structuredClone(value);

describe("positionsOf", () => {
	it("finds the sender's own position, and others in their order", () => {
		const positions = positionsOf({ path: "V2X.J2735.BSM", type }, { receiver: { lat: 1, lon: 2 }, head });
		expect(positions.map(({ group, isOwn, latDeg, lonDeg, by }) => [group, isOwn, latDeg, lonDeg, by])).toStrictEqual([
			["receiver-position", false, 1, 2, "degrees"],
			["own-position", true, 50, 10, "degrees"],
		]);
	});

	it.each([
		{ what: "the latitude is unavailable", place: { lat: 91, lon: 10 } },
		{ what: "the longitude is unavailable", place: { lat: 50, lon: 181 } },
		{ what: "both are", place: { lat: 91, lon: 181 } },
		{ what: "one is missing", place: { lat: 50 } },
		{ what: "one is no number", place: { lat: 50, lon: null } },
		{ what: "one is text that is no number", place: { lat: "unavailable", lon: "unavailable" } },
		{ what: "one is beyond the earth", place: { lat: 95, lon: 10 } },
	])("calls a position unknown when $what, and whatever counts from it", ({ place }) => {
		const content = { head: { ...head, place }, past: { crumbs: [{ dlat: 1, dlon: 1 }] } };
		expect(found("V2X.J2735.BSM", content)).toStrictEqual([
			["own-position", "unknown"],
			["path-history", "unknown"],
		]);
	});

	it("judges each message by itself, whatever came before", () => {
		const one = { path: "V2X.J2735.BSM", type };
		positionsOf(one, { head });
		const [position] = positionsOf(one, { head: { ...head, place: { lat: 91, lon: 181 } } });
		expect(position).toMatchObject({ isKnown: false, latDeg: Number.NaN, lonDeg: Number.NaN, radiusM: Number.POSITIVE_INFINITY });
	});

	it("counts crumbs from the anchor in J2735, from one another in ETSI, and covers both where nobody knows", () => {
		const content = {
			head,
			past: {
				crumbs: [
					{ dlat: 1, dlon: 0 },
					{ dlat: 1, dlon: 2 },
				],
			},
		};
		expect(found("V2X.J2735.BSM", content).slice(1)).toStrictEqual([
			["path-history", 50.1, 10, 0],
			["path-history", 50.1, 10.2, 0],
		]);
		expect(found("V2X.TCSAE.BSM", content).slice(1)).toStrictEqual([
			["path-history", 50.1, 10, 0],
			["path-history", 50.1, 10.2, 0],
		]);
		expect(found("V2X.ETSI.CAM", content).slice(1)).toStrictEqual([
			["path-history", 50.1, 10, 0],
			["path-history", 50.2, 10.2, 0],
		]);
		expect(found("V2X.OTHER.X", content).slice(1)).toStrictEqual([
			["path-history", 50.1, 10, 0],
			["path-history", 50.1, 10.2, 11_170],
		]);
	});

	it("knows no further point of a chain that has a gap", () => {
		const content = {
			head,
			past: {
				crumbs: [
					{ dlat: 10, dlon: 0 },
					{ dlat: 1, dlon: 2 },
				],
			},
		};
		expect(found("V2X.ETSI.CAM", content).slice(1)).toStrictEqual([
			["path-history", "unknown"],
			["path-history", "unknown"],
		]);
		expect(found("V2X.OTHER.X", content).slice(1)).toStrictEqual([
			["path-history", "unknown"],
			["path-history", "unknown"],
		]);
		expect(found("V2X.J2735.BSM", content).slice(1)).toStrictEqual([
			["path-history", "unknown"],
			["path-history", 50.1, 10.2, 0],
		]);
	});

	it("prefers the nearest reference around an offset", () => {
		const content = { head, past: { since: { lat: 40, lon: 0 }, crumbs: [{ dlat: 1, dlon: 0 }] } };
		expect(found("V2X.J2735.BSM", content).slice(1)).toStrictEqual([
			["path-history", 40, 0, 0],
			["path-history", 40.1, 0, 0],
		]);
	});

	it("counts objects from the sender, and an object's path from the object", () => {
		const objects = [
			{ name: 1, pos: { near: { dlat: 2, dlon: 0 } }, past: [{ dlat: 1, dlon: 0 }] },
			{ name: 2, pos: { at: { lat: 60, lon: 20 } }, past: [{ dlat: 1, dlon: 0 }] },
			{ name: 3, pos: { near: { dlat: 3, dlon: 0 } } },
		];
		expect(found("V2X.TCSAE.RSM", { head, objects }).slice(1)).toStrictEqual([
			...[
				["object", 50.2, 10, 0],
				["path-history", 50.3, 10, 0],
				["object", 60, 20, 0],
				["path-history", 60.1, 20, 0],
				["object", 50.3, 10, 0],
			],
		]);
	});

	it("knows metres in the sender's frame as a disc", () => {
		const seen = [
			{ x: { value: 30, sure: 1 }, y: { value: 40, sure: 1 } },
			{ x: { value: 100, sure: 1 }, y: { value: 4, sure: 1 } },
		];
		expect(found("V2X.ETSI.CPM", { head, seen }).slice(1)).toStrictEqual([
			["object", 50, 10, 50],
			["object", "unknown"],
		]);
	});

	it("widens the disc along a lane, each node from the one before, and starts anew at the next reference", () => {
		const lane = [{ xy: { x: 3, y: 4 } }, { xy: { x: 0, y: 5 } }];
		const map = [
			{ ref: { lat: 1, lon: 1 }, lane },
			{ ref: { lat: 2, lon: 2 }, lane: [{ ll: { dlat: 1, dlon: 1 } }] },
		];
		expect(found("V2X.J2735.MAP", { head, map }).slice(1)).toStrictEqual([
			...[
				["map-geometry", 1, 1, 0],
				["map-geometry", 1, 1, 5],
				["map-geometry", 1, 1, 10],
				["map-geometry", 2, 2, 0],
				["map-geometry", 2.1, 2.1, 0],
			],
		]);
	});

	it("crosses the antimeridian, and leaves the earth at the poles", () => {
		const at = (lat: number, lon: number) =>
			found("V2X.J2735.BSM", { head: { ...head, place: { lat, lon } }, past: { crumbs: [{ dlat: 1, dlon: 2 }] } })[1];
		expect(at(0, 180)).toStrictEqual(["path-history", 0.1, -179.8, 0]);
		expect(at(90, 0)).toStrictEqual(["path-history", "unknown"]);
	});

	it("says that there is half a position", () => {
		expect(found("V2X.J2735.BSM", { head, half: { lat: 1 } })).toContainEqual([undefined, "unknown"]);
	});
});

describe("erasePositions", () => {
	const shape = { path: "V2X.J2735.BSM", type };
	const content: MessageFields = frozen({
		...{ receiver: { lat: 1, lon: 2, accuracy: 1 }, head: { place: { lat: 50, lon: 10, accuracy: 3 }, speed: 5, id: 1 } },
		...{
			past: {
				crumbs: [
					{ dlat: 1, dlon: 0 },
					{ dlat: 2, dlon: 0 },
				],
			},
		},
		objects: [
			{ name: 1, pos: { near: { dlat: 2, dlon: 0 } } },
			{ name: 2, pos: { near: { dlat: 5, dlon: 0 } } },
		],
	});
	const { receiver: _receiver, past: _past, ...rest } = content;

	it("gives back the same object when nothing must go", () => {
		expect(erasePositions(shape, content, () => false)).toBe(content);
	});

	it("erases the sender's position with its accuracy, its motion, its path and what counts from it", () => {
		expect(erasePositions(shape, content, ({ isOwn }) => isOwn)).toStrictEqual({
			...{ receiver: content.receiver, head: { place: { lat: 91, lon: 181 }, speed: 9, id: 1 }, objects: [] },
		});
	});

	it("erases a path as a whole for one point of it, and the motion with it", () => {
		const lowered = erasePositions(shape, content, ({ latDeg }) => latDeg > 50.15 && latDeg < 50.25);
		expect(lowered).toStrictEqual({
			...{
				receiver: content.receiver,
				head: { place: { lat: 50, lon: 10, accuracy: 3 }, speed: 9, id: 1 },
				objects: [content.objects].flat().slice(1),
			},
		});
	});

	it("erases one object and leaves the sender alone", () => {
		const lowered = erasePositions(shape, content, ({ latDeg }) => latDeg > 50.4);
		expect(lowered).toStrictEqual({ ...content, objects: [content.objects].flat().slice(0, 1) });
	});

	it("erases the receiver's position without touching the sender", () => {
		const lowered = erasePositions(shape, content, ({ group }) => group === "receiver-position");
		expect(lowered).toStrictEqual({ ...rest, past: content.past, receiver: { lat: 91, lon: 181 } });
	});

	it("erases half a position", () => {
		expect(erasePositions(shape, { ...rest, half: { lat: 4 } }, ({ by }) => by === "half")).toMatchObject({ half: { lat: 91 } });
	});
});

describe.each(messagePaths)("positions of any %s", (path) => {
	const shape = uperShape(path);

	it("leave no coordinate when all must go, and the rest fits its type", () => {
		fc.assert(
			fc.property(anyContent(path, { maxMore: 1, extensions: true }), (content) => {
				const lowered = erasePositions(shape, frozen(content), () => true);
				if (lowered === undefined) return;
				expect(() => shape.encode(lowered)).not.toThrow();
				for (const { type: inner, value, roles } of leavesIn(shape.type, lowered)) {
					if (/^(lat|lon|dlat|dlon|dx|dy)$/.test(inner.role ?? "")) expect(value).toStrictEqual(inner.unavailable);
					if (/^(speed|heading|yaw|acceleration)$/.test(inner.role ?? "") && positionsOf(shape, content).some((each) => each.isOwn)) {
						if (!roles.includes("object")) expect(value).toStrictEqual(inner.unavailable);
					}
				}
			}),
			{ numRuns: 25 },
		);
	});

	it("are found wherever a schema says that there is a coordinate", () => {
		fc.assert(
			fc.property(anyContent(path, { maxMore: 1 }), (content) => {
				const coordinates = leavesIn(shape.type, content).filter(({ type: inner }) => /^(lat|lon|dlat|dlon|dx|dy)$/.test(inner.role ?? ""));
				const positions = positionsOf(shape, content);
				expect(positions.length > 0).toBe(coordinates.length > 0);
				expect(positions.length).toBeGreaterThanOrEqual(coordinates.length / 2 - positions.filter(({ by }) => by === "half").length * 8);
			}),
			{ numRuns: 25 },
		);
	});
});
