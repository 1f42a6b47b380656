/**
 * The egress guard: whether a connection may be made, judged from the signed outlet alone (invariant 1; regulations V-13, C-12, G-20). Pure.
 */
import { contains, isLoopback, parseAddress, parseCidr } from "../../shared/cidr.ts";
import { KerbError } from "../../shared/errors.ts";
import type { Outlet } from "../../shared/outlet.ts";

/** What of an outlet the guard judges by. */
export type GuardedOutlet = Pick<Outlet, "id" | "url" | "addressRanges">;

export type AddressRefusal = "not-an-address" | "address-outside-ranges" | "plain-not-loopback";

export interface Endpoint {
	/** A name, or a literal address without brackets. */
	readonly host: string;
	readonly port: number;
	readonly tls: boolean;
}

/**
 * The host, port and protocol of an outlet. The ports are those registered for MQTT where the url names none.
 *
 * @throws KerbError OUTLET_REFUSED when the url is none of mqtts:// and mqtt://.
 */
export const endpointOf = ({ id, url }: Pick<Outlet, "id" | "url">): Endpoint => {
	const parsed = URL.canParse(url) ? new URL(url) : undefined;
	const tls = parsed?.protocol === "mqtts:";
	if (parsed === undefined || parsed.hostname === "" || (!tls && parsed.protocol !== "mqtt:")) {
		throw new KerbError("OUTLET_REFUSED", `the url of outlet ${id} must be mqtts://host:port; correct the signed outlets`, {
			problems: ["url"],
		});
	}
	const port = parsed.port === "" ? (tls ? 8883 : 1883) : Number(parsed.port);
	return { host: parsed.hostname.replace(/^\[(.*)\]$/, "$1"), port, tls };
};

/** A range that cannot be read holds no address: the law's check refuses it, and should it come this far it opens nothing. */
const holds = (range: string, address: ReturnType<typeof parseAddress>): boolean => {
	try {
		return address !== undefined && contains(parseCidr(range), address);
	} catch {
		return false;
	}
};

/**
 * Whether the outlet may be reached at this address: inside one of its ranges and, without TLS, on this machine. "ok", or why not.
 */
export const judgeAddress = (outlet: GuardedOutlet, address: string): "ok" | AddressRefusal => {
	const parsed = parseAddress(address);
	if (parsed === undefined) return "not-an-address";
	if (!outlet.addressRanges.some((range) => holds(range, parsed))) return "address-outside-ranges";
	return endpointOf(outlet).tls || isLoopback(parsed) ? "ok" : "plain-not-loopback";
};
