/**
 * The sources that this build has, by the `type` of the configuration.
 */
import can from "./can.ts";
import gnss from "./gnss.ts";
import socket from "./socket.ts";
import type { SourcePlugin } from "./source.ts";

export const sources: ReadonlyMap<string, SourcePlugin> = new Map<string, SourcePlugin>(
	[can, gnss, socket].map((plugin) => [plugin.kind, plugin]),
);
