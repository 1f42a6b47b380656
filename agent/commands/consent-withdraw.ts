/**
 * consent withdraw: ends consents, and takes back what waits.
 */
import { type Command, exitCodes, flag, textOption } from "./command.ts";
import { agentHelp, agentOptions, askAgent, socketOf } from "./consent.ts";

const command: Command = {
	name: "consent withdraw",
	summary: "withdraw consents, also for what waits to be sent",
	usage: "consent withdraw (--data DIR | --socket PATH) (--all | [--category ID] [--purpose ID] [--subject NAME])",
	help: `Ends every consent that agrees with all that is named. When the command returns, nothing of it is published any more, what waited to be sent
is gone, and a restart does not bring it back. What the network already has cannot be recalled.

${agentHelp}
  --category ID   only of this category
  --purpose ID    only for this purpose
  --subject NAME  only of this person
  --all           every consent there is

Example:
  kerbstone consent withdraw --data ./data --all

Exit codes: 0 withdrawn; 2 wrong usage; 4 no agent answers, or it could not write it down (it obeys all the same, and tries again).`,
	options: {
		...agentOptions,
		category: { type: "string" },
		purpose: { type: "string" },
		subject: { type: "string" },
		all: { type: "boolean" },
	},
	run: async (args, io) => {
		const named = {
			categoryId: textOption(args, "category"),
			purpose: textOption(args, "purpose"),
			subjectPseudonym: textOption(args, "subject"),
			...(flag(args, "all") ? { all: true } : {}),
		};
		await io.out(await askAgent({ socketPath: socketOf(args), method: "POST", path: "/consents/withdraw", body: JSON.stringify(named) }));
		return exitCodes.ok;
	},
};

export default command;
