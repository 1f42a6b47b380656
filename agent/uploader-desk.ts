/**
 * One uploader for each outlet that the law in force names, also when the law changes: an outlet that is gone or described otherwise loses its
 * uploader at once, and gets another when the old one has let go.
 */
import type { Outlet } from "../shared/outlet.ts";
import type { Uploader } from "./upload/uploader.ts";

export interface UploaderDesk {
	/** Those that run, by outlet; changes as the law does. */
	readonly running: ReadonlyMap<string, Uploader>;
	/** Begins with these outlets. `start` is called for each now, and for new ones later. */
	start(outlets: readonly Outlet[], start: (outlet: Outlet) => Uploader): void;
	/** Runs uploaders for exactly these outlets from now on; without effect before `start` and after `stop`. */
	follow(outlets: readonly Outlet[]): void;
	/** Resolves when no outlet has anything left to deliver. */
	drained(): Promise<void>;
	/** Stops all, waiting up to `drainMs` for what is in flight. Never rejects. */
	stop(options: { readonly drainMs: number }): Promise<void>;
}

export const createUploaderDesk = (): UploaderDesk => {
	const running = new Map<string, Uploader>();
	const known = new Map<string, string>();
	const leaving = new Map<string, Promise<void>>();
	let startOne: ((outlet: Outlet) => Uploader) | undefined;

	const begin = (outlet: Outlet): void => {
		// Another law may have come while the old uploader let go.
		if (startOne === undefined || running.has(outlet.id) || known.get(outlet.id) !== JSON.stringify(outlet)) return;
		running.set(outlet.id, startOne(outlet));
	};
	const dismiss = (id: string): void => {
		const uploader = running.get(id);
		known.delete(id);
		running.delete(id);
		if (uploader === undefined) return;
		const gone = uploader.stop({ drainMs: 0 }).finally(() => {
			if (leaving.get(id) === gone) leaving.delete(id);
		});
		leaving.set(id, gone);
	};
	const follow = (outlets: readonly Outlet[]): void => {
		if (startOne === undefined) return;
		for (const id of [...known.keys()]) {
			const next = outlets.find((outlet) => outlet.id === id);
			if (next === undefined || known.get(id) !== JSON.stringify(next)) dismiss(id);
		}
		for (const outlet of outlets) {
			known.set(outlet.id, JSON.stringify(outlet));
			const before = leaving.get(outlet.id);
			if (before === undefined) begin(outlet);
			else void before.then(() => begin(outlet));
		}
	};
	return {
		running,
		start(outlets, start) {
			startOne = start;
			follow(outlets);
		},
		follow,
		drained: async () => {
			await Promise.all([...running.values()].map((uploader) => uploader.drained()));
		},
		stop: async (options) => {
			startOne = undefined;
			await Promise.all([...[...running.values()].map((uploader) => uploader.stop(options)), ...leaving.values()]);
		},
	};
};
