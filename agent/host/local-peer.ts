/**
 * Whether an address is of this machine or of a network that the internet does not reach. What a source reads from a broker must come from there:
 * a connection that readings come in by must not be one that anything could go out by.
 */
import { contains, parseAddress, parseCidr } from "../../shared/cidr.ts";

/** Loopback (RFC 1122 3.2.1.3, RFC 4291 2.5.3), private (RFC 1918), unique local (RFC 4193), link-local (RFC 3927, RFC 4291 2.5.6). */
const localRanges = [
	"127.0.0.0/8",
	"10.0.0.0/8",
	"172.16.0.0/12",
	"192.168.0.0/16",
	"169.254.0.0/16",
	"::1/128",
	"fc00::/7",
	"fe80::/10",
].map(parseCidr);

/** True for a literal address in one of the ranges, with or without a zone (RFC 4007 section 11). What is no address is not local. */
export const isLocalAddress = (text: string): boolean => {
	const address = parseAddress(text.replace(/%[\w.-]{1,32}$/, ""));
	return address !== undefined && localRanges.some((range) => contains(range, address));
};
