/** `isMotionPath` against the releases of VSS: all of classes P4 and P6 (formats-and-oracles section 4), and what moves with the wheels. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isMotionPath } from "../../agent/treat/motion-paths.ts";
import { dataPath, hasData } from "../data.ts";

interface VssNode {
	readonly children?: Readonly<Record<string, VssNode>>;
}

const leavesOf = (release: string): readonly string[] => {
	const walk = (nodes: Readonly<Record<string, VssNode>>, prefix: string): readonly string[] =>
		Object.entries(nodes).flatMap(([name, { children }]) =>
			children === undefined ? [prefix + name] : walk(children, `${prefix}${name}.`),
		);
	return walk(JSON.parse(readFileSync(dataPath("vss-kuksa", `vss_release_${release}.json`), "utf8")), "");
};

/** Rows P4 and P6, written once more on purpose: they are the oracle. */
const mustFollow = [
	/^Vehicle\.CurrentLocation\.(Latitude|Longitude|Altitude|Heading|Timestamp)$|^Vehicle\.Cabin\.Infotainment\.Navigation\.DestinationSet\./,
	/^Vehicle\.(Speed|AverageSpeed|IsMoving|StartTime|TripDuration|TripMeterReading|Travell?edDistance(SinceStart)?|CurrentOverallWeight)$/,
	/^Vehicle\.(Acceleration|AngularVelocity)\.|^Vehicle\.Chassis\.(Accelerator|Brake|SteeringWheel)\./,
	/^Vehicle\.MotionManagement\.(Brake|Steering)\.|^Vehicle\.ADAS\.(?!DMS)/,
	/\.(Wheel\.(Left|Right)\.(Angular)?Speed|SteeringAngle|EngineSpeed|TravelledDistance|CurrentGear)$/,
	/^Vehicle\.Powertrain\..*\.Speed$|Charging\.Location\./,
];

describe("isMotionPath", () => {
	for (const release of ["3.0", "4.0", "5.1", "6.0"]) {
		it.skipIf(!hasData("vss-kuksa"))(
			`takes in all motion and location of VSS ${release}, and leaves most else (needs shared data vss-kuksa)`,
			() => {
				const leaves = leavesOf(release);
				const must = leaves.filter((path) => mustFollow.some((pattern) => pattern.test(path)));
				expect(must.length).toBeGreaterThan(60);
				expect(must.filter((path) => !isMotionPath(path))).toStrictEqual([]);
				// Not everything: doors, lights, tyres and state of charge may be sent from anywhere.
				expect(leaves.filter(isMotionPath).length).toBeLessThan(leaves.length / 3);
			},
		);
	}

	it("lets through what says nothing of motion", () => {
		for (const path of [
			"Vehicle.Cabin.Door.Row1.DriverSide.IsOpen",
			"Vehicle.Cabin.HVAC.Station.Row1.Driver.FanSpeed",
			"Vehicle.Powertrain.TractionBattery.StateOfCharge.Current",
			"Vehicle.Chassis.Axle.Row1.Wheel.Left.Tire.Pressure",
			"Vehicle.Body.Lights.Beam.Low.IsOn",
			"Vehicle.ADAS.DMS.IsWarning",
		])
			expect(isMotionPath(path), path).toBe(false);
	});

	it("takes in what it does not know", () => {
		for (const path of ["", "SPEED.VehicleSpeed", "vehicle.Door", "Vehicle.Acme.WheelSpeedFront", "Vehicle.Acme.Odometer2", "Acme.Door"])
			expect(isMotionPath(path), path).toBe(true);
	});
});
