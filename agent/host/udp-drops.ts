/**
 * How many datagrams the system dropped because a socket's buffer was full, from /proc/net/udp and /proc/net/udp6 (Linux, proc(5)): a loss that
 * no program hears of otherwise.
 */
import { readFileSync } from "node:fs";
import { isIPv6 } from "node:net";
import { endianness } from "node:os";
import { parseAddress } from "../../shared/cidr.ts";

/** An address as the table writes it: words of 32 bits in the order of the machine's bytes, then the port. */
export const tableAddress = (address: string, port: number): string | undefined => {
	const parsed = parseAddress(address.replace(/%.*$/, ""));
	if (parsed === undefined) return undefined;
	const words =
		parsed.bits
			.toString(16)
			.padStart(isIPv6(address) ? 32 : 8, "0")
			.match(/.{8}/g) ?? [];
	const ordered = endianness() === "LE" ? words.map((word) => (word.match(/../g) ?? []).reverse().join("")) : words;
	return `${ordered.join("")}:${port.toString(16).padStart(4, "0")}`.toUpperCase();
};

/** The sum of the last column over the lines of that local address. */
export const dropsIn = (table: string, local: string): number => {
	let drops = 0;
	for (const line of table.split("\n")) {
		const columns = line.trim().split(/\s+/);
		if (columns[1] !== local) continue;
		const count = Number(columns.at(-1));
		if (Number.isSafeInteger(count) && count > 0) drops += count;
	}
	return drops;
};

/** Datagrams dropped so far by all sockets on that address and port; 0 where the system does not say. */
export const countDrops = (address: string, port: number): number => {
	const local = tableAddress(address, port);
	if (local === undefined) return 0;
	try {
		return dropsIn(readFileSync(isIPv6(address) ? "/proc/net/udp6" : "/proc/net/udp", "latin1"), local);
	} catch {
		return 0;
	}
};
