/**
 * Law repositories in memory for tests, made by the product's own maker: documents in, files out, and a reader that a test can bend.
 */
import { createHash } from "node:crypto";
import { systemDisk } from "../../agent/host/disk.ts";
import { loadPrimitives } from "../../agent/host/primitives.ts";
import { type Carrier, type CarrierOptions, openCarrier } from "../../agent/law/carrier.ts";
import type { LawReader } from "../../agent/law/law-reader.ts";
import { makeRoleKeys, type RoleKeysFile } from "../../shared/role-keys.ts";
import { type LifeDays, type MadeRepository, makeRepository, type RepositoryDocument } from "../../shared/tuf-repository.ts";
import { catalogue, outlet, outlets, policy, row, rule } from "./law-documents.ts";

export const crypto = await loadPrimitives({ curves: "node" });

/** When the repositories of tests are made. */
export const startMs = Date.parse("2026-03-01T00:00:00Z");
export const dayMs = 86_400_000;

export const bytesOf = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
export const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

export const document = (
	kind: RepositoryDocument["kind"],
	value: unknown,
	extra: Partial<Pick<RepositoryDocument, "name" | "for">> = {},
): RepositoryDocument => ({
	kind,
	name: extra.name ?? "all.json",
	bytes: bytesOf(value),
	for: extra.for,
});

/** A complete small law whose policy has the given version. */
export const smallLaw = (version = 1): readonly RepositoryDocument[] => [
	document("catalogue", catalogue(row("status"))),
	document("policy", policy([rule("a")], { version })),
	document("outlets", outlets(outlet("oem"))),
];

export interface TestRepository {
	/** Path to bytes, as a web server would hold them. */
	readonly files: Map<string, Uint8Array>;
	keys: RoleKeysFile;
	/** Takes the repository one version further. */
	publish(documents: readonly RepositoryDocument[], nowMs?: number, lifeDays?: Partial<LifeDays>): MadeRepository;
	/** What is there now, for going back to. */
	copy(): Map<string, Uint8Array>;
}

export const testRepository = (documents: readonly RepositoryDocument[] = smallLaw(), nowMs = startMs): TestRepository => {
	const repository: TestRepository = {
		files: new Map(),
		keys: makeRoleKeys(crypto),
		publish(next, atMs = startMs, lifeDays = {}) {
			const made = makeRepository({ keys: repository.keys, documents: next, previous: repository.files, nowMs: atMs, lifeDays }, crypto);
			for (const { path, bytes } of made.files) repository.files.set(path, bytes);
			return made;
		},
		copy: () => new Map(repository.files),
	};
	repository.publish(documents, nowMs);
	return repository;
};

/** A reader over files in memory; `before` hears of each read and may throw or give other bytes. */
export const memoryReader = (
	files: () => ReadonlyMap<string, Uint8Array>,
	before: (path: string) => Uint8Array | undefined = () => undefined,
): LawReader => ({
	name: "a test's memory",
	read: (path, maxBytes) =>
		new Promise((resolve, reject) => {
			try {
				const bytes = before(path) ?? files().get(path);
				if (bytes !== undefined && bytes.length > maxBytes) reject(new Error("a test asked for too much"));
				else resolve(bytes);
			} catch (error) {
				reject(error);
			}
		}),
});

export const carrierOf = (folder: string, reader: LawReader, over: Partial<CarrierOptions> = {}): Carrier =>
	openCarrier({
		folder,
		reader,
		disk: systemDisk,
		crypto,
		unit: { unitId: "unit-1", cohorts: ["north"], hardware: "box-a" },
		rootSha256: () => undefined,
		floors: () => ({}),
		nowMs: () => startMs,
		check: () => {},
		...over,
	});
