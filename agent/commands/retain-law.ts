/**
 * Publishes a law folder as retained messages of a broker, for units that have MQTT alone, and the notice that makes units look.
 */
import { maxDocumentBytes } from "../../shared/law.ts";
import { lawFileFilter, lawFileTopic, lawNoticeTopic } from "../../shared/topics.ts";
import { systemClock } from "../host/clock.ts";
import { type LinkFiles, readLinkCredentials, systemLinks } from "../host/links.ts";
import { folderReader } from "../law/folder-reader.ts";
import { repositoryFiles } from "../law/repository-files.ts";
import { openLink } from "../upload/open-link.ts";
import { openRetainedWriter, type RetainedWriter, sha256Hex } from "../upload/retained-writer.ts";

export interface RetainOptions {
	readonly folder: string;
	readonly brokerUrl: string;
	/** TLS material, for `mqtts:`. */
	readonly files: LinkFiles;
	/** The id under which the law is retained. */
	readonly repository: string;
	/** The notice alone. */
	readonly noticeOnly: boolean;
	readonly signal: AbortSignal;
}

export interface RetainedLaw {
	/** Messages that are new or changed, the notice aside. */
	readonly written: number;
	/** Messages that nothing leads to any more. */
	readonly cleared: number;
}

const anywhere = ["0.0.0.0/0", "::/0"];

/**
 * Documents first, then metadata, the timestamp last, then the notice; what nothing leads to any more is cleared at the end, and a unit that
 * was reading it then hears the notice and looks again.
 *
 * @throws KerbError LAW_* for the folder, before anything is sent; LINK_FAILED, OUTLET_REFUSED or KEY_INVALID for the broker.
 */
export const retainLaw = async (options: RetainOptions): Promise<RetainedLaw> => {
	const { folder, brokerUrl, files, repository, noticeOnly } = options;
	const law = await repositoryFiles(folderReader(folder), maxDocumentBytes);
	const messages = new Map([...law.files].map(([path, bytes]) => [lawFileTopic(repository, path), bytes]));
	const signal = AbortSignal.any([options.signal, AbortSignal.timeout(20_000)]);
	const link = await openLink(
		{
			outlet: { id: "broker", url: brokerUrl, addressRanges: anywhere },
			links: systemLinks,
			credentials: () => readLinkCredentials(files),
			onLink: () => undefined,
		},
		signal,
	);
	const writer = await openRetainedWriter(link, `law-publish-${process.pid}`, systemClock);
	const { written, stale } = noticeOnly ? { written: 0, stale: [] } : await writeAll(writer, repository, messages);
	const notice = { repository, snapshotVersion: law.snapshotVersion };
	await writer.write(lawNoticeTopic, new TextEncoder().encode(JSON.stringify(notice)));
	for (const topic of stale) await writer.write(topic, new Uint8Array());
	await writer.end();
	return { written, cleared: stale.length };
};

const writeAll = async (writer: RetainedWriter, repository: string, messages: ReadonlyMap<string, Uint8Array>) => {
	const there = await writer.list(lawFileFilter(repository));
	let written = 0;
	for (const [topic, bytes] of messages) {
		if (there.get(topic) === sha256Hex(bytes)) continue;
		await writer.write(topic, bytes);
		written += 1;
	}
	return { written, stale: [...there.keys()].filter((topic) => !messages.has(topic)) };
};
