/**
 * The frames of the fake vehicle's CAN bus, as `fake-vehicle.dbc` describes them: which are sent how often, and how the car's state becomes
 * bits. Written from the bit layout alone and not with the agent's DBC reader, so that the one tests the other.
 */
import type { Vehicle, VehicleState } from "./vehicle.ts";

/** One signal: where it stands and how many bits it has, as a DBC counts them (Motorola: from its highest bit). */
interface Field {
	readonly start: number;
	readonly bits: number;
	readonly motorola?: true;
	/** The raw value; rounded, and clamped to what the bits hold. */
	readonly raw: (state: VehicleState, count: number) => number | bigint;
	readonly signed?: true;
}

export interface FakeFrame {
	readonly name: string;
	readonly id: number;
	readonly extended?: true;
	readonly fd?: true;
	readonly bytes: number;
	readonly everyMs: number;
	/** So that not all frames stand at the same moment. */
	readonly firstMs: number;
	/** `count` is how many of these frames were sent before. */
	readonly fields: (count: number) => readonly Field[];
	/** Filled with noise instead of fields: a frame that no DBC knows. */
	readonly noise?: true;
	readonly checksum?: number;
}

type Value = (state: VehicleState) => number;

const intel = (start: number, bits: number, scale: number, value: Value, offset = 0): Field => ({
	start,
	bits,
	raw: (state) => (value(state) - offset) / scale,
});
const signedIntel = (start: number, bits: number, scale: number, value: Value): Field => ({
	...intel(start, bits, scale, value),
	signed: true,
});
const motorola = (start: number, bits: number, scale: number, value: Value): Field => ({
	...intel(start, bits, scale, value),
	motorola: true,
});
const signedMotorola = (start: number, bits: number, scale: number, value: Value): Field => ({
	...motorola(start, bits, scale, value),
	signed: true,
});
const fixed = (fields: readonly Field[]) => () => fields;

const kmh = (mps: number): number => mps * 3.6;
const gears = { park: 0, reverse: 1, neutral: 2, drive: 3 } as const;

/** Seven characters of the VIN as one number of 56 bits, the first character on top; zeros after the last. */
const vinPart = (vin: string, part: number): bigint => {
	let bits = 0n;
	for (let i = 0; i < 7; i++) bits = (bits << 8n) | BigInt(vin.charCodeAt(7 * part + i) || 0);
	return bits;
};

/** All frames of the bus, in the order in which they are sent when they are due at the same time. */
export const fakeFrames = ({ vin }: Vehicle): readonly FakeFrame[] => [
	{
		name: "MOTION",
		id: 0x101,
		bytes: 8,
		everyMs: 20,
		firstMs: 0,
		fields: fixed([
			intel(0, 16, 0.01, (s) => kmh(s.speedMps)),
			signedIntel(16, 16, 0.01, (s) => s.yawRateDegPerS),
			signedIntel(32, 16, 0.001, (s) => s.accelMps2),
			signedIntel(48, 16, 0.001, (s) => s.lateralAccelMps2),
		]),
	},
	{
		name: "WHEELS",
		id: 0x102,
		bytes: 8,
		everyMs: 20,
		firstMs: 1,
		fields: fixed([0, 1, 2, 3].map((wheel) => motorola(7 + 16 * wheel, 16, 0.01, (s) => kmh(s.wheelSpeedMps[wheel] ?? 0)))),
	},
	{
		name: "STEERING",
		id: 0x103,
		bytes: 6,
		everyMs: 20,
		firstMs: 2,
		fields: (count) => [
			signedMotorola(7, 16, 0.1, (s) => s.steeringDeg),
			signedMotorola(23, 12, 0.5, (s) => s.yawRateDegPerS),
			{ start: 35, bits: 4, motorola: true, raw: () => count % 16 },
		],
		checksum: 5,
	},
	{
		name: "DRIVE",
		id: 0x110,
		bytes: 8,
		everyMs: 100,
		firstMs: 5,
		fields: fixed([
			intel(0, 3, 1, (s) => gears[s.gear]),
			intel(3, 1, 1, (s) => Number(s.brakeLight)),
			intel(4, 1, 1, (s) => Number(s.leftIndicator)),
			intel(5, 1, 1, (s) => Number(s.rightIndicator)),
			intel(8, 8, 0.5, (s) => s.acceleratorPercent),
			intel(16, 8, 0.5, (s) => s.brakePercent),
			signedIntel(24, 16, 1, (s) => s.motorRpm),
			signedIntel(40, 12, 0.5, (s) => s.motorTorqueNm),
		]),
	},
	{
		name: "BATTERY",
		id: 0x120,
		bytes: 8,
		everyMs: 1_000,
		firstMs: 7,
		fields: fixed([
			intel(0, 10, 0.1, (s) => s.stateOfChargePercent),
			intel(10, 13, 0.1, (s) => s.packVoltageV),
			signedIntel(24, 16, 0.1, (s) => s.packCurrentA),
			intel(40, 8, 1, (s) => s.packTemperatureC, -40),
		]),
	},
	{
		name: "ODOMETER",
		id: 0x130,
		bytes: 8,
		everyMs: 1_000,
		firstMs: 9,
		fields: fixed([motorola(7, 32, 1, (s) => s.odometerM), motorola(39, 24, 1, (s) => s.tripM)]),
	},
	{
		name: "BODY",
		id: 0x140,
		bytes: 4,
		everyMs: 500,
		firstMs: 11,
		fields: fixed([
			intel(0, 1, 1, (s) => Number(s.driverDoorOpen)),
			intel(1, 1, 1, (s) => Number(s.driverBelted)),
			intel(2, 1, 1, (s) => Number(s.parkingBrake)),
			intel(8, 8, 0.5, (s) => s.outsideTemperatureC, -40),
			intel(16, 8, 0.5, (s) => s.cabinTemperatureC, -40),
		]),
	},
	{
		name: "TYRES",
		id: 0x150,
		bytes: 3,
		everyMs: 250,
		firstMs: 13,
		fields: (count) => [
			{ start: 7, bits: 8, motorola: true, raw: () => count % 4 },
			motorola(15, 10, 1, (s) => s.tyrePressureKpa[count % 4] ?? 0),
		],
	},
	{
		name: "VIN_PART",
		id: 0x1a0,
		bytes: 8,
		everyMs: 300,
		firstMs: 15,
		fields: (count) => [
			{ start: 0, bits: 8, raw: () => count % 3 },
			{ start: 15, bits: 56, motorola: true, raw: () => vinPart(vin, count % 3) },
		],
	},
	{
		name: "CELLS",
		id: 0x1f0,
		fd: true,
		bytes: 32,
		everyMs: 1_000,
		firstMs: 17,
		fields: fixed(Array.from({ length: 16 }, (_, cell) => intel(16 * cell, 16, 0.001, (s) => s.packVoltageV / 96 + cell / 1_000))),
	},
	{
		name: "CHARGER",
		id: 0x18ff50e5,
		extended: true,
		bytes: 8,
		everyMs: 1_000,
		firstMs: 19,
		fields: fixed([intel(0, 4, 1, () => 0), intel(8, 8, 0.5, () => 80)]),
	},
	{ name: "(unknown)", id: 0x3e1, bytes: 8, everyMs: 100, firstMs: 4, fields: fixed([]), noise: true },
	{ name: "(unknown)", id: 0x4d0, bytes: 3, everyMs: 1_000, firstMs: 6, fields: fixed([]), noise: true },
	{ name: "(unknown)", id: 0x7e8, bytes: 8, everyMs: 2_000, firstMs: 8, fields: fixed([]), noise: true },
];

const rawBits = ({ bits, signed, raw }: Field, state: VehicleState, count: number): bigint => {
	const value = raw(state, count);
	if (typeof value === "bigint") return BigInt.asUintN(bits, value);
	const top = 2 ** (signed ? bits - 1 : bits) - 1;
	return BigInt.asUintN(bits, BigInt(Math.round(Math.min(top, Math.max(signed ? -top - 1 : 0, value)))));
};

const put = (data: Uint8Array, { start, bits, motorola: big }: Field, value: bigint): void => {
	let at = start;
	for (let i = 0; i < bits; i++) {
		const bit = big ? bits - 1 - i : i;
		if ((value >> BigInt(bit)) & 1n) data[at >> 3] = (data[at >> 3] ?? 0) | (1 << (at & 7));
		at = big ? (at % 8 === 0 ? at + 15 : at - 1) : at + 1;
	}
};

/** The payload of the frame that is sent after `count` others of its kind; `random` gives noise. The bytes are the caller's. */
export const encodeFrame = (frame: FakeFrame, state: VehicleState, count: number, random: () => number): Uint8Array => {
	const data = new Uint8Array(frame.bytes);
	if (frame.noise) return data.map(() => Math.floor(random() * 256));
	for (const field of frame.fields(count)) put(data, field, rawBits(field, state, count));
	if (frame.checksum !== undefined) data[frame.checksum] = data.reduce((sum, byte) => (sum + byte) & 0xff, 0);
	return data;
};
