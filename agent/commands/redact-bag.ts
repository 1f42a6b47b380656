/**
 * `redact bag`: a recording of ROS 2 as it may leave under a law, to be looked at beside the original.
 */
import { existsSync } from "node:fs";
import { open, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { KerbError } from "../../shared/errors.ts";
import { systemClock } from "../host/clock.ts";
import { openDetectors } from "../redact/detectors.ts";
import { narrowLaw } from "./bag-law.ts";
import { type BagResult, redactBag } from "./bag-run.ts";
import { bagHints, bagTable } from "./bag-table.ts";
import { parseTopicPaths } from "./bag-topics.ts";
import { type Command, exitCodes, flag, textOption, textOptions } from "./command.ts";
import { openLaw } from "./open-law.ts";

const help = `Reads a bag (MCAP, chunks plain or in zstd), judges and treats its messages as a unit under the law would, and writes what leaves as a bag: the same
schema on the same topic at the same log time. Both open side by side in any viewer of MCAP.

Read are sensor_msgs/CompressedImage with JPEG pictures, sensor_msgs/PointCloud2, sensor_msgs/NavSatFix (CDR) and foxglove.CompressedImage (Protobuf), of
topics that --topic names. All else stays out: diagnostics, transforms, unknown messages, attachments, metadata, frame ids.

Options:
  --law FOLDER        the signed law
  --topic TOPIC=PATH  what a topic stands for: Camera.Exterior.Front, Camera.Cabin.Driver, Lidar.Front, Radar.Front and the like, or fix for
                      the positions of the unit; may be given more than once
  --outlet ID         as if it were for this outlet; needed when the law has more than one
  --purpose NAME      as if it were for this purpose; needed when messages would leave for more than one
  --models FOLDER     models that the law names ("kerbstone model add" puts them there)
  --report FILE       one line of JSON per picture written (what was masked, where and why), and one with the summary
  --json              print the summary as JSON in place of the table

The ground that positions show is counted within the one bag. What needs an authorisation with a quota stays out: quotas are kept by units.
OUT.mcap and the report must not be there yet. When anything goes wrong, or nothing leaves, there is no OUT.mcap.

Exit codes: 0 done; 1 nothing left of a topic that was named, a message of one could not be read, or the bag is damaged;
            2 wrong usage; 3 the law was refused; 4 a file or @mcap/core is not there.

Example:
  kerbstone redact bag drive.mcap drive-redacted.mcap --law law --models models \\
    --topic /camera/front/image_raw/compressed=Camera.Exterior.Front --topic /fix=fix`;

const command: Command = {
	name: "redact bag",
	summary: "redact a recording (MCAP) as a law asks",
	usage:
		"redact bag IN.mcap OUT.mcap --law FOLDER --topic TOPIC=PATH... [--outlet ID] [--purpose NAME] [--models FOLDER] [--report FILE] [--json]",
	help,
	options: {
		law: { type: "string" },
		topic: { type: "string", multiple: true },
		outlet: { type: "string" },
		purpose: { type: "string" },
		models: { type: "string" },
		report: { type: "string" },
		json: { type: "boolean" },
	},
	run: async (args, io) => {
		const [input, output, ...more] = args.positionals;
		const folder = textOption(args, "law");
		if (input === undefined || output === undefined || more.length > 0) throw usage("expected IN.mcap and OUT.mcap");
		if (folder === undefined) throw usage("--law is missing");
		const report = textOption(args, "report");
		for (const path of report === undefined ? [output] : [output, report]) {
			if (existsSync(path)) throw usage(`${path} is there already: remove it, or name another file`);
		}
		if (report !== undefined && resolve(report) === resolve(output)) throw usage("--report: expected a file of its own");
		const paths = parseTopicPaths(textOptions(args, "topic"));
		const law = narrowLaw(await openLaw(folder), textOption(args, "outlet"), textOption(args, "purpose"));
		const models = textOption(args, "models") ?? "";
		const reporting = report === undefined ? undefined : await openReport(report);
		let result: BagResult;
		try {
			result = await redactBag({
				...{ input, output, law, paths, signal: io.signal, nowMs: () => systemClock.nowMs() },
				openDetectors: (choices) => openDetectors(choices, models, systemClock),
				progress: (messages) => io.progress(`${messages} messages`),
				onPicture: async (topic, logTimeNs, account) => {
					const redaction: unknown = account === "" ? null : JSON.parse(account);
					await reporting?.line({ kind: "picture", topic, logTimeNs: String(logTimeNs), redaction });
				},
			});
			await reporting?.line({ kind: "summary", ...summaryOf(result, law.hash) });
		} catch (error) {
			await reporting?.close();
			if (report !== undefined) await rm(report, { force: true });
			throw error;
		} finally {
			io.progress("");
		}
		await reporting?.close();
		if (flag(args, "json")) await io.out(JSON.stringify(summaryOf(result, law.hash)));
		else await io.out(bagTable(result));
		for (const hint of bagHints(law, result)) io.err(hint.replace(/\p{Cc}/gu, "?"));
		if (!result.isWritten) io.err(`nothing leaves under this law: there is no ${output}`);
		const isWhole = result.topics.every(({ path, out, reasons }) => path === undefined || (out > 0 && !reasons.has("unreadable")));
		return isWhole && result.isWritten ? exitCodes.ok : exitCodes.failed;
	},
};

export default command;

const usage = (problem: string): KerbError => new KerbError("USAGE", `${problem}\nUsage: kerbstone ${command.usage}`);

const openReport = async (path: string) => {
	const handle = await open(path, "wx").catch((cause: unknown) => {
		throw new KerbError("SOURCE_UNAVAILABLE", `${path} cannot be written: is its folder there?`, { cause });
	});
	return {
		line: async (value: object): Promise<void> => {
			await handle.write(`${JSON.stringify(value)}\n`);
		},
		close: () => handle.close(),
	};
};

const summaryOf = ({ topics, attachments, metadata, isWritten, problems }: BagResult, law: string) => ({
	...{ law, isWritten, attachments, metadata, problems },
	topics: topics.map(({ topic, path, schemas, in: taken, out, redacted, reasons, note, tag }) => ({
		...{ topic, path: path ?? null, schemas: [...schemas], category: tag?.categoryId ?? null, in: taken, out, redacted },
		...{ leftOut: Object.fromEntries(reasons), note: note ?? null },
	})),
});
