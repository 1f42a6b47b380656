/**
 * Opens the way to an outlet, or refuses: resolve, judge every address, connect to a judged one, judge the connected peer, then TLS.
 */

import { KerbError } from "../../shared/errors.ts";
import type { Link, LinkCredentials, Links } from "../host/links.ts";
import { endpointOf, type GuardedOutlet, judgeAddress } from "./guard.ts";

export interface OpenLinkOptions {
	readonly outlet: GuardedOutlet;
	readonly links: Links;
	/** Asked at every connect; undefined when the configuration has none for this outlet. @throws KerbError when they cannot be read. */
	readonly credentials: () => LinkCredentials | undefined;
	/** Told of every TCP connection as soon as it stands, so that none goes unaccounted even when it is refused a moment later. */
	readonly onLink: (link: Link) => void;
}

const refused = (outlet: GuardedOutlet, reason: string, cause?: unknown): KerbError =>
	new KerbError("OUTLET_REFUSED", `outlet ${outlet.id} was refused (${reason}); nothing was sent`, { cause, problems: [reason] });

/** More answers than this are not a server but an attack on our patience. */
const maxCandidates = 16;

/**
 * A link to the outlet's server that may be written to.
 *
 * @throws KerbError OUTLET_REFUSED when the law or the server's proof of itself stands against it, LINK_FAILED when the way is broken;
 * `problems[0]` is a short code.
 */
export const openLink = async ({ outlet, links, credentials, onLink }: OpenLinkOptions, signal: AbortSignal): Promise<Link> => {
	const endpoint = endpointOf(outlet);
	const proof = endpoint.tls ? credentials() : undefined;
	if (endpoint.tls && proof === undefined) throw refused(outlet, "no-credentials");

	const found = (await links.resolve(endpoint.host, signal)).slice(0, maxCandidates);
	const verdicts = found.map((address) => judgeAddress(outlet, address));
	const allowed = found.filter((_, index) => verdicts[index] === "ok");
	if (allowed.length === 0) throw refused(outlet, verdicts[0] ?? "no-address");

	let failure: unknown;
	for (const address of allowed) {
		try {
			const link = await links.connect(address, endpoint.port, signal);
			onLink(link);
			const verdict = judgeAddress(outlet, link.remoteAddress);
			if (verdict !== "ok") {
				link.stream.destroy();
				throw refused(outlet, `peer-${verdict}`);
			}
			return proof === undefined ? link : await links.secure(link, endpoint.host, proof, signal);
		} catch (error) {
			// A refusal is final: another address of the same name is not asked to vouch for a server that could not.
			if (signal.aborted || !(error instanceof KerbError) || error.code !== "LINK_FAILED") throw error;
			failure = error;
		}
	}
	throw failure;
};
