/** `redact eval`: measures on labelled pictures, by the definitions of GB/T 44464-2024, what a rule and its detectors are worth. */
import { KerbError } from "../../shared/errors.ts";
import type { RedactionRefusal } from "../../shared/frame.ts";
import { maxJpegBytes } from "../formats/jpeg-markers.ts";
import { systemClock } from "../host/clock.ts";
import { readFileBounded } from "../host/disk.ts";
import type { Detector } from "../redact/detector.ts";
import { openDetectors } from "../redact/detectors.ts";
import { openModel } from "../redact/models.ts";
import { isRefused } from "../redact/refusal.ts";
import { type Command, exitCodes, flag, type Io, textOption } from "./command.ts";
import { type LabelledPicture, labelsHelp, readLabels } from "./redact-eval-labels.ts";
import { type MeasuredPicture, measurePicture } from "./redact-eval-measure.ts";
import { auditSegments } from "./redact-eval-metadata.ts";
import { classReports, type EvalRun, renderEval, warningsOf } from "./redact-eval-report.ts";
import { residualOf } from "./redact-eval-residual.ts";
import { redactPicture, type StageMs } from "./redact-picture.ts";
import { type RedactionSetup, setupOptions, setupRedaction } from "./redact-setup.ts";

const help = `Redacts every labelled picture as a unit would, and measures by the definitions of GB/T 44464-2024:

detection rate        objects covered by half or more, of all in scope: faces of 32 px and more, plates of 16 px and more, shortest
                      side (3.5, 3.7, 3.9, B.5.3.3); with Wilson's 95 % interval and by size
false detection rate  masks of a class that touch no object of it, of all masks of the class (Annex C)
covering rate         masked part of an object's box, by the area file, without what whole blocks add
second detector       objects that another model still recognises in the output (B.6.1.1): all models in --models that the rule does
                      not use
metadata              segments in the output that do not belong to the picture
milliseconds          by stage, and user CPU time

Pictures that are refused (they would not leave) are counted and are in no rate. Pictures are treated one by one: nothing is held over time.

${labelsHelp}

Options:
  --labels DIR    the folder
  --policy FILE   take the rule (treatment redact-image) of this policy, or of a file with the treatment alone
  --models DIR    the folder of models; without --policy the first face model and the first plate model in it are used
  --json          print JSON

Exit codes: 0 measured; 1 measured, and something is worse than the standard or this program aims for; 3 the policy or a model is refused;
            4 no labels.

Example:
  kerbstone redact eval --labels street --models models`;

const command: Command = {
	name: "redact eval",
	summary: "measure on labelled pictures what is found and masked",
	usage: "redact eval --labels DIR [--policy FILE] [--models DIR] [--json]",
	help,
	options: { ...setupOptions, labels: { type: "string" }, json: { type: "boolean" } },
	run: async (args, io) => {
		const folder = textOption(args, "labels");
		if (folder === undefined || args.positionals.length > 0)
			throw new KerbError("USAGE", `expected --labels\nUsage: kerbstone ${command.usage}`);
		const pictures = readLabels(folder);
		const setup = setupRedaction(textOption(args, "policy"), textOption(args, "models"), false);
		const detectors = await openDetectors(setup.options.detectors, setup.modelFolder, systemClock);
		if (isRefused(detectors)) {
			io.err(`refused (${detectors.why}): ${detectors.message}`);
			return exitCodes.refused;
		}
		const seconds = await openSeconds(setup, io);
		const run = await evaluate(pictures, setup, detectors, seconds, io);
		for (const detector of [...detectors, ...seconds]) await detector.close();
		const warnings = warningsOf(run);
		if (flag(args, "json")) {
			const { measured: _measured, ...rest } = run;
			await io.out(JSON.stringify({ ...rest, classes: classReports(run), warnings }));
		} else for (const line of renderEval(run)) await io.out(line);
		return warnings.length === 0 ? exitCodes.ok : exitCodes.failed;
	},
};

export default command;

/** One that cannot be opened is said and left out: it is not what is measured. */
const openSeconds = async ({ others, modelFolder }: RedactionSetup, io: Io): Promise<readonly Detector[]> => {
	const opened: Detector[] = [];
	for (const other of others) {
		const detector = await openModel(modelFolder, other, systemClock);
		if (isRefused(detector)) io.err(`left out as second detector: ${detector.message}`);
		else opened.push(detector);
	}
	return opened;
};

const evaluate = async (
	pictures: readonly LabelledPicture[],
	{ options }: RedactionSetup,
	detectors: readonly Detector[],
	seconds: readonly Detector[],
	io: Io,
): Promise<EvalRun> => {
	const refused: Partial<Record<RedactionRefusal, number>> = {};
	const measured: MeasuredPicture[] = [];
	const stages: StageMs[] = [];
	const cpuMs: number[] = [];
	const residual = seconds.map(({ id }) => ({ detector: id, objects: 0, beside: 0, blind: 0 }));
	const metadata = { withExif: 0, withThumbnail: 0, foreignIn: 0, foreignOut: 0 };
	for (const [at, picture] of pictures.entries()) {
		if (io.signal.aborted) break;
		io.progress(`${at + 1} of ${pictures.length} pictures`);
		const jpeg = readFileBounded(picture.path, maxJpegBytes);
		if (jpeg === undefined) throw new KerbError("SOURCE_UNAVAILABLE", `the picture ${picture.path} is not there`);
		const before = process.cpuUsage();
		const { outcome, ms } = await redactPicture(
			{ jpeg, path: "Camera.Exterior.Front", delivered: undefined },
			options,
			detectors,
			systemClock,
		);
		const spent = process.cpuUsage(before).user / 1_000;
		if (typeof outcome === "string" || ms === undefined) {
			if (typeof outcome === "string") refused[outcome] = (refused[outcome] ?? 0) + 1;
			continue;
		}
		const { areas } = outcome.redaction;
		measured.push(measurePicture(picture, areas));
		stages.push(ms);
		// Masking and check were done twice.
		cpuMs.push(Math.max(0, spent - ms.mask - ms.check));
		const [input, output] = [auditSegments(jpeg), auditSegments(outcome.jpeg)];
		metadata.withExif += Number(input.hasExif);
		metadata.withThumbnail += Number(input.hasThumbnail);
		metadata.foreignIn += Number(input.foreign.length > 0);
		metadata.foreignOut += Number(output.foreign.length > 0);
		for (const [place, detector] of seconds.entries()) {
			const tally = residual[place];
			const still = await residualOf(outcome.jpeg, picture, areas, detector, options);
			if (tally === undefined) continue;
			if (still === undefined) tally.blind++;
			tally.objects += still?.objects ?? 0;
			tally.beside += still?.beside ?? 0;
		}
	}
	return { pictures: pictures.length, refused, measured, stages, cpuMs, residual, metadata, detectors: detectors.map(({ id }) => id) };
};
