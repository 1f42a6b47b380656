/**
 * socket: readings that other programs hand in over the control socket (`POST /readings`), as NDJSON or as a CBOR sequence.
 *
 * A client is told `accepted` only when every reading of its body is decided and, where it is to leave, durable: what it was told survives
 * kill -9. Readings are passed on while the body still comes, so a body that is cut off in the middle has delivered its complete lines; a client
 * that sends an idempotency key can then send the same body again, and what was taken already is passed over. Keys live in memory: after a
 * restart of the agent such a retry counts as new.
 *
 * Refusals: line_invalid, line_overlong, reading_invalid, item_invalid, item_overlong, item_cut, cbor_invalid, body_cut, body_overlong.
 */
import * as v from "valibot";
import { KerbError } from "../../shared/errors.ts";
import type { Reading } from "../../shared/reading.ts";
import type { ReadingStamp } from "../formats/reading-json.ts";
import type { IngestRequest, IngestResult } from "../host/inlet.ts";
import { type BodyItem, bodyReader } from "./body-reader.ts";
import { HandOver } from "./hand-over.ts";
import { type Progress, RecentKeys } from "./recent-keys.ts";
import { defineSource, type SourceContext } from "./source.ts";

const options = v.strictObject({
	type: v.literal("socket"),
	/** The longest body of one request; a feed that never ends is sent as many requests. */
	maxBodyBytes: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(2 ** 40)), 64 * 1_048_576),
	/** The datum of a fix that names none. Whatever is not `unknown` is a promise about every client of this source. */
	defaultDatum: v.optional(v.picklist(["wgs84", "cgcs2000", "gcj02", "bd09", "local", "unknown"]), "unknown"),
});

type SocketOptions = v.InferOutput<typeof options>;

const maxRequests = 8;
const maxChunk = 4_096;

const resultOf = ({ accepted, rejected }: Progress): IngestResult => ({ accepted, rejected: { ...rejected } });

type Ending = "body_too_large" | "body_cut" | "stopping";

const isCode = (item: BodyItem): item is string => typeof item === "string";

class Ingest {
	readonly #options: SocketOptions;
	readonly #context: SourceContext;
	readonly #keys = new RecentKeys();
	readonly #active = new Set<IngestRequest>();
	readonly hand = new HandOver<readonly Reading[]>();

	constructor(chosen: SocketOptions, context: SourceContext) {
		this.#options = chosen;
		this.#context = context;
	}

	take(request: IngestRequest): boolean {
		if (this.#context.signal.aborted || this.#active.size >= maxRequests) return false;
		this.#active.add(request);
		void this.#serve(request).finally(() => this.#active.delete(request));
		return true;
	}

	/** Ends everything that is under way; clients are told that they have to try again. */
	stop(): void {
		this.hand.close();
		for (const request of this.#active) request.fail("stopping");
	}

	async #serve(request: IngestRequest): Promise<void> {
		const progress = this.#keys.begin(request.idempotencyKey);
		if (progress === undefined) return request.fail("key_in_use");
		try {
			const failure = await this.#read(request, progress);
			if (failure !== "body_cut") await this.#context.settled();
			if (failure === undefined) request.finish(resultOf(progress));
			else if (failure === "body_too_large") request.fail(failure, resultOf(progress));
			else request.fail("stopping");
		} catch {
			request.fail("stopping");
		} finally {
			progress.busy = false;
		}
	}

	async #read(request: IngestRequest, progress: Progress): Promise<Ending | undefined> {
		const reader = await bodyReader(request.type);
		let bytes = 0;
		let overlong = 0;
		let known = progress.items;
		const pass = async (items: readonly BodyItem[]): Promise<boolean> => {
			this.#reject("line_overlong", reader.overlong() - overlong);
			overlong = reader.overlong();
			const fresh = items.slice(Math.min(items.length, known));
			known -= items.length - fresh.length;
			return await this.#pass(fresh, progress);
		};
		try {
			for await (const piece of request.body) {
				bytes += piece.length;
				if (bytes > this.#options.maxBodyBytes) {
					this.#reject("body_overlong", 1);
					return "body_too_large";
				}
				if (!(await pass(reader.push(piece, this.#stamp())))) return "stopping";
			}
		} catch {
			if (!this.#context.signal.aborted) this.#reject("body_cut", 1);
			return "body_cut";
		}
		if (!(await pass(reader.end(this.#stamp())))) return "stopping";
		if (overlong > 0) progress.rejected.line_overlong = overlong;
		return undefined;
	}

	/** False when nobody takes readings any more; what was passed on up to there is in `progress`. */
	async #pass(items: readonly BodyItem[], progress: Progress): Promise<boolean> {
		for (let start = 0; start < items.length; start += maxChunk) {
			const part = items.slice(start, start + maxChunk);
			const readings = part.filter((item) => typeof item !== "string");
			if (readings.length > 0 && !(await this.hand.give(readings))) return false;
			progress.items += part.length;
			progress.accepted += readings.length;
			for (const [code, group] of Map.groupBy(part.filter(isCode), (code) => code)) {
				progress.rejected[code] = (progress.rejected[code] ?? 0) + group.length;
				this.#reject(code, group.length);
			}
		}
		return true;
	}

	#reject(code: string, count: number): void {
		if (count > 0) this.#context.reject(code, count);
	}

	#stamp(): ReadingStamp {
		const context = this.#context;
		return {
			sourceId: context.sourceId,
			nowMs: context.nowMs(),
			bootMs: context.bootMs(),
			defaultDatum: this.#options.defaultDatum,
		};
	}
}

async function* open(chosen: SocketOptions, context: SourceContext): AsyncGenerator<readonly Reading[]> {
	const { inlet, signal } = context;
	if (inlet === undefined) {
		throw new KerbError(
			"SOURCE_UNAVAILABLE",
			`source "${context.sourceId}" takes readings from the control socket, but this agent has none; run it with a control socket`,
		);
	}
	if (signal.aborted) return;
	const ingest = new Ingest(chosen, context);
	const stop = (): void => ingest.stop();
	signal.addEventListener("abort", stop, { once: true });
	const detach = inlet.attach((request) => ingest.take(request));
	context.note({ event: "source_opened", detail: "takes readings on the control socket" });
	try {
		yield* ingest.hand.chunks();
	} finally {
		detach();
		signal.removeEventListener("abort", stop);
		ingest.stop();
	}
}

export default defineSource({ kind: "socket", options, open });
