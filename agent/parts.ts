/**
 * What one agent has on its disk, opened in the order in which each part needs the one before: lock, keys, state, overlay, ledger, law, spool.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { toHex } from "../shared/bytes.ts";
import { KerbError } from "../shared/errors.ts";
import type { Law } from "../shared/law.ts";
import { type AreaBook, areaFile, openAreaBook } from "./area-book.ts";
import type { Config } from "./config.ts";
import { subjectHash } from "./decide/quota.ts";
import { dbcLabels, dbcSignals } from "./formats/dbc-labels.ts";
import { lockDataFolder } from "./host/data-lock.ts";
import { ensurePrivateFolder } from "./host/disk.ts";
import type { Host } from "./host/host.ts";
import { openState, type State, stateFile } from "./host/state.ts";
import { type LawBroker, openLawBroker } from "./law-broker.ts";
import { type LawSource, openLawSource } from "./law-source.ts";
import { type LeaseBook, openLeaseBook, quotaFile } from "./lease-book.ts";
import { type Ledger, openLedger } from "./ledger/ledger.ts";
import { ledgerFile } from "./ledger/ledger-file.ts";
import { compileRegime } from "./regime.ts";
import { type Identity, openIdentity } from "./seal/identity.ts";
import { openSpool, spoolFile } from "./spool/spool.ts";
import type { Spool } from "./spool/spool-types.ts";
import { loadOverlay, type Overlay } from "./tag/overlay.ts";

export interface Parts {
	readonly identity: Identity;
	readonly state: State;
	/** The law that the agent started with. */
	readonly law: Law;
	readonly lawSource: LawSource;
	/** Where law or its notice comes from over MQTT, if the configuration says so. */
	readonly lawBroker: LawBroker | undefined;
	readonly overlay: Overlay | undefined;
	/** Of the overlay's file. */
	readonly overlaySha256: string | undefined;
	readonly ledger: Ledger;
	readonly leases: LeaseBook;
	readonly areas: AreaBook;
	readonly spool: Spool;
	/** Closes what is open, last opened first. Safe to call twice. */
	close(): void;
}

export const keyFileName = "unit-keys.json";
/** What a collector has to know of the unit: nothing secret, written anew at every start. */
export const unitFileName = "unit.json";

/** The unit's id and public key as a file that a keys file can take over as it is. */
export const unitFile = (unitId: string, { publicKey }: Pick<Identity, "publicKey">): Uint8Array =>
	new TextEncoder().encode(`${JSON.stringify({ unitId, ed25519: toHex(publicKey) }, null, "\t")}\n`);

/**
 * @throws KerbError CONFIG_INVALID, KEY_INVALID, LAW_*, LEDGER_BROKEN or SPOOL_CORRUPT when the agent cannot start; everything that was opened
 * until then is closed again.
 */
export const openParts = async (config: Config, host: Host, looksFirst: boolean): Promise<Parts> => {
	const { dataDir } = config;
	const closers: (() => void)[] = [];
	const close = (): void => {
		for (const each of closers.splice(0).reverse()) each();
	};
	try {
		ensurePrivateFolder(dataDir);
		const lock = lockDataFolder(join(dataDir, "lock.db"));
		closers.push(() => lock.release());
		const identity = await openIdentity(join(dataDir, keyFileName), host.primitives);
		host.disk.writeFileDurable(join(dataDir, unitFileName), unitFile(config.unit.id, identity), { mode: 0o644 });
		const state = openState(join(dataDir, stateFile), host.disk, { unitId: config.unit.id, emit: host.emit });
		const { overlay, overlaySha256 } = await readOverlay(config, host);
		const { home } = config.law;
		const { pseudonymKey } = identity;
		const ledger = openLedger(join(dataDir, ledgerFile), {
			head: state.get().ledgerHead,
			nowMs: () => host.clock.nowMs(),
			report: (detail) => host.emit({ event: "state_recovered", detail }),
		});
		closers.push(() => ledger.close());
		closers.push(() => state.updateNow({ ledgerHead: ledger.head() }));
		const lawBroker = openLawBroker({ config, host, ledger });
		closers.push(() => lawBroker?.close());
		const lawSource = await openLawSource({
			looksFirst,
			...{ config, host, state, reader: lawBroker?.reader },
			check: (law) => compileRegime({ law, overlay, home, nowMs: host.clock.nowMs(), pseudonymKey }),
		});
		lawBroker?.follow(() => lawSource.current().law.outlets.outlets);
		const leases = openLeaseBook({
			...{ path: join(dataDir, quotaFile), disk: host.disk, state, emit: host.emit },
			subject: subjectHash(host.primitives, pseudonymKey("kerbstone-quota", 0), config.unit.id),
			leases: lawSource.current().law.authorisations?.authorisations ?? [],
			nowMs: () => lawSource.goodTime(host.clock.nowMs()).lastGoodMs,
			append: (entries) => ledger.append(entries),
		});
		const areas = openAreaBook({
			...{ path: join(dataDir, areaFile), key: pseudonymKey("kerbstone-area", 0), nowMs: () => host.clock.nowMs() },
			append: (entries) => ledger.append(entries),
			wasKept: state.get().areaKept === true,
			onKept: () => state.updateNow({ areaKept: true }),
		});
		closers.push(() => areas.close());
		const spool = openSpool(join(dataDir, spoolFile), {
			...config.spool,
			floors: state.get().sequenceFloors,
			reserve: (sequenceFloors) => state.updateNow({ sequenceFloors }),
			report: ({ kind, detail }) => {
				host.emit({ event: "state_recovered", detail: `${kind}: ${detail}` });
				ledger.append([spoolAlarm(host, kind)]);
			},
		});
		closers.push(() => spool.close());
		return {
			identity,
			state,
			law: lawSource.current().law,
			lawSource,
			lawBroker,
			overlay,
			overlaySha256,
			ledger,
			leases,
			areas,
			spool,
			close,
		};
	} catch (error) {
		close();
		throw error;
	}
};

/** What a person should know of an overlay is said at the start, as far as anybody reads. */
const maxWarnings = 50;

const readOverlay = async (config: Config, host: Host): Promise<Partial<Pick<Parts, "overlay" | "overlaySha256">>> => {
	if (config.overlay === undefined) return {};
	const dbcPaths = config.sources.flatMap((source) =>
		Array.isArray(source.dbc) ? source.dbc.filter((path) => typeof path === "string") : [],
	);
	const [bytes, ...dbcs] = await Promise.all([config.overlay, ...dbcPaths].map(readBytes));
	const overlay = await loadOverlay(decodeText(bytes, config.overlay), config.overlay, labelsOf(dbcPaths, dbcs));
	const warnings = overlay.check(dbcSignals(dbcs));
	const rest = warnings.length - maxWarnings;
	for (const detail of [...warnings.slice(0, maxWarnings), ...(rest > 0 ? [`and ${rest} more`] : [])]) {
		host.emit({ event: "source_warned", source: "overlay", detail });
	}
	return { overlay, overlaySha256: toHex(host.primitives.sha256(bytes ?? new Uint8Array())) };
};

const labelsOf = (paths: readonly string[], dbcs: readonly Uint8Array[]): ReturnType<typeof dbcLabels> => {
	try {
		return dbcLabels(dbcs);
	} catch (cause) {
		const wrong = paths.filter((_, index) => !isDbc(dbcs[index]));
		throw new KerbError("CONFIG_INVALID", `${wrong.join(", ")}: expected a DBC file, found nothing of the kind: check the path`, { cause });
	}
};

const isDbc = (bytes: Uint8Array | undefined): boolean => {
	try {
		return bytes !== undefined && dbcLabels([bytes]) !== undefined;
	} catch {
		return false;
	}
};

const decodeText = (bytes: Uint8Array | undefined, path: string): string => {
	try {
		return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
	} catch (cause) {
		throw new KerbError("CONFIG_INVALID", `${path} is not text in UTF-8; the configuration names it as an overlay`, { cause });
	}
};

const readBytes = async (path: string): Promise<Uint8Array> => {
	try {
		return await readFile(path);
	} catch (cause) {
		throw new KerbError("CONFIG_INVALID", `${path} cannot be read; the configuration names it as an overlay or a DBC file`, { cause });
	}
};

const spoolAlarm = (host: Host, ruleId: string): Parameters<Ledger["append"]>[0][number] => ({
	kind: "security",
	atMs: host.clock.nowMs(),
	severity: "alarm",
	ruleId: `spool-${ruleId}`,
	eventType: "spool-integrity",
	subject: "spool",
	evidenceRef: null,
	action: "went-on",
	reportDeadline: null,
});
