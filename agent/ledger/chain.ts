/**
 * The chain of the ledger: each hash covers the one before it, so that nothing can be changed, taken out, put in or moved without every
 * later hash being wrong.
 *
 *   hash(i) = SHA-256( "kerbstone.ledger.entry.1\n" || hash(i-1) || bytes(i) )       hash(-1) = 32 zero bytes
 *
 * `bytes` are the entry's bytes as they were written, never re-encoded; the entry's own `seq` inside them is i, so that a shifted index shows.
 *
 * The chain is not signed: who can write to the file and to the device state can make another whole one. Checkpoints that are signed and
 * shipped away close that.
 */
import { createHash } from "node:crypto";

const domain = "kerbstone.ledger.entry.1\n";

/** What stands before the first entry. */
export const genesisHash: Uint8Array = new Uint8Array(32);

/** The hash of an entry after `previousHash` (32 bytes). Both arguments are borrowed. */
export const chainHash = (previousHash: Uint8Array, bytes: Uint8Array): Uint8Array =>
	createHash("sha256").update(domain).update(previousHash).update(bytes).digest();

/** Where a chain stands: it has `count` entries, and this is the hash of the last of them in hexadecimal. */
export interface LedgerHead {
	readonly count: number;
	readonly hash: string;
}
