/**
 * `run`: the agent of one unit, until it is stopped.
 */
import { KerbError } from "../../shared/errors.ts";
import { compose } from "../compose.ts";
import { readConfig } from "../config.ts";
import { eventLine } from "../host/event-line.ts";
import { systemHost } from "../host/system-host.ts";
import { type Command, exitCodes, flag, textOption } from "./command.ts";

const help = `Starts the agent: opens its sources, obeys the law in law.folder, and uploads what the law lets out until it gets SIGTERM or
SIGINT; then it delivers what is in flight, makes the rest durable and ends. Events go to standard error, one a line.

Options:
  --config FILE     the configuration of this unit
  --json            events as JSON
  --check           read the configuration and the law, say whether they are good, and end

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
		const agent = await compose(config, host);
		if (flag(args, "check")) {
			await agent.close();
			await io.out(`${file}: good; law ${agent.regime().law.hash}`);
			return exitCodes.ok;
		}
		await agent.run(io.signal);
		return exitCodes.ok;
	},
};

export default command;
