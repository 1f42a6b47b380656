/**
 * consent list: what people have consented to.
 */
import * as v from "valibot";
import { ConsentSchema } from "../../shared/consent.ts";
import { parseDocument } from "../../shared/parse-document.ts";
import { type Command, exitCodes, flag } from "./command.ts";
import { agentHelp, agentOptions, askAgent, socketOf } from "./consent.ts";
import { textTable } from "./text-table.ts";

const RegisterSchema = v.object({
	ignition: v.picklist(["on", "off"]),
	live: v.array(ConsentSchema),
	ended: v.array(v.object({ consent: ConsentSchema, endedAt: v.string(), endedBy: v.string() })),
});

/** The register as `GET /consents` gives it, for a person. @throws KerbError CONTROL_UNAVAILABLE when it is something else. */
export const consentText = (json: string): string => {
	const { ignition, live, ended } = parseDocument(RegisterSchema, new TextEncoder().encode(json), "the answer", "CONTROL_UNAVAILABLE");
	const head = `ignition ${ignition}; ${live.length === 0 ? "nobody consents to anything" : `${live.length} live`}, ${ended.length} ended`;
	const rows = [
		...live.map((consent) => ({ consent, state: `until ${consent.notAfter}${consent.term === "drive" ? " or the drive's end" : ""}` })),
		...ended.map(({ consent, endedAt, endedBy }) => ({ consent, state: `${endedBy} ${endedAt}` })),
	].map(({ consent, state }) => [consent.subjectPseudonym, consent.categoryId, consent.purpose, state]);
	return rows.length === 0 ? head : `${head}\n\n${textTable(["subject", "category", "purpose", "state"], rows)}`;
};

const command: Command = {
	name: "consent list",
	summary: "show what people have consented to",
	usage: "consent list (--data DIR | --socket PATH) [--json]",
	help: `Shows the consents that are live and the last that ended, with the reason.

${agentHelp}
  --json         the document as the agent sends it; its fields are in shared/schemas/control-api.yaml

Example:
  kerbstone consent list --data ./data

Exit codes: 0 the agent answered; 2 wrong usage; 4 no agent answers.`,
	options: { ...agentOptions, json: { type: "boolean" } },
	run: async (args, io) => {
		const json = await askAgent({ socketPath: socketOf(args), method: "GET", path: "/consents" });
		await io.out(flag(args, "json") ? json : consentText(json));
		return exitCodes.ok;
	},
};

export default command;
