/** Pictures with labels made by people: `labels.json` in a folder, or in its folders. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { KerbError } from "../../shared/errors.ts";
import type { Box, ObjectClass } from "../../shared/frame.ts";
import { readFileBounded } from "../host/disk.ts";

export interface LabelledObject extends Box {
	readonly class: ObjectClass;
}

export interface LabelledPicture {
	/** The whole path. */
	readonly path: string;
	/** As the labels name it. */
	readonly name: string;
	/** Classes that were looked for by whoever labelled; of others nothing is known. */
	readonly classes: readonly ObjectClass[];
	readonly objects: readonly LabelledObject[];
	/** Neither to be found nor wrong to be masked. */
	readonly ignored: readonly Box[];
}

const px = v.pipe(v.number(), v.finite(), v.minValue(-100_000), v.maxValue(100_000));
const boxSchema = v.pipe(
	v.object({ x: px, y: px, w: v.pipe(px, v.gtValue(0)), h: v.pipe(px, v.gtValue(0)) }),
	v.transform(({ x, y, w, h }): Box => ({ xPx: x, yPx: y, widthPx: w, heightPx: h })),
);
const boxes = v.pipe(v.array(boxSchema), v.maxLength(10_000));
const schema = v.object({
	images: v.record(
		v.pipe(v.string(), v.maxLength(1_000)),
		v.union([boxes, v.strictObject({ faces: v.optional(boxes), plates: v.optional(boxes), ignore: v.optional(boxes, []) })]),
	),
});

export const labelsHelp = `Labels are in labels.json beside the pictures, or in folders of DIR that have one:
  {"images": {"a.jpg": {"faces": [{"x": 10, "y": 20, "w": 40, "h": 52}], "plates": [], "ignore": []}, "b.jpg": [{"x": ...}]}}
x, y, w, h are pixels of the stored picture; a face is from brows to chin, ear to ear without the ears. A list alone is plates. A class that a picture
does not name was not looked for there and is not counted. Where something is neither to be found nor wrong to be masked, it is in "ignore".`;

const maxLabelBytes = 64 * 1_024 * 1_024;
const maxFolders = 1_000;

/** @throws KerbError SOURCE_UNAVAILABLE when there are no labels; CONFIG_INVALID when they are not as described */
export const readLabels = (folder: string): readonly LabelledPicture[] => {
	const folders = [folder, ...foldersIn(folder)].filter((each) => existsSync(join(each, "labels.json")));
	if (folders.length === 0) throw new KerbError("SOURCE_UNAVAILABLE", `there is no labels.json in ${folder}, nor in its folders`);
	return folders.flatMap(readFolder);
};

const foldersIn = (folder: string): readonly string[] => {
	try {
		return readdirSync(folder, { withFileTypes: true })
			.filter((entry) => entry.isDirectory())
			.map(({ name }) => join(folder, name))
			.toSorted()
			.slice(0, maxFolders);
	} catch (cause) {
		throw new KerbError("SOURCE_UNAVAILABLE", `the folder ${folder} cannot be read`, { cause });
	}
};

const readFolder = (folder: string): readonly LabelledPicture[] => {
	const file = join(folder, "labels.json");
	const bytes = readFileBounded(file, maxLabelBytes);
	let written: unknown;
	try {
		written = JSON.parse(new TextDecoder().decode(bytes));
	} catch (cause) {
		throw new KerbError("CONFIG_INVALID", `the labels ${file} are not JSON`, { cause });
	}
	const parsed = v.safeParse(schema, written);
	if (!parsed.success) throw new KerbError("CONFIG_INVALID", `the labels ${file} are not as expected\n${labelsHelp}`);
	return Object.entries(parsed.output.images)
		.filter(([name]) => name.length > 0 && !name.split(/[/\\]/).includes(".."))
		.map(([name, labels]) => {
			const { faces, plates, ignore } = Array.isArray(labels) ? { faces: undefined, plates: labels, ignore: [] } : labels;
			const byClass: readonly (readonly [ObjectClass, readonly Box[] | undefined])[] = [
				["face", faces],
				["plate", plates],
			];
			return {
				path: join(folder, name),
				name,
				classes: byClass.flatMap(([each, some]) => (some === undefined ? [] : [each])),
				objects: byClass.flatMap(([each, some]) => (some ?? []).map((box) => ({ ...box, class: each }))),
				ignored: ignore,
			};
		});
};
