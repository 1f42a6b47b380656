/**
 * The order of records across groups. Usually it follows from the times: sorted by time, and among equal times by group; then nothing is
 * stored (null). Otherwise one byte or two per record say which group is next; 0 stands for "the one that came after this one the last time",
 * so that periodic traffic is a run of zeros.
 */
import { KerbError } from "./errors.ts";

/** Tells the group of each record, or null when `restoreOrder` can find it from the times. Groups are 0 to 65,534. */
export const encodeOrder = (groupOf: Uint32Array, timesMs: Float64Array): Uint8Array | null => {
	let sorted = true;
	let most = 0;
	for (let at = 0; at < groupOf.length; at++) {
		most = Math.max(most, groupOf[at] ?? 0);
		if (at === 0 || !sorted) continue;
		const [before, here] = [timesMs[at - 1] ?? 0, timesMs[at] ?? 0];
		sorted = before < here || (before === here && (groupOf[at - 1] ?? 0) <= (groupOf[at] ?? 0));
	}
	if (sorted && !Number.isNaN(timesMs[0])) return null;
	const width = most < 255 ? 1 : 2;
	const bytes = new Uint8Array(groupOf.length * width);
	const successor = new Uint32Array(most + 1);
	let previous = 0;
	for (const [at, group] of groupOf.entries()) {
		const code = at > 0 && successor[previous] === group ? 0 : group + 1;
		bytes[at * width] = code & 0xff;
		if (width === 2) bytes[at * width + 1] = code >> 8;
		if (at > 0) successor[previous] = group;
		previous = group;
	}
	return bytes;
};

/**
 * The group of each record, in order.
 *
 * @throws KerbError ENVELOPE_INVALID when `order` does not name each group as often as it has records.
 */
export const restoreOrder = (order: Uint8Array | null, timesOf: readonly Float64Array[], count: number): Uint32Array =>
	order === null ? orderByTime(timesOf, count) : orderFromCodes(order, timesOf, count);

const orderByTime = (timesOf: readonly Float64Array[], count: number): Uint32Array => {
	const groups = new Uint32Array(count);
	const times = new Float64Array(count);
	let at = 0;
	for (const [group, groupTimes] of timesOf.entries()) {
		groups.fill(group, at, at + groupTimes.length);
		times.set(groupTimes, at);
		at += groupTimes.length;
	}
	// Sorting is stable, so equal times keep the order of their groups.
	const sorted = Uint32Array.from(groups.keys()).sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0) || a - b);
	return sorted.map((from) => groups[from] ?? 0);
};

const orderFromCodes = (codes: Uint8Array, timesOf: readonly Float64Array[], count: number): Uint32Array => {
	const width = timesOf.length <= 255 ? 1 : 2;
	if (codes.length !== count * width) throw refuse();
	const groups = new Uint32Array(count);
	const left = Uint32Array.from(timesOf, (times) => times.length);
	const successor = new Uint32Array(timesOf.length);
	let previous = 0;
	for (let at = 0; at < count; at++) {
		const code = (codes[at * width] ?? 0) + (width === 2 ? (codes[at * width + 1] ?? 0) * 256 : 0);
		const group = code === 0 ? (successor[previous] ?? 0) : code - 1;
		const remaining = left[group];
		if (remaining === undefined || remaining === 0 || (code === 0 && at === 0)) throw refuse();
		left[group] = remaining - 1;
		groups[at] = group;
		if (at > 0) successor[previous] = group;
		previous = group;
	}
	return groups;
};

const refuse = (): KerbError =>
	new KerbError("ENVELOPE_INVALID", "columns: expected an order that names each group as often as it has records");
