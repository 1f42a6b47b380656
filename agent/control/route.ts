/**
 * What a route of the control API is. The server knows no route by itself: whoever composes the agent hands in the table.
 */

export interface ControlRequest {
	/** Query parameters, decoded. */
	readonly query: URLSearchParams;
	/** A header by its lower-case name. */
	header(name: string): string | undefined;
	/** Pieces of the body, borrowed until the next is asked for. Throws when the client is gone, or when the body is longer than the route allows. */
	readonly body: AsyncIterable<Uint8Array>;
	/** Aborts when the server closes or the client is gone. */
	readonly signal: AbortSignal;
}

export interface ControlReply {
	readonly status: number;
	/** Default: application/json. */
	readonly contentType?: string;
	/** Text is sent as it is, anything else as JSON. */
	readonly body: unknown;
	/** What the act was done to, for the ledger: printable, no value that was sensed, no person. Absent: the agent. */
	readonly object?: string;
	/** Runs once the client has the answer: what ends the process must not cut off its own reply. */
	readonly afterwards?: () => void;
}

export interface Route {
	readonly method: "GET" | "POST" | "PUT" | "DELETE";
	/** Compared whole; no patterns. */
	readonly path: string;
	/** The name under which each request is reported as an act. Absent for reading a status, and for readings, which the ledger counts by batch. */
	readonly act?: string;
	/** The longest body in bytes; default 64 KiB. Infinity only where `handle` bounds the body itself. */
	readonly maxBodyBytes?: number;
	/** May throw KerbError: USAGE becomes 400, CONTROL_UNAVAILABLE 503, anything else 500 with nothing but its code. */
	handle(request: ControlRequest): Promise<ControlReply> | ControlReply;
}

/** The body of every answer that is not what was asked for. */
export const errorReply = (status: number, code: string, message: string, more: object = {}): ControlReply => ({
	status,
	body: { error: { code, message }, ...more },
});
