/**
 * The broker that law or the notice of it comes from, as the configuration names it: a reader for the carrier, and a watch for the notice.
 */
import { sameBytes } from "../shared/bytes.ts";
import { KerbError } from "../shared/errors.ts";
import { maxDocumentBytes } from "../shared/law.ts";
import type { Outlet } from "../shared/outlet.ts";
import { lawClientIdOf, lawNoticeTopic, maxNoticeBytes } from "../shared/topics.ts";
import type { Broker, Config } from "./config.ts";
import type { Host } from "./host/host.ts";
import { type LinkFiles, readLinkCredentials } from "./host/links.ts";
import type { LawReader } from "./law/law-reader.ts";
import { mqttReader } from "./law/mqtt-reader.ts";
import type { Ledger } from "./ledger/ledger.ts";
import { connectionEntry } from "./outbound.ts";
import { createRetainedLink } from "./upload/retained-link.ts";

export interface LawBroker {
	/** Undefined when the broker gives the notice alone. */
	readonly reader: LawReader | undefined;
	/** Calls back after a notice that says something new, at a moment of this unit's own, until the signal aborts. */
	watch(wake: () => void, signal: AbortSignal): Promise<void>;
	/** From where an outlet is known by its id: those of the law in force. Before this is called there is none. */
	follow(outlets: () => readonly Outlet[]): void;
	close(): void;
}

export interface LawBrokerOptions {
	readonly config: Config;
	readonly host: Host;
	readonly ledger: Pick<Ledger, "append">;
}

/** Metadata may be a little longer than a document (tuf-js reads up to 5,000,000 bytes of a role's). */
const maxBytes = maxDocumentBytes + 1_048_576;
/** The name of a broker that no law names, in the ledger and in messages. */
const bootstrapId = "law-broker";

/** Undefined when the configuration names no such broker. Connects to nothing yet. */
export const openLawBroker = ({ config, host, ledger }: LawBrokerOptions): LawBroker | undefined => {
	const { law, links } = config;
	const named = law.mqtt ?? law.notice;
	if (named === undefined) return undefined;
	let { home: jurisdiction } = law;
	let outlets = (): readonly Outlet[] => [];
	const link = createRetainedLink({
		broker: () => {
			const broker = brokerOf(named, law.home, outlets());
			jurisdiction = broker.jurisdiction;
			return broker;
		},
		credentials: () => {
			const files: LinkFiles | undefined = named.outlet === undefined ? named : links[named.outlet];
			return files?.caFile === undefined ? undefined : readLinkCredentials(files);
		},
		clientId: lawClientIdOf(config.unit.id),
		...{ links: host.links, clock: host.clock, random: host.random, maxBytes },
		onConnection: (account) => ledger.append([connectionEntry(account, { id: account.outletId, jurisdiction })]),
		onLost: (reason, waitMs) => host.emit({ event: "law_notice_lost", reason, waitMs }),
	});
	return {
		reader: law.mqtt && mqttReader(link, law.mqtt.repository),
		watch: (wake, signal) => {
			let last: Uint8Array | undefined;
			let isDue = false;
			const heard = (bytes: Uint8Array): void => {
				if (bytes.length > maxNoticeBytes || (last !== undefined && sameBytes(last, bytes))) return;
				last = bytes;
				if (isDue) return;
				isDue = true;
				host.emit({ event: "law_notice_heard" });
				void host.clock.sleep(host.random() * law.noticeSpreadMs, signal).then(() => {
					isDue = false;
					if (!signal.aborted) wake();
				});
			};
			return link.watch(lawNoticeTopic, heard, signal);
		},
		follow(now) {
			outlets = now;
		},
		close: () => link.close(),
	};
};

type BrokerPlace = Pick<Outlet, "id" | "url" | "addressRanges" | "mqttVersion" | "jurisdiction">;

const brokerOf = (named: Broker, home: string, outlets: readonly Outlet[]): BrokerPlace => {
	const { outlet, url, addressRanges, mqttVersion, jurisdiction } = named;
	if (url !== undefined && addressRanges !== undefined)
		return { id: bootstrapId, url, addressRanges, mqttVersion: mqttVersion ?? 5, jurisdiction: jurisdiction ?? home };
	const found = outlets.find(({ id }) => id === outlet);
	if (found !== undefined) return found;
	throw new KerbError(
		"LAW_UNAVAILABLE",
		`no law in force names the outlet "${outlet}" that law is to come from; a unit that has no law yet needs a url and addressRanges`,
	);
};
