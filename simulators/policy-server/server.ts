/**
 * A running policy server out of its data folder: the only file that knows every part of it.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Clock, systemClock } from "../../agent/host/clock.ts";
import { lockDataFolder } from "../../agent/host/data-lock.ts";
import { loadPrimitives } from "../../agent/host/primitives.ts";
import { KerbError } from "../../shared/errors.ts";
import { keysOf } from "../../shared/role-keys.ts";
import { defaultLifeDays, type LifeDays } from "../../shared/tuf-repository.ts";
import { draftRoutes } from "./draft-routes.ts";
import { openDrafts } from "./drafts.ts";
import { checkAddress, type HttpLimits, type ServerTls, startHttpServer } from "./http-server.ts";
import { type Link, openLink } from "./link.ts";
import { openOffice } from "./office.ts";
import { pageRoute } from "./page.ts";
import { openPeople } from "./people.ts";
import { releaseRoutes } from "./release-routes.ts";
import { openReleases, type Releases } from "./releases.ts";
import { openRepository } from "./repository.ts";
import { readKeysFolder } from "./role-folder.ts";
import { openRollouts } from "./rollouts.ts";
import type { Route } from "./route.ts";
import { openStore } from "./store.ts";
import { tufRoute } from "./tuf-files.ts";
import { unitRoutes } from "./unit-routes.ts";
import { openUnits, type Units } from "./units.ts";

export interface PolicyServerOptions {
	/** Made by `initData`. */
	readonly dataDir: string;
	readonly host: string;
	/** 0 for a free one. */
	readonly port: number;
	readonly tls?: ServerTls;
	readonly broker?: { readonly url: string; readonly tls?: { readonly ca: string; readonly cert?: string; readonly key?: string } };
	/** Where units find the repository; absent: this server's own /tuf/. */
	readonly publicUrl?: string;
	readonly limits?: Partial<HttpLimits>;
	readonly lifeDays?: Partial<LifeDays>;
	readonly clock?: Clock;
	readonly onProblem: (what: string, error: unknown) => void;
}

export interface PolicyServer {
	readonly url: string;
	readonly routes: readonly Route[];
	close(): Promise<void>;
}

export const storePath = (dataDir: string): string => join(dataDir, "policy-server.db");
const dayMs = 86_400_000;

/**
 * Starts to serve.
 *
 * @throws KerbError CONFIG_INVALID when another server uses the folder or the address is not allowed; STATE_INVALID before `initData`;
 * KEY_INVALID when the keys cannot be read.
 */
export const startPolicyServer = async (options: PolicyServerOptions): Promise<PolicyServer> => {
	const { dataDir, onProblem } = options;
	checkAddress({ host: options.host, ...(options.tls === undefined ? {} : { tls: options.tls }) });
	const clock = options.clock ?? systemClock;
	const crypto = await loadPrimitives();
	if (!existsSync(storePath(dataDir)))
		throw new KerbError("STATE_INVALID", `${dataDir} is no data folder yet; run "main.ts init --data ${dataDir}" first`);
	const lock = lockDataFolder(join(dataDir, "lock.db"));
	const store = openStore(storePath(dataDir), crypto);
	const closing = new AbortController();
	let link: Link | undefined;
	try {
		const lifeDays = { ...defaultLifeDays, ...options.lifeDays };
		const publicFolder = join(dataDir, "public");
		const repository = openRepository(store, publicFolder, crypto, lifeDays);
		const keys = readKeysFolder(join(dataDir, "keys"));
		for (const role of ["snapshot", "timestamp"] as const)
			if (keysOf(keys, role).length === 0)
				throw new KerbError("KEY_INVALID", `${dataDir}/keys has no key of role ${role}, which must be online`);
		// What a crash left unwritten, before anybody can ask for it.
		repository.write();
		const office = openOffice({ store, clock, crypto, keys, repository });
		const people = openPeople(store.db, crypto, () => clock.nowMs());
		const audit = (who: string, act: string, target: string, result: string): void =>
			store.audit({ at: new Date(clock.nowMs()).toISOString(), who, act, target, result });

		const drafts = openDrafts(office);
		const parts: { releases?: Releases; units?: Units } = {};
		const ready = <T>(part: T | undefined): T => {
			if (part === undefined) throw new KerbError("INTERNAL", "the policy server is not composed yet");
			return part;
		};
		const rollouts = openRollouts(
			office,
			drafts,
			() => ready(parts.releases),
			() => ready(parts.units).all(),
			(rollout) => audit("server", "stop roll-out", rollout.id, rollout.reason ?? ""),
		);
		const announce = (): void => link?.announce({ repository: publicUrl(), snapshotVersion: repository.snapshotVersion() });
		const releases = openReleases(office, {
			published: (release) => {
				rollouts.published(release);
				if (release.draft !== undefined && release.rollout === undefined) drafts.markReleased(release.draft);
				audit("server", "publish", release.id, `snapshot ${release.snapshotVersion}`);
			},
			cancelled: (release) => rollouts.cancelled(release),
			visible: announce,
		});
		const units = openUnits(office, (unit, obeys, refusal) => rollouts.heard(unit, obeys, refusal));
		parts.releases = releases;
		parts.units = units;
		rollouts.recover();

		const routes: readonly Route[] = [
			...unitRoutes({ office, drafts, rollouts, units, page: pageRoute(), files: tufRoute(publicFolder, crypto) }),
			...draftRoutes(drafts),
			...releaseRoutes({ office, drafts, releases, rollouts }),
		];
		const server = await startHttpServer({
			host: options.host,
			port: options.port,
			...(options.tls === undefined ? {} : { tls: options.tls }),
			...(options.limits === undefined ? {} : { limits: options.limits }),
			routes,
			people,
			clock,
			onAct: ({ who, act, target, result }) => audit(who, act, target, result),
			onError: (error) => onProblem("a request failed", error),
		});
		const publicUrl = (): string => options.publicUrl ?? `${server.url}/tuf/`;
		if (options.broker !== undefined) {
			link = openLink({
				url: options.broker.url,
				...(options.broker.tls === undefined ? {} : { tls: options.broker.tls }),
				clientId: "kerb-policy-server",
				onReport: (unitId, report) => units.report(unitId, report),
				onProblem: (error) => onProblem("the broker", error),
			});
			announce();
		}

		/** Signs the timestamp again when half of its life is over, so that a fleet never sees the repository end. */
		const keepFresh = async (): Promise<void> => {
			while (!closing.signal.aborted) {
				const expires = Date.parse(repository.roles().find(({ role }) => role === "timestamp")?.expires ?? "");
				const leftMs = expires - clock.nowMs();
				try {
					if (!(leftMs * 2 > lifeDays.timestamp * dayMs)) releases.renew();
				} catch (error) {
					onProblem("the timestamp could not be signed again", error);
				}
				await clock.sleep(Math.min(60_000, (lifeDays.timestamp * dayMs) / 8), closing.signal);
			}
		};
		const fresh = keepFresh();
		return {
			url: server.url,
			routes,
			close: async () => {
				closing.abort();
				await fresh;
				await server.close();
				await link?.close();
				store.close();
				lock.release();
			},
		};
	} catch (error) {
		closing.abort();
		store.close();
		lock.release();
		throw error;
	}
};
