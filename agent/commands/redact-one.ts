/** `redact one`: masks one picture for a person to look at, and says what was found by whom. */
import { basename } from "node:path";
import * as v from "valibot";
import { KerbError } from "../../shared/errors.ts";
import { type DeliveredBoxes, objectClasses } from "../../shared/frame.ts";
import { utcMs } from "../../shared/units.ts";
import { maxJpegBytes, parseJpeg } from "../formats/jpeg-markers.ts";
import { systemClock } from "../host/clock.ts";
import { readFileBounded, writeFileDurable } from "../host/disk.ts";
import { openDetectors } from "../redact/detectors.ts";
import { isRefused } from "../redact/refusal.ts";
import { type Command, exitCodes, flag, textOption } from "./command.ts";
import { redactionAdvice } from "./redact-advice.ts";
import { redactPicture } from "./redact-picture.ts";
import { setupOptions, setupRedaction } from "./redact-setup.ts";
import { textTable } from "./text-table.ts";

const help = `Redacts FILE as a unit would and writes the outcome, for a person to look at. Nothing is written when the picture is refused.

Options:
  --out FILE      where the redacted picture goes
  --policy FILE   take the rule (treatment redact-image) of this policy, or of a file with the treatment alone
  --models DIR    the folder of models; without --policy the first face model and the first plate model in it are used, and what is
                  built in for what is missing (only what is built in when there is no folder)
  --boxes FILE    boxes of a perception stack: a JSON list of {"class": "face" or "plate", "x", "y", "w", "h", "score"}, in pixels
  --path PATH     the camera (default Camera.Exterior.Front): for fixed areas of a policy
  --json          print the account of the redaction as JSON

Exit codes: 0 redacted; 1 refused, with the reason; 3 the policy or a model is refused; 4 a file is not there.

Example:
  kerbstone redact one street.jpg --out street.masked.jpg --models models`;

const command: Command = {
	name: "redact one",
	summary: "mask faces and plates of one picture, for a person to look at",
	usage: "redact one FILE --out FILE [--policy FILE] [--models DIR] [--boxes FILE] [--path PATH] [--json]",
	help,
	options: { ...setupOptions, out: { type: "string" }, boxes: { type: "string" }, path: { type: "string" }, json: { type: "boolean" } },
	run: async (args, io) => {
		const [file] = args.positionals;
		const out = textOption(args, "out");
		if (file === undefined || out === undefined || args.positionals.length > 1)
			throw new KerbError("USAGE", `expected one picture and --out\nUsage: kerbstone ${command.usage}`);
		const boxes = textOption(args, "boxes");
		const setup = setupRedaction(textOption(args, "policy"), textOption(args, "models"), boxes !== undefined);
		const jpeg = readFileBounded(file, maxJpegBytes);
		if (jpeg === undefined) throw new KerbError("SOURCE_UNAVAILABLE", `the picture ${file} is not there`);
		const delivered = boxes === undefined ? undefined : readBoxes(boxes, jpeg);
		const detectors = await openDetectors(setup.options.detectors, setup.modelFolder, systemClock);
		if (isRefused(detectors)) {
			io.err(`refused (${detectors.why}): ${detectors.message}`);
			return exitCodes.refused;
		}
		const path = textOption(args, "path") ?? "Camera.Exterior.Front";
		const { outcome, ms } = await redactPicture({ jpeg, path, delivered }, setup.options, detectors, systemClock);
		for (const detector of detectors) await detector.close();
		if (typeof outcome === "string") {
			io.err(`refused (${outcome}): ${redactionAdvice[outcome]}`);
			return exitCodes.failed;
		}
		writeFileDurable(out, outcome.jpeg);
		const { redaction, widthPx, heightPx } = outcome;
		if (flag(args, "json")) {
			await io.out(JSON.stringify({ file: basename(file), widthPx, heightPx, ...redaction, ms }));
			return exitCodes.ok;
		}
		const rows = redaction.areas.map((area) => [
			area.class,
			area.by.replace(/@([0-9a-f]{8})[0-9a-f]*$/, "@$1"),
			area.score.toFixed(2),
			...[area.xPx, area.yPx, area.widthPx, area.heightPx].map(Math.round),
		]);
		if (rows.length > 0) await io.out(textTable(["class", "found by", "score", "x", "y", "width", "height"], rows));
		const counts = objectClasses.map((name) => `${redaction.areas.filter((area) => area.class === name).length} ${name}s`).join(", ");
		const share = (redaction.maskedShare * 100).toFixed(1);
		await io.out(
			`${counts} masked, ${share} % of ${widthPx} x ${heightPx} pixels, in ${Math.round(ms?.total ?? 0)} ms; looked: ${redaction.detectors.join(", ")}`,
		);
		return exitCodes.ok;
	},
};

export default command;

const px = v.pipe(v.number(), v.finite());
const boxesSchema = v.pipe(
	v.array(v.strictObject({ class: v.picklist(objectClasses), x: px, y: px, w: px, h: px, score: v.optional(v.number(), 1) })),
	v.maxLength(10_000),
);

/** Whoever gives boxes says with it that somebody looked. */
const readBoxes = (file: string, jpeg: Uint8Array): DeliveredBoxes => {
	const bytes = readFileBounded(file, 4 * 1_024 * 1_024);
	if (bytes === undefined) throw new KerbError("SOURCE_UNAVAILABLE", `the boxes ${file} are not there`);
	let written: unknown;
	try {
		written = JSON.parse(new TextDecoder().decode(bytes));
	} catch (cause) {
		throw new KerbError("CONFIG_INVALID", `the boxes ${file} are not JSON`, { cause });
	}
	const parsed = v.safeParse(boxesSchema, written);
	if (!parsed.success)
		throw new KerbError("CONFIG_INVALID", `the boxes ${file} cannot be taken: expected a list of {"class", "x", "y", "w", "h", "score"}`);
	const { widthPx, heightPx } = parseJpeg(jpeg);
	const boxes = parsed.output.map(({ x, y, w, h, ...rest }) => ({ ...rest, xPx: x, yPx: y, widthPx: w, heightPx: h }));
	return { looked: true, widthPx, heightPx, sequence: 1, atMs: utcMs(0), detector: "given by hand", boxes };
};
