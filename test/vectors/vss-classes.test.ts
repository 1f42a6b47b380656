/**
 * The catalogue against the releases of VSS: every leaf has exactly one row, the rows' shares are known, and no leaf of a sensitive class of
 * formats-and-oracles section 4 lands in a general row. The classes are written here once more, on purpose: they are the oracle.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { shippedCatalogues } from "../../shared/catalogue/shipped.ts";
import { CatalogueSchema } from "../../shared/catalogue.ts";
import { compileCataloguePatterns } from "../../shared/catalogue-pattern.ts";
import { parseValue } from "../../shared/parse-document.ts";
import { dataPath, hasData } from "../data.ts";

const cn = parseValue(CatalogueSchema, shippedCatalogues.cn, "cn", "LAW_INVALID");
const rows = cn.rows.map(({ id, level, match }) => ({ id, level, matches: compileCataloguePatterns(match.paths) }));
const rowsOf = (path: string): readonly string[] => rows.filter(({ matches }) => matches(path)).map(({ id }) => id);
const firstRow = (path: string): string => rowsOf(path)[0] ?? "unknown";

const releases = ["3.0", "4.0", "5.1", "6.0"] as const;
const fileOf = (release: string): string => dataPath("vss-kuksa", `vss_release_${release}.json`);
const has = hasData("vss-kuksa");

interface VssNode {
	readonly children?: Readonly<Record<string, VssNode>>;
}

const leavesOf = (release: string): readonly string[] => {
	const walk = (nodes: Readonly<Record<string, VssNode>>, prefix: string): readonly string[] =>
		Object.entries(nodes).flatMap(([name, { children }]) =>
			children === undefined ? [prefix + name] : walk(children, `${prefix}${name}.`),
		);
	return walk(JSON.parse(readFileSync(fileOf(release), "utf8")), "");
};

/** Section 4, in its order; the first match wins. */
const classes: readonly (readonly [name: string, pattern: RegExp])[] = [
	["P1", /^Vehicle\.VehicleIdentification\.(VIN|LicensePlate|VehicleConfiguration|KnownVehicleDamages)$/],
	["P1", /^Vehicle\.Powertrain\.TractionBattery\.(Id|.*IdentificationNumber)$|\.(SerialNumber|ICCID|IMEI|IMSI|MSISDN|MACAddress)$/],
	["P2", /^Vehicle\.(Driver|Occupant\.Row\d\.\w+|Cabin\.Seat\.Row\d\.\w+\.Occupant)\.Identifier\./],
	["P3", /^Vehicle\.(Driver|Occupant)\.|^Vehicle\.ADAS\.DMS\./],
	[
		"P4",
		/^Vehicle\.CurrentLocation\.(Latitude|Longitude|Altitude|Heading|Timestamp)$|^Vehicle\.Cabin\.Infotainment\.Navigation\.DestinationSet\./,
	],
	["P5", /^Vehicle\.Cabin\.Infotainment\.(Media|SmartphoneProjection|SmartphoneScreenMirroring|HMI\.(LastActionTime|CurrentLanguage))/],
	[
		"P5",
		/^Vehicle\.Cabin\.Seat\..*\.(IsOccupied|IsBelted|OccupancyStatus|Position|Height|Tilt|SeatBeltHeight|Backrest\.Recline|Headrest\.(Height|Angle)|Seating\.Length)$/,
	],
	["P5", /^Vehicle\.Cabin\.(Door\..*\.(IsOpen|IsLocked|Position)|HVAC\.Station\..*\.Temperature)$/],
	[
		"P6",
		/^Vehicle\.(Speed|AverageSpeed|IsMoving|StartTime|TripDuration|TripMeterReading|TraveledDistance(SinceStart)?|CurrentOverallWeight)$/,
	],
	["P6", /^Vehicle\.(Acceleration|AngularVelocity)\.|^Vehicle\.Chassis\.(Accelerator|Brake|SteeringWheel)\./],
	["P6", /^Vehicle\.MotionManagement\.(Brake|Steering)\.|^Vehicle\.ADAS\.(?!ObstacleDetection|DMS)/],
	["P8", /^Vehicle\.(Exterior|ADAS\.ObstacleDetection)\.|^Vehicle\.Body\.(Raindetection|Windshield\..*Temperature)/],
	["P7", /^Vehicle\./],
];
const classOf = (path: string): string => classes.find(([, pattern]) => pattern.test(path))?.[0] ?? "P0";

/** Of class P6, and yet general by the regulation's own words: "speed, gear, SOC, odometer" (regulations 7.2, telemetry.vehicle-status). */
const namedByTheRegulation = ["Vehicle.Speed", "Vehicle.TraveledDistance"];

/** Leaves per row and release. A change here is a change of what may leave: it must be meant. */
const shares: Readonly<Record<string, readonly number[]>> = {
	"connected-operation.vehicle.vin": [22, 23, 24, 30],
	"connected-operation.perception.object-list": [3, 3, 3, 36],
	"connected-operation.perception.trajectory": [10, 10, 13, 13],
	"connected-operation.perception.position-single": [0, 0, 1, 1],
	"connected-operation.perception.imu": [6, 6, 6, 6],
	"connected-operation.platform.charging-state": [21, 21, 46, 46],
	"cabin.driver-state": [5, 9, 57, 57],
	"cabin.occupancy": [305, 316, 509, 437],
	"personal.identity": [14, 14, 26, 12],
	"personal.plate": [0, 0, 1, 1],
	"personal.driving-behaviour": [58, 62, 140, 162],
	"telemetry.vehicle-status": [331, 388, 425, 402],
	"telemetry.fault-code": [14, 14, 17, 4],
	"telemetry.key-parameters": [11, 11, 11, 17],
	"telemetry.battery": [21, 27, 36, 35],
	"telemetry.environment": [6, 6, 6, 4],
};

describe.skipIf(!has)("the catalogue over VSS (needs shared data vss-kuksa)", () => {
	it("counts the leaves that section 4 counts", () => {
		expect(releases.map((release) => leavesOf(release).length)).toEqual([827, 910, 1_321, 1_263]);
	});

	it.each(releases)("gives every leaf of %s exactly one row", (release) => {
		const wrong = leavesOf(release).filter((path) => new Set(rowsOf(path)).size !== 1);
		expect(wrong).toEqual([]);
	});

	it("shares the leaves out as written down here", () => {
		const counted: Record<string, number[]> = {};
		for (const [index, release] of releases.entries()) {
			for (const path of leavesOf(release)) {
				const id = firstRow(path);
				counted[id] ??= releases.map(() => 0);
				counted[id][index] = (counted[id][index] ?? 0) + 1;
			}
		}
		expect(counted).toEqual(shares);
	});

	it.each(releases)("puts no leaf of %s that identifies, locates or watches somebody into a general row", (release) => {
		const general = new Set(rows.filter(({ level }) => level === "general").map(({ id }) => id));
		const wrong = leavesOf(release).filter((path) => /P[1-6]/.test(classOf(path)) && general.has(firstRow(path)));
		expect(wrong.filter((path) => !namedByTheRegulation.includes(path))).toEqual([]);
	});

	it("puts each class into the rows that it belongs to", () => {
		const found = new Map<string, Set<string>>();
		for (const path of releases.flatMap(leavesOf)) {
			const name = classOf(path);
			found.set(name, (found.get(name) ?? new Set()).add(firstRow(path)));
		}
		const sorted = (name: string): readonly string[] => [...(found.get(name) ?? [])].sort();
		expect(sorted("P1")).toEqual(["connected-operation.vehicle.vin", "personal.plate"]);
		expect(sorted("P2")).toEqual(["personal.identity"]);
		expect(sorted("P3")).toEqual(["cabin.driver-state"]);
		expect(sorted("P4")).toEqual(["connected-operation.perception.trajectory"]);
		expect(sorted("P5")).toEqual(["cabin.occupancy"]);
		expect(sorted("P6")).toEqual(["connected-operation.perception.imu", "personal.driving-behaviour", "telemetry.vehicle-status"]);
		expect(sorted("P8")).toEqual(["connected-operation.perception.object-list", "telemetry.environment"]);
	});

	it("knows no path that no release has, however close", () => {
		const known = new Set(releases.flatMap(leavesOf));
		const isIdentifier = /\.(VIN|SerialNumber|MACAddress|ICCID|IMEI|IMSI|MSISDN)$|IdentificationNumber$/;
		const altered = (path: string): readonly string[] => [
			path.slice(0, -1),
			`${path}s`,
			`${path}.X`,
			path.toLowerCase(),
			path.replace("Vehicle.", ""),
			path.replace("Vehicle.", "Vehicle.X."),
			path.replace(/Row\d/, "Row9"),
			path.replace(/\.[^.]+$/, ""),
			path.replaceAll(".", "/"),
			` ${path}`,
		];
		const wrong = [...known]
			.flatMap(altered)
			.filter((path) => !known.has(path) && !isIdentifier.test(path) && firstRow(path) !== "unknown");
		expect(wrong).toEqual([]);
	});
});

describe("the catalogue over other paths", () => {
	it.each([
		["Vehicle.Telematics.Modem.ICCID", "connected-operation.vehicle.telematics-card"],
		["Vehicle.Telematics.Modem.IMEI", "connected-operation.vehicle.telematics-card"],
		["Vehicle.Body.Radio.SerialNumber", "connected-operation.vehicle.vin"],
		["Vehicle.Connectivity.Wifi.MACAddress", "connected-operation.vehicle.vin"],
		["Vehicle.Powertrain.TractionBattery.Module1.IdentificationNumber", "connected-operation.vehicle.vin"],
	])("takes %s for an identifier", (path, id) => {
		expect(firstRow(path)).toBe(id);
	});

	it.each(["Vehicle", "Vehicle.", "Vehicle.Acme.Thing", "Vehicle.Speedd", "SPEED.SPEED", "VIN_PART_1.VIN_1", "KINEMATICS.YAW_RATE", ""])(
		"does not know %j",
		(path) => {
			expect(firstRow(path)).toBe("unknown");
		},
	);
});
