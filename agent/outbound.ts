/**
 * Starts one uploader per outlet of the law and accounts for its connections.
 */
import { type Halt, isHalted } from "../shared/halt.ts";
import type { Law } from "../shared/law.ts";
import type { NewLedgerEntry } from "../shared/ledger-entry.ts";
import type { Outlet } from "../shared/outlet.ts";
import type { Config, Link } from "./config.ts";
import type { Host } from "./host/host.ts";
import { readLinkCredentials } from "./host/links.ts";
import type { Ledger } from "./ledger/ledger.ts";
import type { ConnectionAccount } from "./upload/account-link.ts";
import type { Outbox } from "./upload/outbox.ts";
import { startUploader, type Uploader } from "./upload/uploader.ts";

/** Starts the uploader of an outlet; `link` is its TLS material, the configuration's unless given. */
export type Outbound = (outlet: Outlet, outbox: Outbox, link?: Link) => Uploader;

/** A halt pauses what waits; without a category: whether all of the outlet is paused. */
const isHeld = (halt: Halt | undefined, outletId: string, categoryId: string | undefined): boolean =>
	categoryId === undefined ? halt !== undefined && (halt.all || halt.outlets.includes(outletId)) : isHalted(halt, outletId, categoryId);

/** The status of the unit as it is told to the operator, encoded. */
export type UnitStatusReport = (state: "online" | "offline") => Uint8Array;

/** Uploaders that talk to the outlets' brokers. */
export const brokerOutbound =
	(config: Config, host: Host, ledger: Ledger, law: () => Law, status: UnitStatusReport): Outbound =>
	(outlet, outbox, link = config.links[outlet.id]) =>
		startUploader({
			unitId: config.unit.id,
			outlet,
			outbox,
			links: host.links,
			credentials: () => (link?.caFile === undefined ? undefined : readLinkCredentials({ ...link, caFile: link.caFile })),
			clock: host.clock,
			random: host.random,
			emit: host.emit,
			// A record that nobody was there to take would be lost; it waits until somebody subscribes.
			keepUnheard: true,
			mayPublish: (categoryId) => !isHeld(law().halt, outlet.id, categoryId),
			...(link?.status === false ? undefined : { status }),
			onConnection: (account) => ledger.append([connectionEntry(account, outlet)]),
		});

/** Network traffic record of one connection (regulations G-26, section 8.1). */
export const connectionEntry = (account: ConnectionAccount, outlet: Pick<Outlet, "id" | "jurisdiction">): NewLedgerEntry => ({
	kind: "connection",
	atMs: account.closedAtMs,
	srcIp: account.localAddress,
	srcPort: account.localPort,
	dstIp: account.remoteAddress,
	dstPort: account.remotePort,
	transportProto: account.transport,
	appProto: account.tls ? "mqtts" : "mqtt",
	packetBytes: account.bytesOut + account.bytesIn,
	state: "closed",
	outlet: outlet.id,
	dstJurisdiction: outlet.jurisdiction,
	tlsPeerFingerprint: account.peerFingerprint ?? null,
});
