/**
 * Law over MQTT, for a unit that has nothing else: each file of the repository is one retained message (shared/topics.ts). Who retains them
 * need not be trusted, as with any place that law comes from.
 */
import { lawFileTopic } from "../../shared/topics.ts";
import type { LawReader } from "./law-reader.ts";

/** What is needed of a connection to a broker; it stands behind the guard of an outlet. */
export interface RetainedPort {
	/**
	 * The retained message of a topic, owned by the caller; undefined when the broker has shown none for a while: it never says that there is
	 * none.
	 *
	 * @throws KerbError LAW_UNAVAILABLE when there is no connection, LAW_INVALID when the message is longer than `maxBytes`.
	 */
	readRetained(topic: string, maxBytes: number): Promise<Uint8Array | undefined>;
}

/** @param repository The id under which the law is retained. */
export const mqttReader = (port: RetainedPort, repository: string): LawReader => ({
	name: `the law "${repository}" on MQTT`,
	read: (path, maxBytes) => port.readRetained(lawFileTopic(repository, path), maxBytes),
});
