/**
 * An electric car that is not there: where it is, how it moves and what its control units would measure at any moment. Pure: the same seed and
 * time give the same state, so that a fake CAN bus and a fake GNSS receiver can be in the same car.
 */
import { createDrive } from "./drive.ts";

export type Gear = "park" | "reverse" | "neutral" | "drive";

/** One value per wheel: front left, front right, rear left, rear right. */
export type PerWheel = readonly [number, number, number, number];

export interface VehicleState {
	readonly latDeg: number;
	readonly lonDeg: number;
	readonly altMslM: number;
	/** Clockwise from true north, 0 to 360. */
	readonly courseDeg: number;
	readonly speedMps: number;
	/** Forward. */
	readonly accelMps2: number;
	/** To the left, as ISO 8855 has it; so are yaw rate and steering angle. */
	readonly lateralAccelMps2: number;
	readonly yawRateDegPerS: number;
	/** Of the steering wheel. */
	readonly steeringDeg: number;
	readonly wheelSpeedMps: PerWheel;
	readonly gear: Gear;
	/** 0 to 100. */
	readonly acceleratorPercent: number;
	/** 0 to 100. */
	readonly brakePercent: number;
	readonly brakeLight: boolean;
	readonly leftIndicator: boolean;
	readonly rightIndicator: boolean;
	readonly motorRpm: number;
	/** Negative while it brakes. */
	readonly motorTorqueNm: number;
	/** 5 to 100. */
	readonly stateOfChargePercent: number;
	readonly packVoltageV: number;
	/** Positive while it discharges. */
	readonly packCurrentA: number;
	readonly packTemperatureC: number;
	readonly odometerM: number;
	/** Since the drive began. */
	readonly tripM: number;
	readonly driverBelted: boolean;
	readonly driverDoorOpen: boolean;
	readonly parkingBrake: boolean;
	readonly outsideTemperatureC: number;
	readonly cabinTemperatureC: number;
	readonly tyrePressureKpa: PerWheel;
}

export interface VehicleOptions {
	readonly seed: number;
	/** UTC at which the drive begins; before it the car stands at the start. */
	readonly startMs: number;
	readonly startLatDeg: number;
	readonly startLonDeg: number;
}

export interface Vehicle {
	/** 17 characters that no real vehicle has. */
	readonly vin: string;
	/**
	 * The state at a UTC time, at most a week after the start.
	 *
	 * @throws KerbError USAGE for a later time.
	 */
	at(tMs: number): VehicleState;
}

const wheelbaseM = 2.75;
const trackM = 1.58;
const wheelRadiusM = 0.33;
const steeringRatio = 15;
const reduction = 9;
const massKg = 1_900;
const gravity = 9.81;
const metresPerDegree = 111_320;

const rad = (deg: number): number => (deg * Math.PI) / 180;
const deg = (radians: number): number => (radians * 180) / Math.PI;
const clamp = (value: number, min: number, max: number): number => Math.min(max, Math.max(min, value));
const wrapLon = (lonDeg: number): number => ((((lonDeg + 180) % 360) + 360) % 360) - 180;

/** A car that begins its drive at the given place and time. */
export const createVehicle = ({ seed, startMs, startLatDeg, startLonDeg }: VehicleOptions): Vehicle => {
	const drive = createDrive(seed, (Math.abs(Math.trunc(seed)) * 37) % 360);
	const lonScale = metresPerDegree * Math.max(0.01, Math.cos(rad(startLatDeg)));
	const serial = Math.abs(Math.trunc(seed)) % 100_000_000;
	const firstOdometerM = 12_000_000 + (serial % 1_000) * 1_000;
	const at = (tMs: number): VehicleState => {
		const elapsedMs = Math.max(0, tMs - startMs);
		const { eastM, northM, drivenM, speedMps, accelMps2, courseDeg, turnRateDegPerS, indicates } = drive(elapsedMs);
		const yawRad = -rad(turnRateDegPerS);
		const roadWheelRad = speedMps > 0.1 ? Math.atan((wheelbaseM * yawRad) / speedMps) : 0;
		const inner = (yawRad * trackM) / 2;
		const front = 1 / Math.cos(roadWheelRad);
		const standing = speedMps < 0.01;
		const forceN = standing ? 0 : massKg * accelMps2 + 0.012 * massKg * gravity + 0.4 * speedMps * speedMps;
		// The motor brakes with up to 2,500 N; what is more is the pedal's.
		const motorN = Math.max(forceN, -2_500);
		const powerW = motorN * speedMps * (motorN > 0 ? 1.1 : 0.8) + 600;
		const packVoltageV = 396 - powerW / 4_000;
		const settingOff = elapsedMs < 1_500;
		return {
			latDeg: clamp(startLatDeg + northM / metresPerDegree, -90, 90),
			lonDeg: wrapLon(startLonDeg + eastM / lonScale),
			altMslM: 40 + 5 * Math.sin(drivenM / 400),
			courseDeg,
			speedMps,
			accelMps2,
			lateralAccelMps2: yawRad * speedMps,
			yawRateDegPerS: deg(yawRad),
			steeringDeg: deg(roadWheelRad) * steeringRatio,
			wheelSpeedMps: [(speedMps - inner) * front, (speedMps + inner) * front, speedMps - inner, speedMps + inner],
			gear: settingOff ? "park" : "drive",
			acceleratorPercent: clamp(forceN / 80, 0, 100),
			brakePercent: standing ? 15 : clamp((-2_500 - forceN) / 120, 0, 100),
			brakeLight: standing || accelMps2 < -0.7,
			leftIndicator: indicates === -1,
			rightIndicator: indicates === 1,
			motorRpm: (speedMps / (2 * Math.PI * wheelRadiusM)) * 60 * reduction,
			motorTorqueNm: (motorN * wheelRadiusM) / reduction,
			stateOfChargePercent: clamp(80 - drivenM / 4_000 - elapsedMs / 3_600_000, 5, 100),
			packVoltageV,
			packCurrentA: powerW / packVoltageV,
			packTemperatureC: 24 + 6 * (1 - Math.exp(-elapsedMs / 1_200_000)),
			odometerM: firstOdometerM + drivenM,
			tripM: drivenM,
			driverBelted: elapsedMs >= 1_000,
			driverDoorOpen: elapsedMs < 500,
			parkingBrake: settingOff,
			outsideTemperatureC: 17 + 3 * Math.sin(tMs / 7_200_000),
			cabinTemperatureC: 21,
			tyrePressureKpa: [248, 250, 243, 239],
		};
	};
	return { vin: `KERBFAKE0${String(serial).padStart(8, "0")}`, at };
};
