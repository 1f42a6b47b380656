/**
 * `run`: the agent of one unit, until it is stopped.
 */
import { isKerbError, KerbError } from "../../shared/errors.ts";
import type { Outlet } from "../../shared/outlet.ts";
import { compose } from "../compose.ts";
import { type Config, readConfig } from "../config.ts";
import { eventLine } from "../host/event-line.ts";
import { readLinkCredentials } from "../host/links.ts";
import { systemHost } from "../host/system-host.ts";
import { type Command, exitCodes, flag, textOption } from "./command.ts";

const help = `Starts the agent: opens its sources, obeys the law in law.folder, and uploads what the law lets out until it gets SIGTERM or
SIGINT; then it delivers what is in flight, makes the rest durable and ends. Events go to standard error, one a line.

Options:
  --config FILE     the configuration of this unit
  --json            events as JSON
  --check           read the configuration, the law and the TLS files of its outlets, say whether they are good, and end

A whole configuration (paths are meant from the file's folder):
  {
    "unit": { "id": "tbox-0001" },
    "dataDir": "data",
    "law": { "folder": "law" },
    "overlay": "car.overlay.json",
    "sources": [
      { "id": "can0", "type": "can", "dbc": ["car.dbc"], "input": { "spawn": { "bus": "can0" } } },
      { "id": "gnss", "type": "gnss", "input": { "gpsd": { "host": "127.0.0.1", "port": 2947 } } },
      { "id": "apps", "type": "socket" }
    ],
    "links": { "oem": { "caFile": "ca.pem", "certFile": "unit.pem", "keyFile": "unit.key" } }
  }

More of "law": "url": "https://..." in place of a folder, or "mqtt" in place of both, for a unit that has nothing else; "rootSha256" pins the
root of the law and is needed with both; "notice" names a broker that tells when there is a newer law; "refreshMs" is how often the unit
looks without being told; "home" is the home jurisdiction (default CN); "cohorts" and "hardware" say which documents are meant for it.
"circumstances": { "network": "ethernet" } says how a roadside box is connected, for rules that ask; a vehicle says it over the socket.

Exit codes: 0 stopped as asked; 3 configuration, law or key refused.`;

const command: Command = {
	name: "run",
	summary: "run the agent of one unit until it is stopped",
	usage: "run --config FILE [--json] [--check]",
	help,
	options: { config: { type: "string" }, json: { type: "boolean" }, check: { type: "boolean" } },
	run: async (args, io) => {
		const file = textOption(args, "config");
		if (file === undefined) throw new KerbError("USAGE", `--config is missing\nUsage: kerbstone ${command.usage}`);
		const config = await readConfig(file);
		const asJson = flag(args, "json");
		const host = await systemHost({ emit: (event, atMs) => io.err(eventLine(event, atMs, asJson)) });
		const agent = await compose(config, host, { looksFirst: flag(args, "check") });
		if (flag(args, "check")) {
			const { law } = agent.regime();
			await agent.close();
			checkLinks(law.outlets.outlets, config.links);
			await io.out(`${file}: good; law ${law.hash}`);
			return exitCodes.ok;
		}
		await agent.run(io.signal);
		return exitCodes.ok;
	},
};

export default command;

/**
 * A running agent tries again until the files are there, since certificates are renewed while it runs; whoever checks wants to hear it now.
 *
 * @throws KerbError CONFIG_INVALID with every outlet whose TLS material is missing or not usable.
 */
const checkLinks = (outlets: readonly Pick<Outlet, "id" | "url">[], links: Config["links"]): void => {
	const problems: string[] = [];
	for (const { id, url } of outlets) {
		if (!url.startsWith("mqtts:")) continue;
		try {
			readLinkCredentials(links[id] ?? {});
		} catch (error) {
			if (!isKerbError(error)) throw error;
			problems.push(`links.${id}: ${error.message}`);
		}
	}
	if (problems.length > 0) throw new KerbError("CONFIG_INVALID", `the links are not good: ${problems[0]}`, { problems });
};
