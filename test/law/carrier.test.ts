import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isKerbError } from "../../shared/errors.ts";
import { rotateRole } from "../../shared/role-keys.ts";
import { catalogue, outlet, outlets, policy, row, rule } from "../fakes/law-documents.ts";
import { carrierOf, crypto, dayMs, document, memoryReader, sha256, smallLaw, startMs, testRepository } from "../fakes/law-repository.ts";

let folder = "";
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "kerbstone-carrier-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const codeOf = async (work: Promise<unknown>): Promise<string> => {
	try {
		await work;
		return "accepted";
	} catch (error) {
		if (isKerbError(error)) return error.code;
		throw error;
	}
};

describe("carrier takes law", () => {
	it("from a whole repository, and has it on disk afterwards", async () => {
		const repository = testRepository();
		const carrier = carrierOf(
			folder,
			memoryReader(() => repository.files),
		);
		expect(carrier.stored()).toBeUndefined();
		const { law } = await carrier.update();
		expect(law.policy.version).toBe(1);
		expect(law.rootHash).toBe(sha256(repository.files.get("root.json") ?? new Uint8Array()));
		expect(
			carrierOf(
				folder,
				memoryReader(() => new Map()),
			).stored()?.law,
		).toEqual(law);
	});

	it("that is newer, keeps one generation before it and no more", async () => {
		const repository = testRepository();
		const carrier = carrierOf(
			folder,
			memoryReader(() => repository.files),
		);
		for (let version = 1; version <= 4; version++) {
			repository.publish(smallLaw(version));
			expect((await carrier.update()).law.policy.version).toBe(version);
		}
		expect(readdirSync(folder).filter((name) => name.startsWith("gen-"))).toHaveLength(2);
	});

	it("and leaves the folder alone when nothing is new", async () => {
		const repository = testRepository();
		const carrier = carrierOf(
			folder,
			memoryReader(() => repository.files),
		);
		await carrier.update();
		const before = readdirSync(folder).sort();
		await carrier.update();
		expect(readdirSync(folder).sort()).toEqual(before);
	});

	it("and asks for no document that is meant for others", async () => {
		const repository = testRepository([
			...smallLaw(),
			document("policy", policy([], { version: 9 }), { name: "other.json", for: { units: ["unit-2"] } }),
			document("policy", policy([], { version: 2 }), { name: "hardware.json", for: { hardware: ["box-a"] } }),
			document("policy", policy([], { version: 3 }), { name: "cohort.json", for: { cohorts: ["north"] } }),
		]);
		const asked: string[] = [];
		const carrier = carrierOf(
			folder,
			memoryReader(
				() => repository.files,
				(path) => {
					asked.push(path);
					return undefined;
				},
			),
		);
		expect((await carrier.update()).law.policy.version).toBe(3);
		expect(asked.filter((path) => path.startsWith("targets/policy/"))).toHaveLength(1);
		repository.publish([
			...smallLaw(),
			document("policy", policy([], { version: 4 }), { name: "mine.json", for: { units: ["unit-1"], cohorts: ["south"] } }),
			document("policy", policy([], { version: 3 }), { name: "cohort.json", for: { cohorts: ["north"] } }),
		]);
		expect((await carrier.update()).law.policy.version).toBe(4);
	});

	it("with every optional kind", async () => {
		const issuedAt = "2026-01-01T00:00:00Z";
		const repository = testRepository([
			...smallLaw(),
			document("halt", { kind: "halt", version: 1, all: false, outlets: ["oem"], categories: [] }),
			document("fleet", { kind: "fleet", version: 1, issuedAt, facts: {} }),
			document("authorisations", { kind: "authorisations", version: 1, issuedAt, authorisations: [] }),
			document("places", {
				...{ kind: "places", id: "places", version: 1, issuedAt, notAfter: "2027-01-01T00:00:00Z", datum: "wgs84" },
				areas: [{ id: "yard", kind: "named", shape: { type: "circle", centre: [11.5, 48.2], radiusM: 30 } }],
			}),
		]);
		const { law } = await carrierOf(
			folder,
			memoryReader(() => repository.files),
		).update();
		expect(law.halt?.outlets).toEqual(["oem"]);
		expect(law.fleet?.facts).toEqual({});
		expect(law.places?.areas).toHaveLength(1);
		expect(law.authorisations?.authorisations).toEqual([]);
	});
});

describe("carrier refuses", () => {
	/** A unit that obeys version 1, then meets what `attack` makes of the repository. */
	const afterAttack = async (
		attack: (repository: ReturnType<typeof testRepository>) => ReadonlyMap<string, Uint8Array>,
		over: Parameters<typeof carrierOf>[2] = {},
	) => {
		const repository = testRepository();
		let files: ReadonlyMap<string, Uint8Array> = repository.files;
		const carrier = carrierOf(
			folder,
			memoryReader(() => files),
			over,
		);
		// A refusal by an option of the test must not refuse the first law.
		await carrierOf(
			folder,
			memoryReader(() => files),
		).update();
		files = attack(repository);
		const code = await codeOf(carrier.update());
		return {
			code,
			inForce: carrierOf(
				folder,
				memoryReader(() => new Map()),
			).stored()?.law.policy.version,
		};
	};

	it("rollback: the whole repository of yesterday", async () => {
		const result = await afterAttack((repository) => {
			const old = repository.copy();
			repository.publish(smallLaw(2));
			return old;
		});
		expect(result).toEqual({ code: "accepted", inForce: 1 });

		const repository = testRepository(smallLaw(1));
		const old = repository.copy();
		repository.publish(smallLaw(2));
		let files = repository.files;
		rmSync(folder, { recursive: true });
		const carrier = carrierOf(
			folder,
			memoryReader(() => files),
		);
		await carrier.update();
		files = old;
		expect(await codeOf(carrier.update())).toBe("LAW_ROLLBACK");
		expect(carrier.stored()?.law.policy.version).toBe(2);
	});

	it("rollback: a document with a lower version, properly signed", async () => {
		const result = await afterAttack(
			(repository) => {
				repository.publish(smallLaw(2));
				return repository.files;
			},
			{ floors: () => ({ policy: 3 }) },
		);
		expect(result).toEqual({ code: "LAW_ROLLBACK", inForce: 1 });
	});

	it("freeze: a timestamp whose time is over", async () => {
		const result = await afterAttack(({ files }) => files, { nowMs: () => startMs + 8 * dayMs });
		expect(result).toEqual({ code: "LAW_EXPIRED", inForce: 1 });
	});

	it("mix and match: the snapshot of another state", async () => {
		const result = await afterAttack((repository) => {
			const old = repository.copy();
			repository.publish(smallLaw(2));
			const mixed = repository.copy();
			mixed.set("metadata/2.snapshot.json", old.get("metadata/1.snapshot.json") ?? new Uint8Array());
			return mixed;
		});
		expect(result).toEqual({ code: "LAW_SIGNATURE", inForce: 1 });
	});

	it("mix and match: the role metadata of another state", async () => {
		const result = await afterAttack((repository) => {
			const old = repository.copy();
			repository.publish(smallLaw(2));
			const mixed = repository.copy();
			mixed.set("metadata/2.policy.json", old.get("metadata/1.policy.json") ?? new Uint8Array());
			return mixed;
		});
		expect(result).toEqual({ code: "LAW_SIGNATURE", inForce: 1 });
	});

	it("arbitrary software: a document that was not signed for", async () => {
		const result = await afterAttack((repository) => {
			repository.publish(smallLaw(2));
			const files = repository.copy();
			for (const [path, bytes] of files) {
				if (path.startsWith("targets/policy/"))
					files.set(
						path,
						Uint8Array.from(bytes, (byte, at) => (at === 20 ? byte ^ 1 : byte)),
					);
			}
			return files;
		});
		expect(result).toEqual({ code: "LAW_SIGNATURE", inForce: 1 });
	});

	it("arbitrary software: any one byte changed in any metadata", async () => {
		const repository = testRepository();
		await carrierOf(
			folder,
			memoryReader(() => repository.files),
		).update();
		repository.publish(smallLaw(2));
		for (const [path, bytes] of repository.files) {
			if (!/metadata\/(?:timestamp|2\.)/.test(path)) continue;
			const at = bytes.findIndex((byte, index) => index > bytes.length / 2 && byte > 0x60);
			const changed = Uint8Array.from(bytes, (byte, index) => (index === at ? byte ^ 1 : byte));
			const carrier = carrierOf(
				folder,
				memoryReader(
					() => repository.files,
					(asked) => (asked === path ? changed : undefined),
				),
			);
			expect(await codeOf(carrier.update()), path).toMatch(/^LAW_/);
			expect(carrier.stored()?.law.policy.version).toBe(1);
		}
	});

	it("endless data: files without end", async () => {
		const result = await afterAttack((repository) => {
			repository.publish(smallLaw(2));
			return new Map(repository.files).set("metadata/timestamp.json", new Uint8Array(20_000));
		}, {});
		expect(result.inForce).toBe(1);
		expect(result.code).toMatch(/^LAW_/);
	});

	it("another root, when the unit is pinned to one", async () => {
		const other = testRepository();
		const carrier = carrierOf(
			folder,
			memoryReader(() => other.files),
			{ rootSha256: () => "0".repeat(64) },
		);
		expect(await codeOf(carrier.update())).toBe("LAW_SIGNATURE");
		expect(carrier.stored()).toBeUndefined();
	});

	it("two documents of one kind that are equally meant", async () => {
		const repository = testRepository([...smallLaw(), document("policy", policy([]), { name: "twin.json" })]);
		expect(
			await codeOf(
				carrierOf(
					folder,
					memoryReader(() => repository.files),
				).update(),
			),
		).toBe("LAW_INVALID");
	});

	it("a law that the build cannot obey, whole or not at all", async () => {
		const repository = testRepository();
		const carrier = carrierOf(
			folder,
			memoryReader(() => repository.files),
			{
				check: ({ policy: { version } }) => {
					if (version === 2) throw new TypeError("a defect");
				},
			},
		);
		await carrier.update();
		repository.publish([...smallLaw(2).slice(0, 2), document("outlets", outlets(outlet("other")))]);
		await expect(carrier.update()).rejects.toThrow("a defect");
		expect(carrier.stored()?.law.outlets.outlets[0]?.id).toBe("oem");
	});

	it("a document that is not valid, with its path", async () => {
		const repository = testRepository([
			document("catalogue", catalogue(row("status"))),
			document("policy", { ...policy([rule("a")]), release: [{ ...rule("a"), level: "general" }] }),
			document("outlets", outlets(outlet("oem"))),
		]);
		await expect(
			carrierOf(
				folder,
				memoryReader(() => repository.files),
			).update(),
		).rejects.toThrow(/release\.0\.level/);
	});

	it("authorisations that one key signed", async () => {
		const authorisations = document("authorisations", {
			kind: "authorisations",
			version: 1,
			issuedAt: "2026-01-01T00:00:00Z",
			authorisations: [],
		});
		const repository = testRepository();
		const both = repository.keys;
		const [first] = both.keys.filter(({ role }) => role === "authorisations");
		repository.keys = { ...both, keys: both.keys.filter((key) => key.role !== "authorisations" || key === first) };
		const made = repository.publish([...smallLaw(2), authorisations]);
		expect(made.missing).toEqual([{ role: "authorisations", have: 1, need: 2 }]);
		const carrier = carrierOf(
			folder,
			memoryReader(() => repository.files),
		);
		expect((await carrier.update()).law.policy.version).toBe(1);
		repository.keys = { ...both, keys: both.keys.filter((key) => key !== first) };
		expect(repository.publish([...smallLaw(2), authorisations]).missing).toEqual([]);
		const { law } = await carrier.update();
		expect(law.policy.version).toBe(2);
		expect(law.authorisations?.version).toBe(1);
	});
});

describe("carrier follows keys", () => {
	it.each(["root", "targets", "snapshot", "timestamp", "catalogue", "policy", "authorisations", "halt"] as const)(
		"when those of %s change, and no longer believes the old ones",
		async (role) => {
			const repository = testRepository();
			const carrier = carrierOf(
				folder,
				memoryReader(() => repository.files),
			);
			await carrier.update();
			const old = repository.keys;
			repository.keys = rotateRole(old, role, crypto);
			expect(repository.publish(smallLaw(2)).missing).toEqual([]);
			expect((await carrier.update()).law.policy.version).toBe(2);
			const kept = repository.keys;
			repository.keys = {
				...kept,
				keys: kept.keys.filter((key) => key.role !== role || key.retired === true).map((key) => ({ ...key, retired: false })),
			};
			repository.publish([
				document("catalogue", catalogue(row("other"))),
				...smallLaw(3).slice(1),
				document("halt", { kind: "halt", version: 1, all: true, outlets: [], categories: [] }),
			]);
			await codeOf(carrier.update());
			// Roots are numbered, and the targets role says nothing new: neither is signed again with the old keys.
			if (role !== "root" && role !== "targets") {
				const inForce = carrier.stored()?.law;
				expect([inForce?.policy.version, inForce?.catalogue.rows[0]?.id]).toEqual(role === "authorisations" ? [3, "other"] : [2, "status"]);
			}
		},
	);

	it("and recovers from a fast-forward attack by new keys", async () => {
		const repository = testRepository();
		const carrier = carrierOf(
			folder,
			memoryReader(() => repository.files),
		);
		await carrier.update();
		const honest = repository.copy();
		for (let more = 0; more < 30; more++) repository.publish(smallLaw(1));
		await carrier.update();
		repository.files.clear();
		for (const [path, bytes] of honest) repository.files.set(path, bytes);
		expect(await codeOf(carrier.update())).toBe("LAW_ROLLBACK");
		repository.keys = rotateRole(rotateRole(repository.keys, "timestamp", crypto), "snapshot", crypto);
		repository.publish(smallLaw(2));
		expect((await carrier.update()).law.policy.version).toBe(2);
	});

	it("and keeps a root that took keys back, even when the rest of that update failed", async () => {
		const repository = testRepository();
		let files = repository.copy();
		const carrier = carrierOf(
			folder,
			memoryReader(() => files),
		);
		await carrier.update();
		const stolen = testRepository();
		stolen.keys = repository.keys;
		stolen.files.clear();
		for (const [path, bytes] of repository.files) stolen.files.set(path, bytes);
		stolen.publish(smallLaw(2));
		repository.keys = rotateRole(repository.keys, "timestamp", crypto);
		repository.publish(smallLaw(3));
		files = new Map(repository.files);
		files.delete("metadata/2.snapshot.json");
		expect(await codeOf(carrier.update())).toBe("LAW_UNAVAILABLE");
		files = stolen.files;
		expect(await codeOf(carrier.update())).toBe("LAW_SIGNATURE");
		expect(carrier.stored()?.law.policy.version).toBe(1);
	});
});

describe("carrier survives", () => {
	it("a power cut at every read of an update: the old law is there, and the next update brings the new", async () => {
		const repository = testRepository();
		await carrierOf(
			folder,
			memoryReader(() => repository.files),
		).update();
		repository.publish(smallLaw(2));
		const copies: string[] = [];
		const reader = memoryReader(
			() => repository.files,
			() => {
				const copy = join(folder, `../${folder.split("/").at(-1)}-cut-${copies.length}`);
				cpSync(folder, copy, { recursive: true });
				copies.push(copy);
				return undefined;
			},
		);
		await carrierOf(folder, reader).update();
		expect(copies.length).toBeGreaterThan(4);
		for (const copy of copies) {
			const revived = carrierOf(
				copy,
				memoryReader(() => repository.files),
			);
			expect(revived.stored()?.law.policy.version).toBe(1);
			expect((await revived.update()).law.policy.version).toBe(2);
			rmSync(copy, { recursive: true });
		}
	});

	it("any one file of the newest generation cut short or gone: a whole law, old or new, never a mix", async () => {
		const repository = testRepository();
		const carrier = carrierOf(
			folder,
			memoryReader(() => repository.files),
		);
		await carrier.update();
		repository.publish([document("catalogue", catalogue(row("other"))), ...smallLaw(2).slice(1)]);
		await carrier.update();
		const newest = readFileSync(join(folder, "current"), "utf8").trim();
		const names = readdirSync(join(folder, newest), { recursive: true, encoding: "utf8" }).filter((name) =>
			/\.json$|[0-9a-f]{64}$/.test(name),
		);
		expect(names.length).toBeGreaterThan(10);
		const laws = new Set<string>();
		for (const name of names) {
			for (const harm of ["gone", "half", "empty"]) {
				const copy = mkdtempSync(join(tmpdir(), "kerbstone-carrier-"));
				cpSync(folder, copy, { recursive: true });
				const path = join(copy, newest, name);
				if (harm === "gone") rmSync(path);
				else truncateSync(path, harm === "half" ? readFileSync(path).length >> 1 : 0);
				const revived = carrierOf(
					copy,
					memoryReader(() => repository.files),
				);
				const law = revived.stored()?.law;
				laws.add(`${law?.policy.version} ${law?.catalogue.rows[0]?.id}`);
				expect((await revived.update()).law.policy.version).toBe(2);
				rmSync(copy, { recursive: true });
			}
		}
		expect([...laws].sort()).toEqual(["1 status"].concat(laws.has("2 other") ? ["2 other"] : []));
	});

	it("whatever the pointer file holds", async () => {
		const repository = testRepository();
		await carrierOf(
			folder,
			memoryReader(() => repository.files),
		).update();
		for (const text of ["", "gen-", "gen-1", "gen-99\n", "../../x\n", "x".repeat(10_000)]) {
			writeFileSync(join(folder, "current"), text);
			expect(
				carrierOf(
					folder,
					memoryReader(() => new Map()),
				).stored()?.law.policy.version,
			).toBe(1);
		}
	});

	it("a clock that jumps ten years either way", async () => {
		const repository = testRepository();
		let [clockMs, floorMs] = [startMs, 0];
		const carrier = carrierOf(
			folder,
			memoryReader(() => repository.files),
			{ nowMs: () => Math.max(clockMs, floorMs) },
		);
		await carrier.update();
		clockMs = startMs + 3_652 * dayMs;
		expect(await codeOf(carrier.update())).toBe("LAW_EXPIRED");
		expect(carrier.stored()?.law.policy.version).toBe(1);
		// What was in force bounds how far a clock that is ahead can lift the floor.
		floorMs = Math.min(clockMs, carrier.stored()?.timestampEndsMs ?? 0);
		clockMs = startMs - 3_652 * dayMs;
		expect(await codeOf(carrier.update())).toBe("LAW_EXPIRED");
		clockMs = startMs + 2 * dayMs;
		repository.publish(smallLaw(2), clockMs);
		expect((await carrier.update()).law.policy.version).toBe(2);
	});
});
