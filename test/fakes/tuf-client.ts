/** The library's own TUF client over HTTP, with a trust store of its own that lasts from look to look. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Updater } from "tuf-js";

export interface TufClient {
	/** Takes what is published now and returns the text of a target; undefined when there is no such target. Rejects what TUF rejects. */
	fetch(url: string, target: string): Promise<string | undefined>;
	/** The version of the snapshot that it trusts. */
	snapshotVersion(): Promise<number>;
	remove(): Promise<void>;
}

/** `root`: the bytes of the root that it is provisioned with. */
export const makeTufClient = async (root: Uint8Array): Promise<TufClient> => {
	const folder = await mkdtemp(join(tmpdir(), "kerbstone-tuf-client-"));
	const [metadataDir, targetDir] = [join(folder, "metadata"), join(folder, "targets")];
	await mkdir(metadataDir);
	await mkdir(targetDir);
	await writeFile(join(metadataDir, "root.json"), root);
	return {
		async fetch(url, target) {
			const updater = new Updater({
				metadataDir,
				targetDir,
				metadataBaseUrl: `${url}/metadata`,
				targetBaseUrl: `${url}/targets`,
				config: { fetchRetry: 0, fetchTimeout: 10_000 },
			});
			await updater.refresh();
			const info = await updater.getTargetInfo(target);
			if (info === undefined) return undefined;
			return readFile(await updater.downloadTarget(info, join(targetDir, "taken"), undefined), "utf8");
		},
		snapshotVersion: async () => JSON.parse(await readFile(join(metadataDir, "snapshot.json"), "utf8")).signed.version,
		remove: () => rm(folder, { recursive: true, force: true }),
	};
};
