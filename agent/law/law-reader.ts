/**
 * Where law comes from: something that holds the files of a repository. What they mean and whether they may be believed is not its business.
 */

export interface LawReader {
	/** Names the place for a person; no secret. */
	readonly name: string;
	/**
	 * A file of the repository by its path, such as `metadata/timestamp.json`; owned by the caller. Undefined when the place answers that it
	 * has no such file.
	 *
	 * @throws KerbError LAW_UNAVAILABLE when the place cannot be reached, LAW_INVALID when the file is longer than `maxBytes`.
	 */
	read(path: string, maxBytes: number): Promise<Uint8Array | undefined>;
}
