/**
 * The texts that DBC files give to raw values (VAL_), turned round: from a signal and a text to the physical value that a decoder yields.
 */
import type { DbcSignal } from "./dbc-model.ts";
import { parseDbc } from "./dbc-parse.ts";

/**
 * Reads the value tables of DBC files. The look-up takes a path `Message.Signal`, or a signal's name alone, and answers undefined
 * where no table has the text or where it stands for several values.
 *
 * @throws KerbError FORMAT_INVALID when a file is not a DBC file at all.
 */
export const dbcLabels = (files: readonly Uint8Array[]): ((signal: string, label: string) => number | undefined) => {
	const values = new Map<string, number | undefined>();
	const add = (key: string, value: number): void => {
		values.set(key, values.has(key) && values.get(key) !== value ? undefined : value);
	};
	for (const file of files) {
		for (const message of parseDbc(file).messages) {
			for (const signal of message.signals) {
				for (const [raw, label] of signal.labels) {
					const value = physicalOf(signal, raw);
					add(`${message.name}.${signal.name}\n${label}`, value);
					add(`${signal.name}\n${label}`, value);
				}
			}
		}
	}
	return (signal, label) => values.get(`${signal}\n${label}`);
};

/**
 * The signals of DBC files, as `Message.Signal`.
 *
 * @throws KerbError FORMAT_INVALID when a file is not a DBC file at all.
 */
export const dbcSignals = (files: readonly Uint8Array[]): readonly string[] =>
	files.flatMap((file) => parseDbc(file).messages.flatMap(({ name, signals }) => signals.map((signal) => `${name}.${signal.name}`)));

const physicalOf = ({ factor, offset }: DbcSignal, raw: number): number => raw * factor + offset;
