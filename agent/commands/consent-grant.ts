/**
 * consent grant: tells a running agent that a person consents.
 */
import { KerbError } from "../../shared/errors.ts";
import { type Command, exitCodes, flag, textOption } from "./command.ts";
import { agentHelp, agentOptions, askAgent, socketOf } from "./consent.ts";

const command: Command = {
	name: "consent grant",
	summary: "give a person's consent, for a drive or until a time",
	usage: "consent grant (--data DIR | --socket PATH) --subject NAME --category ID --purpose ID --notice SHA256 (--drive | --until TIME)",
	help: `Tells a running agent that a person consents to one category of data for one purpose, after one notice. There is no default term and no
permanent one: a consent is for this drive, or until a time that is at most 180 days away.

${agentHelp}
  --subject NAME   a pseudonym of the person, 8 to 80 letters, digits and . _ : -
  --category ID    the category of the catalogue
  --purpose ID     the purpose, as the policy's release rules have it
  --notice SHA256  the hash of the notice that the person saw
  --drive          until the ignition goes off, or the agent restarts
  --until TIME     until then, such as 2026-12-01T00:00:00Z
  --scope SCOPE    home (default), or abroad for recipients abroad too
  --channel NAME   how the person said it: hmi, app, paper or test (default app)
  --minor          the person is under 14 years old; then also
  --guardian       the guardian consents

Example:
  kerbstone consent grant --data ./data --subject driver-0001 --category cabin.occupancy --purpose comfort --notice $(sha256sum notice.txt | cut -c-64) --drive

Exit codes: 0 granted; 2 wrong usage, or the agent refuses it and says why; 4 no agent answers.`,
	options: {
		...agentOptions,
		subject: { type: "string" },
		category: { type: "string" },
		purpose: { type: "string" },
		notice: { type: "string" },
		drive: { type: "boolean" },
		until: { type: "string" },
		scope: { type: "string" },
		channel: { type: "string" },
		minor: { type: "boolean" },
		guardian: { type: "boolean" },
	},
	run: async (args, io) => {
		const until = textOption(args, "until");
		if (flag(args, "drive") === (until !== undefined)) {
			throw new KerbError("USAGE", "expected either --drive or --until TIME: a consent has an end, and somebody has to choose it");
		}
		const scope = textOption(args, "scope");
		const body = {
			subjectPseudonym: textOption(args, "subject"),
			categoryId: textOption(args, "category"),
			purpose: textOption(args, "purpose"),
			noticeHash: textOption(args, "notice"),
			...(until === undefined ? { term: "drive" } : { term: "until", notAfter: until }),
			...(scope === undefined ? {} : { scope }),
			...(flag(args, "minor") ? { minor: true } : {}),
			...(flag(args, "guardian") ? { guardian: true } : {}),
			channel: textOption(args, "channel") ?? "app",
		};
		await io.out(await askAgent({ socketPath: socketOf(args), method: "POST", path: "/consents", body: JSON.stringify(body) }));
		return exitCodes.ok;
	},
};

export default command;
