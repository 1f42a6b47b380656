/**
 * `POST /readings?source=ID`: hands a body of readings to the socket source with that id, and answers what became of it.
 *
 *   curl --unix-socket DATA/control.sock -H 'content-type: application/x-ndjson' --data-binary @readings.ndjson 'http://kerb/readings?source=feed0'
 */
import { type IngestFailure, type IngestResult, type IngestType, type Inlet, ingestTypes } from "../host/inlet.ts";
import { type ControlReply, type ControlRequest, errorReply, type Route } from "./route.ts";

const failures: Readonly<Record<IngestFailure, { readonly status: number; readonly message: string }>> = {
	body_too_large: {
		status: 413,
		message: "the body is longer than this source allows; what came before is accepted; send the rest as further requests",
	},
	key_in_use: { status: 409, message: "a request with this idempotency key is being worked on; wait for its answer" },
	stopping: { status: 503, message: "the source stopped before the body was taken whole; send it again with the same idempotency key" },
};

const typeOf = (header: string | undefined): IngestType | undefined => {
	const name = header?.split(";", 1)[0]?.trim().toLowerCase();
	return ingestTypes.find((type) => type === name);
};

const findInlet = (inlets: ReadonlyMap<string, Inlet>, sourceId: string | null): Inlet | undefined => {
	if (sourceId !== null) return inlets.get(sourceId);
	const [only, ...others] = inlets.values();
	return others.length === 0 ? only : undefined;
};

/** A route over the inlets of all configured socket sources, by source id. With exactly one, `source` may be left out. */
export const readingsRoute = (inlets: ReadonlyMap<string, Inlet>): Route => ({
	method: "POST",
	path: "/readings",
	// Each source has a bound of its own and enforces it while the body comes.
	maxBodyBytes: Number.POSITIVE_INFINITY,
	handle(request) {
		const inlet = findInlet(inlets, request.query.get("source"));
		if (inlet === undefined) {
			const known = [...inlets.keys()].join(", ") || "none; add one of type socket to the configuration";
			return errorReply(404, "source_unknown", `expected ?source= with the id of a configured socket source (${known})`);
		}
		const type = typeOf(request.header("content-type"));
		if (type === undefined || (request.header("content-encoding") ?? "identity") !== "identity") {
			return errorReply(415, "type_unsupported", `expected content-type ${ingestTypes.join(" or ")} and no content-encoding`);
		}
		const key = request.header("idempotency-key");
		if (key !== undefined && !/^[\x21-\x7e]{1,128}$/.test(key)) {
			return errorReply(400, "key_invalid", "expected an idempotency-key of 1 to 128 printable ASCII characters without spaces");
		}
		return ingest(inlet, type, key, request);
	},
});

const ingest = (inlet: Inlet, type: IngestType, key: string | undefined, { body }: ControlRequest): Promise<ControlReply> =>
	new Promise((resolve) => {
		const offered = inlet.offer({
			type,
			body,
			...(key === undefined ? {} : { idempotencyKey: key }),
			finish: (result) => resolve({ status: 200, body: result }),
			fail: (code: IngestFailure, done?: IngestResult) => resolve(errorReply(failures[code].status, code, failures[code].message, done)),
		});
		if (offered === "busy")
			resolve(errorReply(503, "source_busy", "this source works on as many requests as it can; try again in a second"));
		if (offered === "absent") resolve(errorReply(503, "source_closed", "this source is not open now; see kerbstone status"));
	});
