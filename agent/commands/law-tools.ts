/**
 * Commands for whoever writes and publishes law, or treats recordings by it. A unit obeys law and never makes it, and treats what it senses itself,
 * so the bundle for units leaves this file's list empty.
 */
import type { CommandEntry } from "./command.ts";

export const lawTools: readonly CommandEntry[] = [
	{ name: "law init", summary: "make keys and a first signed law", load: () => import("./law-init.ts") },
	{ name: "law sign", summary: "sign the documents of a law folder after a change", load: () => import("./law-sign.ts") },
	{ name: "law check", summary: "prove that a law lets nothing out above its floor", load: () => import("./law-check.ts") },
	{
		name: "law diff",
		summary: "sort what changed between two laws into widening and narrowing",
		load: () => import("./law-diff.ts"),
	},
	{ name: "law matrix", summary: "show what may happen to every category at every outlet", load: () => import("./law-matrix.ts") },
	{ name: "law keys", summary: "list, make and replace the keys that sign law", load: () => import("./law-keys.ts") },
	{ name: "law cells", summary: "turn sensitive sites into cells that name none of them", load: () => import("./law-cells.ts") },
	{ name: "law publish", summary: "copy a signed law to where units fetch it", load: () => import("./law-publish.ts") },
	{
		name: "law tuf-client",
		summary: "the TUF client alone, for the TUF conformance suite",
		load: () => import("./law-tuf-client.ts"),
	},
	{
		name: "law import-fleetwise",
		summary: "turn AWS IoT FleetWise campaigns and decoders into rules",
		load: () => import("./law-import-fleetwise.ts"),
	},
	{
		name: "filter-bsm",
		summary: "filter recorded safety messages by the treatments of a policy",
		load: () => import("./filter-bsm.ts"),
	},
	{
		name: "filter-bsm import",
		summary: "turn settings and maps of jpo-cvdp into treatments and places",
		load: () => import("./filter-bsm-import.ts"),
	},
	{ name: "model add", summary: "take a model that finds faces or plates", load: () => import("./model-add.ts") },
	{ name: "model list", summary: "list models that find faces and plates", load: () => import("./model-list.ts") },
	{ name: "model verify", summary: "open the models of a folder as a unit would", load: () => import("./model-verify.ts") },
	{ name: "redact one", summary: "mask faces and plates of one picture", load: () => import("./redact-one.ts") },
	{ name: "redact eval", summary: "measure on labelled pictures what is found and masked", load: () => import("./redact-eval.ts") },
	{ name: "redact bag", summary: "redact a recording (MCAP) as a law asks", load: () => import("./redact-bag.ts") },
];
