/**
 * A unit on disk for tests that start the real agent: law, keys and configuration in a temporary folder, made by the product's own code.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { loadPrimitives } from "../../agent/host/primitives.ts";
import { openerOf, parseKeyRing } from "../../shared/key-ring.ts";
import { type MadeLaw, makeLaw } from "../../shared/make-law.ts";
import type { ReleaseRule } from "../../shared/policy.ts";

export interface UnitFolderOptions {
	readonly brokerUrl: string;
	readonly release: readonly ReleaseRule[];
	readonly withConsent?: boolean;
	readonly mqttVersion?: 4 | 5;
	/** Merged into the configuration. */
	readonly config?: Readonly<Record<string, unknown>>;
}

/** One rule that lets every value of the vehicle's status out as it is. */
export const releaseStatus: ReleaseRule = {
	id: "status",
	outlet: "oem",
	purpose: "fleet-health",
	necessity: "a test looks for every value that was accepted",
	categories: ["telemetry.vehicle-status"],
	treatments: [],
	retentionDays: 30,
};

/** Makes the folder; `remove` takes it away again. */
export const makeUnitFolder = async (options: UnitFolderOptions) => {
	const folder = await mkdtemp(join(tmpdir(), "kerbstone-unit-"));
	const crypto = await loadPrimitives();
	const made: MadeLaw = makeLaw(
		{
			release: options.release,
			withConsent: options.withConsent ?? false,
			catalogueId: "cn",
			brokerUrl: options.brokerUrl,
			mqttVersion: options.mqttVersion ?? 5,
			addressRanges: ["127.0.0.0/8"],
			policyDays: 2,
			nowMs: Date.now(),
		},
		crypto,
	);
	await mkdir(join(folder, "law"));
	await mkdir(join(folder, "keys"), { mode: 0o700 });
	for (const { name, bytes } of made.law) {
		await mkdir(dirname(join(folder, "law", name)), { recursive: true });
		await writeFile(join(folder, "law", name), bytes);
	}
	for (const { name, bytes } of made.keys) await writeFile(join(folder, "keys", name), bytes, { mode: 0o600 });
	const config = {
		unit: { id: "test-unit" },
		dataDir: "data",
		law: { folder: "law", rootSha256: made.rootSha256 },
		sources: [{ id: "apps", type: "socket" }],
		batch: { maxRecords: 100, maxAgeMs: 100 },
		...options.config,
	};
	const configFile = join(folder, "config.json");
	await writeFile(configFile, JSON.stringify(config));
	const recipients = made.keys.find(({ name }) => name === "recipients.json")?.bytes ?? new Uint8Array();
	return {
		folder,
		configFile,
		dataDir: join(folder, "data"),
		socketPath: join(folder, "data", "control.sock"),
		keysFile: join(folder, "keys", "recipients.json"),
		crypto,
		opener: openerOf(parseKeyRing(recipients), crypto),
		remove: () => rm(folder, { recursive: true, force: true }),
	};
};

export type UnitFolder = Awaited<ReturnType<typeof makeUnitFolder>>;
