import { describe, expect, it } from "vitest";
import { type LawFiles, type LawTrust, verifyLaw } from "../../agent/law/verify-law.ts";
import { isKerbError, type KerbErrorCode } from "../../shared/errors.ts";
import { type LawRole, lawRoles } from "../../shared/law.ts";
import { catalogue, outlet, outlets, policy, row, rule } from "../fakes/law-documents.ts";
import { roleKeys, rootDocument, signedLaw, signFor, testCrypto, testKey } from "../fakes/signed-law.ts";

const documents = {
	catalogue: catalogue(row("status")),
	policy: policy([rule("a")]),
	outlets: outlets(outlet("oem")),
	consents: { kind: "consents", version: 1, issuedAt: "2026-01-01T00:00:00Z", consents: [] },
};
const trust: LawTrust = { rootSha256: undefined, floors: {} };

const codeOf = (files: LawFiles, given: LawTrust = trust): KerbErrorCode | "accepted" => {
	try {
		verifyLaw(files, given, testCrypto);
		return "accepted";
	} catch (error) {
		if (isKerbError(error)) return error.code;
		throw error;
	}
};

const replaced = (files: LawFiles, role: LawRole, change: (bytes: Uint8Array) => Uint8Array): LawFiles => {
	const file = files.documents[role];
	if (file === undefined) throw new Error(`the law has no ${role}`);
	return { ...files, documents: { ...files.documents, [role]: { ...file, bytes: change(file.bytes) } } };
};

describe("verifyLaw", () => {
	it("accepts a complete, signed law and gives it one hash", () => {
		const law = verifyLaw(signedLaw(documents), trust, testCrypto);
		expect(law.policy.id).toBe("test-policy");
		expect(law.hash).toMatch(/^[0-9a-f]{64}$/);
		expect(verifyLaw(signedLaw({ ...documents, policy: policy([]) }), trust, testCrypto).hash).not.toBe(law.hash);
	});

	it.each(lawRoles)("refuses %s.json with any one byte changed", (role) => {
		const files = signedLaw(documents);
		const length = files.documents[role]?.bytes.length ?? 0;
		for (let at = 0; at < length; at += Math.ceil(length / 97)) {
			const code = codeOf(
				replaced(files, role, (bytes) => {
					const changed = Uint8Array.from(bytes);
					changed[at] = (changed[at] ?? 0) ^ 1;
					return changed;
				}),
			);
			expect(code).toBe("LAW_SIGNATURE");
		}
	});

	it("refuses a document that another role signed", () => {
		const files = signedLaw(documents);
		const bytes = files.documents.policy?.bytes ?? new Uint8Array();
		for (const [signer, key] of Object.entries(roleKeys)) {
			const policyFile = signFor("policy", bytes, [key]);
			expect(codeOf({ ...files, documents: { ...files.documents, policy: policyFile } })).toBe(
				signer === "policy" ? "accepted" : "LAW_SIGNATURE",
			);
		}
	});

	it("refuses a signature that the right key made for another kind of document", () => {
		const files = signedLaw(documents);
		const bytes = files.documents.policy?.bytes ?? new Uint8Array();
		const crossed = signFor("outlets", bytes, [roleKeys.policy]);
		expect(codeOf({ ...files, documents: { ...files.documents, policy: crossed } })).toBe("LAW_SIGNATURE");
	});

	it("refuses a document without a signature file, and a law without a document", () => {
		const files = signedLaw(documents);
		const bytes = files.documents.policy?.bytes ?? new Uint8Array();
		expect(codeOf({ ...files, documents: { ...files.documents, policy: { bytes, signatures: undefined } } })).toBe("LAW_SIGNATURE");
		const { policy: _gone, ...rest } = files.documents;
		expect(codeOf({ ...files, documents: rest })).toBe("LAW_MISSING");
	});

	it("counts distinct keys towards a threshold", () => {
		const second = testKey(9);
		const root = rootDocument((document) => {
			const keys = document.keys as Record<string, unknown>;
			keys[second.keyId] = { ed25519: second.ed25519 };
			// The same key under a second id must not count twice.
			keys["00000000000000aa"] = { ed25519: roleKeys.policy.ed25519 };
			(document.roles as Record<string, unknown>).policy = {
				keyIds: [roleKeys.policy.keyId, second.keyId, "00000000000000aa"],
				threshold: 2,
			};
		});
		const files = signedLaw(documents, root);
		const bytes = files.documents.policy?.bytes ?? new Uint8Array();
		const withKeys = (...keys: Parameters<typeof signFor>[2]): LawFiles => ({
			...files,
			documents: { ...files.documents, policy: signFor("policy", bytes, keys) },
		});
		expect(codeOf(withKeys(roleKeys.policy))).toBe("LAW_SIGNATURE");
		expect(codeOf(withKeys(roleKeys.policy, roleKeys.policy))).toBe("LAW_SIGNATURE");
		expect(codeOf(withKeys(roleKeys.policy, { ...roleKeys.policy, keyId: "00000000000000aa" }))).toBe("LAW_SIGNATURE");
		expect(codeOf(withKeys(roleKeys.policy, second))).toBe("accepted");
	});

	it("refuses a root that is not the pinned one, or that its own keys did not sign", () => {
		const files = signedLaw(documents);
		const pinned = Buffer.from(testCrypto.sha256(files.root.bytes)).toString("hex");
		expect(codeOf(files, { ...trust, rootSha256: pinned })).toBe("accepted");
		expect(codeOf(files, { ...trust, rootSha256: "0".repeat(64) })).toBe("LAW_SIGNATURE");
		expect(codeOf({ ...files, root: signFor("root", files.root.bytes, [roleKeys.policy]) })).toBe("LAW_SIGNATURE");
	});

	it("refuses a document older than one that was obeyed before", () => {
		const files = signedLaw({ ...documents, policy: policy([], { version: 7 }) });
		expect(codeOf(files, { ...trust, floors: { policy: 7 } })).toBe("accepted");
		expect(codeOf(files, { ...trust, floors: { policy: 8 } })).toBe("LAW_ROLLBACK");
	});

	it("refuses an unknown key in a document and names its path", () => {
		const files = signedLaw({ ...documents, policy: { ...policy([rule("a")]), release: [{ ...rule("a"), level: "general" }] } });
		expect(() => verifyLaw(files, trust, testCrypto)).toThrow(/release\.0\.level/);
	});

	it("refuses a policy that was written for another catalogue", () => {
		expect(codeOf(signedLaw({ ...documents, policy: policy([], { catalogue: "eu" }) }))).toBe("LAW_INVALID");
	});

	it("refuses a consent without an end, or with too long a term", () => {
		const consent = {
			subjectPseudonym: "somebody-1",
			categoryId: "status",
			purpose: "fleet-health",
			noticeHash: "0".repeat(64),
			grantedAt: "2026-01-01T00:00:00Z",
			channel: "test",
		};
		const withConsent = (extra: object) =>
			codeOf(signedLaw({ ...documents, consents: { ...documents.consents, consents: [{ ...consent, ...extra }] } }));
		expect(withConsent({ notAfter: "2026-06-29T00:00:00Z" })).toBe("accepted");
		expect(withConsent({})).toBe("LAW_INVALID");
		expect(withConsent({ notAfter: "permanent" })).toBe("LAW_INVALID");
		expect(withConsent({ notAfter: "2027-01-01T00:00:00Z" })).toBe("LAW_INVALID");
		expect(withConsent({ notAfter: "2025-12-31T00:00:00Z" })).toBe("LAW_INVALID");
	});
});
