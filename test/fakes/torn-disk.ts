/**
 * A disk in memory on which the power can be cut before any call, and which then forgets what was not made durable: bytes that were not
 * synced, and names (new, renamed, removed) whose folder was not synced. A real disk may keep any of that by chance, so a cut has several
 * outcomes; `survivors` lists them.
 */
import { dirname } from "node:path";
import type { DiskCalls } from "../../agent/host/disk.ts";

interface Inode {
	bytes: Uint8Array;
	synced: Uint8Array;
}

export class PowerCut extends Error {
	override readonly name = "PowerCut";
}

const systemError = (code: string): Error => Object.assign(new Error(code), { code });

export class TornDisk implements DiskCalls {
	#names = new Map<string, Inode>();
	#durableNames = new Map<string, Inode>();
	readonly #handles = new Map<number, Inode>();
	#nextHandle = 1;
	/** Calls made so far. */
	calls = 0;
	/** The power goes before this call (counted from 0) and stays away. */
	cutBefore = Number.POSITIVE_INFINITY;

	static of(files: ReadonlyMap<string, Uint8Array>): TornDisk {
		const disk = new TornDisk();
		for (const [path, bytes] of files) disk.#names.set(path, { bytes, synced: bytes });
		disk.#durableNames = new Map(disk.#names);
		return disk;
	}

	create(path: string): number {
		this.#step();
		if (this.#names.has(path)) throw systemError("EEXIST");
		const inode = { bytes: new Uint8Array(0), synced: new Uint8Array(0) };
		this.#names.set(path, inode);
		this.#handles.set(this.#nextHandle, inode);
		return this.#nextHandle++;
	}

	write(handle: number, bytes: Uint8Array): void {
		this.#step();
		const inode = this.#inode(handle);
		inode.bytes = Uint8Array.from([...inode.bytes, ...bytes]);
	}

	sync(handle: number): void {
		this.#step();
		const inode = this.#inode(handle);
		inode.synced = inode.bytes;
	}

	close(handle: number): void {
		this.#step();
		this.#handles.delete(handle);
	}

	rename(from: string, to: string): void {
		this.#step();
		const inode = this.#names.get(from);
		if (inode === undefined) throw systemError("ENOENT");
		this.#names.delete(from);
		this.#names.set(to, inode);
	}

	remove(path: string): void {
		this.#step();
		if (!this.#names.delete(path)) throw systemError("ENOENT");
	}

	removeAll(path: string): void {
		this.#step();
		this.#names.delete(path);
	}

	syncFolder(path: string): void {
		this.#step();
		for (const name of new Set([...this.#names.keys(), ...this.#durableNames.keys()])) {
			if (dirname(name) !== path) continue;
			const inode = this.#names.get(name);
			if (inode) this.#durableNames.set(name, inode);
			else this.#durableNames.delete(name);
		}
	}

	read(path: string, maxBytes: number): Uint8Array {
		this.#step();
		const inode = this.#names.get(path);
		if (inode === undefined) throw systemError("ENOENT");
		return inode.bytes.slice(0, maxBytes);
	}

	/** The files after the power is back, one map per way in which it can have gone. */
	survivors(): Map<string, Uint8Array>[] {
		const keeps: ((inode: Inode) => Uint8Array)[] = [
			({ synced }) => synced,
			({ bytes }) => bytes,
			({ synced, bytes }) => (synced === bytes ? bytes : bytes.slice(0, bytes.length >> 1)),
			({ synced, bytes }) => (synced === bytes ? bytes : new Uint8Array(bytes.length)),
		];
		return [this.#names, this.#durableNames].flatMap((names) =>
			keeps.map((keep) => new Map([...names].map(([path, inode]) => [path, keep(inode)] as const))),
		);
	}

	#step(): void {
		if (this.calls >= this.cutBefore) throw new PowerCut("the power is gone");
		this.calls++;
	}

	#inode(handle: number): Inode {
		const inode = this.#handles.get(handle);
		if (inode === undefined) throw systemError("EBADF");
		return inode;
	}
}
