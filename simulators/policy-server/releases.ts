/**
 * Releases: one publication each. Online roles sign at once; for offline roles the bytes to sign are handed out and signatures taken back,
 * and nothing is published before every threshold is reached. One release at a time waits for signatures.
 */
import { canonicalJson } from "../../shared/canonical-json.ts";
import type { LawKind } from "../../shared/law-targets.ts";
import { type SigningRole, topRoles } from "../../shared/role-keys.ts";
import { rootSigners } from "../../shared/tuf-delegation.ts";
import { countSigners, encodeMetadata, parseMetadata, type TufMetadata, type TufSignature } from "../../shared/tuf-metadata.ts";
import type { MadeRepository, MissingSignatures } from "../../shared/tuf-repository.ts";
import { audiencesOf, documentsFor } from "./audience.ts";
import type { LawDocument } from "./documents.ts";
import { lawHashOf } from "./law-hash.ts";
import type { LawInForce, Office } from "./office.ts";
import { conflict, notFound, Refused } from "./refused.ts";
import { newestMetadata } from "./repository.ts";
import { serialId } from "./store.ts";

export interface Release {
	readonly id: string;
	readonly createdAtMs: number;
	readonly by: string;
	readonly why: string;
	readonly state: "signing" | "published" | "cancelled";
	/** What is published. */
	readonly documents: readonly LawDocument[];
	/** The law for everybody from then on. */
	readonly law: readonly LawDocument[];
	/** Metadata that waits for signatures, by path. */
	readonly pending: Readonly<Record<string, string>>;
	readonly missing: readonly MissingSignatures[];
	/** Roles whose metadata is signed anew only to hold longer. */
	readonly renew?: readonly SigningRole[];
	readonly draft?: string;
	readonly rollout?: string;
	/** What the roll-out is about to do with it. */
	readonly step?: "stage" | "complete" | "rollback";
	readonly publishedAtMs?: number;
	readonly snapshotVersion?: number;
}

export type NewRelease = Pick<Release, "by" | "why" | "documents" | "law" | "renew" | "draft" | "rollout" | "step">;

export interface Releases {
	/** Publishes, or begins to wait for signatures. @throws Refused 409 while another release waits. */
	create(release: NewRelease): Release;
	get(id: string): Release;
	list(limit: number): readonly Release[];
	/** The release that waits for signatures. */
	waiting(): Release | undefined;
	/** The bytes that a key of the role must sign, and the metadata that they are in. */
	toSign(id: string, role: string): { readonly bytes: Uint8Array; readonly metadata: TufMetadata };
	/** Takes detached signatures; publishes when they were the last. @throws Refused 422 when one is not good. */
	addSignatures(id: string, role: string, signatures: readonly TufSignature[]): Release;
	cancel(id: string): Release;
	/** Signs snapshot and timestamp anew; no hook is called. */
	renew(): void;
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

export interface ReleaseHooks {
	/** Inside the transaction that publishes: what else becomes true at that moment. Only changes the store. */
	readonly published: (release: Release) => void;
	/** Inside the transaction that cancels. */
	readonly cancelled: (release: Release) => void;
	/** After the files are there for everybody. */
	readonly visible: (release: Release) => void;
}

export const openReleases = (office: Office, hooks: ReleaseHooks): Releases => {
	const { store, crypto, clock, repository, keys } = office;
	const releases = store.collection<Release>("release");

	const get = (id: string): Release => {
		const release = releases.get(id);
		if (release === undefined) throw notFound("release");
		return release;
	};
	const waiting = (): Release | undefined => releases.newest(50).find(({ state }) => state === "signing");

	const pieceOf = (release: Release, role: string): { readonly path: string; readonly metadata: TufMetadata } => {
		const path = Object.keys(release.pending).find((each) => each.endsWith(`.${role}.json`));
		const content = path === undefined ? undefined : release.pending[path];
		if (release.state !== "signing" || path === undefined || content === undefined)
			throw notFound(
				`piece of role "${role}" to sign in this release; it waits for: ${release.missing.map((each) => each.role).join(", ") || "nothing"}`,
			);
		return { path, metadata: parseMetadata(bytesOf(content), path) };
	};

	const hashes = (release: Release): void => {
		const insert = store.db.prepare("INSERT INTO law_hashes (hash, release) VALUES (?, ?) ON CONFLICT DO NOTHING");
		for (const unit of audiencesOf(release.documents, office.unitAddress) ?? [])
			insert.run(lawHashOf(documentsFor(release.documents, unit).values(), crypto), release.id);
	};

	/** Durable first, then on the disk for everybody to see, then told. */
	const publish = (release: Release, made: MadeRepository): Release => {
		const published = store.together(() => {
			repository.keep(release.documents, made.files);
			const done: Release = {
				...release,
				...{ state: "published" as const, pending: {}, missing: [] },
				...{ publishedAtMs: clock.nowMs(), snapshotVersion: repository.snapshotVersion() },
			};
			const law: LawInForce = { documents: release.law, release: release.id, sinceMs: clock.nowMs() };
			if (canonicalJson(digests(release.law)) !== canonicalJson(digests(office.law().documents))) office.setLaw(law);
			releases.put(done.id, done);
			store.collection<{ readonly id: string }>("pointer").put("published", { id: done.id });
			hashes(done);
			hooks.published(done);
			return done;
		});
		repository.write();
		hooks.visible(published);
		return published;
	};

	/** Makes what can be made with the signatures there are; publishes when nothing is missing. */
	const goOn = (release: Release): Release => {
		const made = repository.make(release.documents, release.pending, keys, clock.nowMs(), release.renew);
		if (made.missing.length === 0) return publish(release, made);
		// What is signed must not change while people sign it: a piece that was begun stays as it is.
		const begun = made.files.filter(({ path }) => path.startsWith("pending/")).map(({ path, bytes }) => [path, textOf(bytes)] as const);
		const waits: Release = { ...release, pending: { ...release.pending, ...Object.fromEntries(begun) }, missing: made.missing };
		releases.put(waits.id, waits);
		return waits;
	};

	return {
		create(fresh) {
			const before = waiting();
			if (before !== undefined) throw conflict("release_waits", `release ${before.id} waits for signatures; sign or cancel it first`);
			const release: Release = {
				...fresh,
				...{ id: serialId("r", store.next("release")), createdAtMs: clock.nowMs(), state: "signing", pending: {}, missing: [] },
			};
			return goOn(release);
		},
		get,
		list: (limit) => releases.newest(limit),
		waiting,
		toSign(id, role) {
			const { metadata } = pieceOf(get(id), role);
			return { bytes: bytesOf(canonicalJson(metadata.signed)), metadata };
		},
		addSignatures(id, role, signatures) {
			const release = get(id);
			const { path, metadata } = pieceOf(release, role);
			const published = repository.published()?.metadata ?? {};
			const delegator = newestMetadata(published, topRoles.some((top) => top === role) ? "root" : "targets") ?? "";
			const signers = rootSigners(parseMetadata(bytesOf(published[delegator] ?? ""), delegator)).of(role as SigningRole);
			const bad = signatures.flatMap((signature, index) =>
				countSigners({ signed: metadata.signed, signatures: [signature] }, signers, crypto) === 1
					? []
					: [`signatures.${index}: expected a signature of the bytes of to-sign/${role} by a key of the role`],
			);
			if (bad.length > 0) throw new Refused(422, "signature_wrong", bad[0] ?? "", bad);
			// One per key: clients refuse metadata with two signatures of one key, even when both are good.
			const byKey = new Map([...metadata.signatures, ...signatures].map((signature) => [signature.keyid, signature]));
			const signed = textOf(encodeMetadata({ signed: metadata.signed, signatures: [...byKey.values()] }));
			return goOn({ ...release, pending: { ...release.pending, [path]: signed } });
		},
		cancel(id) {
			const release = get(id);
			if (release.state !== "signing") throw conflict("release_closed", `the release is ${release.state}`);
			const cancelled: Release = { ...release, state: "cancelled", pending: {}, missing: [] };
			store.together(() => {
				releases.put(id, cancelled);
				hooks.cancelled(cancelled);
			});
			return cancelled;
		},
		renew() {
			const documents = repository.published()?.documents ?? [];
			const made = repository.make(documents, {}, keys, clock.nowMs());
			if (made.missing.length > 0) return;
			store.together(() => repository.keep(documents, made.files));
			repository.write();
		},
	};
};

const digests = (documents: readonly LawDocument[]) =>
	documents.map(({ path, kind, sha256, for: audience }) => [path, kind satisfies LawKind as string, sha256, { ...audience }]);
