/**
 * One bag through the stages of a unit: known messages of topics that stand for a path become readings, and what is released is written as the same schema on the
 * same topic at the same time. Everything else stays out.
 */
import { isKerbError, KerbError } from "../../shared/errors.ts";
import type { Law } from "../../shared/law.ts";
import type { Reading } from "../../shared/reading.ts";
import type { KerbRecord } from "../../shared/record.ts";
import { bootMs, utcMs } from "../../shared/units.ts";
import type { Batch } from "../pipeline.ts";
import type { TallyLine } from "../tally.ts";
import type { BagCodec, BagContent } from "./bag-codec.ts";
import { bagCodecs } from "./bag-codecs.ts";
import { createGround } from "./bag-ground.ts";
import { type BagJudge, createBagJudge } from "./bag-law.ts";
import { type BagItem, readBag } from "./bag-reader.ts";
import { createBagRedactor, type OpenDetectors } from "./bag-redactor.ts";
import { type BagTopic, count, createTopic, kindOfTopicPath } from "./bag-topics.ts";
import { type BagWriter, createBag } from "./bag-writer.ts";

export interface BagRequest {
	readonly input: string;
	/** Must not be there yet. Stays away when nothing leaves. */
	readonly output: string;
	/** Of one outlet; see `narrowLaw`. */
	readonly law: Law;
	/** By topic. */
	readonly paths: ReadonlyMap<string, string>;
	readonly openDetectors: OpenDetectors;
	readonly nowMs: () => number;
	readonly signal: AbortSignal;
	/** Called now and then. */
	readonly progress: (messages: number) => void;
	/** Hears of each picture that is written: the JSON text of its account. */
	readonly onPicture: (topic: string, logTimeNs: bigint, account: string) => Promise<void>;
}

export interface BagResult {
	/** In the order in which they were met; those that were asked for and are not in the bag come last. */
	readonly topics: readonly BagTopic[];
	readonly attachments: number;
	readonly metadata: number;
	/** What kept detectors from being opened, for a person. */
	readonly problems: readonly string[];
	/** True when there is an output. */
	readonly isWritten: boolean;
}

interface Channel {
	readonly topic: BagTopic;
	/** Undefined: its messages stay out. */
	readonly codec: BagCodec | undefined;
}

interface Released {
	readonly topic: BagTopic;
	readonly route: Batch["route"];
	readonly record: KerbRecord;
}

/** ROS has 31 bits for seconds. */
const maxLogTimeNs = 2n ** 31n * 1_000_000_000n;
const nsPerMs = 1_000_000n;
/** Times that are remembered per topic to the nanosecond; what is held back longer is written to the millisecond. */
const maxTimes = 4_096;
const maxTopics = 10_000;
const progressEvery = 256;

/**
 * @throws KerbError FORMAT_INVALID, SOURCE_UNAVAILABLE, LAW_INVALID, TREATMENT_INVALID; USAGE when readings of a topic would leave twice. There is no output then.
 */
export const redactBag = async (request: BagRequest): Promise<BagResult> => {
	const run = new BagRun(request);
	try {
		return await run.run();
	} finally {
		await run.close();
	}
};

class BagRun {
	readonly #request: BagRequest;
	readonly #judge: BagJudge;
	readonly #redactor: ReturnType<typeof createBagRedactor>;
	readonly #ground = createGround();
	readonly #topics = new Map<string, BagTopic>();
	/** By the source's id. */
	readonly #sources = new Map<string, { readonly topic: BagTopic; readonly codec: BagCodec; readonly times: Map<number, bigint> }>();
	readonly #channels = new Map<number, Channel>();
	readonly #ready: Released[] = [];
	/** The purpose that a topic leaves for. */
	readonly #purposes = new Map<BagTopic, string>();
	#current: BagTopic | undefined;
	/** Pictures that were counted by why they were refused, and not yet as withheld. */
	#refused = 0;
	#writer: BagWriter | undefined;
	#profile = "";
	#attachments = 0;
	#metadata = 0;
	#firstNs: bigint | undefined;

	constructor(request: BagRequest) {
		this.#request = request;
		this.#redactor = createBagRedactor(request.openDetectors);
		this.#judge = createBagJudge({
			...{ law: request.law, nowMs: request.nowMs, redactor: this.#redactor },
			onRefusal: (code) => {
				if (this.#current === undefined) return;
				count(this.#current, code);
				this.#refused += 1;
			},
			commit: (batches, lines) => this.#commit(batches, lines),
		});
	}

	async run(): Promise<BagResult> {
		let messages = 0;
		for await (const item of readBag(this.#request.input)) {
			if (this.#request.signal.aborted) throw new KerbError("SOURCE_UNAVAILABLE", "stopped before the end of the bag; nothing was written");
			if (item.kind === "message" && messages++ % progressEvery === 0) this.#request.progress(messages);
			await this.#take(item);
		}
		this.#judge.settle();
		this.#judge.close();
		await this.#write();
		for (const [topic, path] of this.#request.paths) {
			if (!this.#topics.has(topic)) this.#topics.set(topic, { ...createTopic(topic, path), note: "it is not in the bag" });
		}
		await this.#writer?.finish();
		return {
			...{ topics: [...this.#topics.values()], attachments: this.#attachments, metadata: this.#metadata },
			...{ problems: [...this.#redactor.problems], isWritten: this.#writer !== undefined },
		};
	}

	async close(): Promise<void> {
		await this.#writer?.discard();
		await this.#redactor.close();
	}

	async #take(item: BagItem): Promise<void> {
		switch (item.kind) {
			case "header":
				this.#profile = item.profile === "ros2" ? "ros2" : "";
				return;
			case "attachment":
				this.#attachments += 1;
				return;
			case "metadata":
				this.#metadata += 1;
				return;
			case "channel":
				if (!this.#channels.has(item.id)) this.#channels.set(item.id, this.#channelOf(item));
				return;
			case "message": {
				const channel = this.#channels.get(item.channelId);
				if (channel === undefined) throw new KerbError("FORMAT_INVALID", `${this.#request.input}: a message has no channel`);
				channel.topic.in += 1;
				if (channel.codec !== undefined) await this.#takeMessage(channel.topic, channel.codec, item);
			}
		}
	}

	#channelOf({ topic: name, encoding, schema }: Extract<BagItem, { readonly kind: "channel" }>): Channel {
		const path = this.#request.paths.get(name);
		const topic = this.#topics.get(name) ?? createTopic(name, path);
		if (this.#topics.size >= maxTopics)
			throw new KerbError("FORMAT_INVALID", `${this.#request.input}: it has more than ${maxTopics} topics`);
		this.#topics.set(name, topic);
		topic.schemas.add(schema?.name ?? "");
		const codec = bagCodecs.get(schema?.name ?? "");
		if (codec === undefined || schema === undefined || codec.messageEncoding !== encoding || codec.schema.encoding !== schema.encoding) {
			topic.note ??= "nothing here reads messages of its schema";
			return { topic, codec: undefined };
		}
		if (path === undefined) {
			topic.note ??= "no --topic says what it stands for";
			return { topic, codec: undefined };
		}
		if (codec.kind !== kindOfTopicPath(path)) {
			topic.note ??= `its schema has no messages for ${path}`;
			return { topic, codec: undefined };
		}
		if (!codec.fits(schema.data)) {
			throw new KerbError(
				"FORMAT_INVALID",
				`${this.#request.input}: a schema has the name ${codec.schema.name}, and defines something else`,
			);
		}
		return { topic, codec };
	}

	async #takeMessage(topic: BagTopic, codec: BagCodec, { logTimeNs, data }: Extract<BagItem, { readonly kind: "message" }>): Promise<void> {
		this.#current = topic;
		const content = logTimeNs < maxLogTimeNs ? readSafely(codec, data) : "unreadable";
		if (typeof content === "string") {
			count(topic, content);
			return;
		}
		const reading = this.#readingOf(topic, codec, content, logTimeNs);
		if (topic.tag === undefined) this.#meet(topic, reading);
		this.#judge.accept(reading);
		await this.#redactor.settled();
		this.#judge.settle();
		await this.#write();
	}

	#readingOf(topic: BagTopic, codec: BagCodec, content: BagContent, logTimeNs: bigint): Reading {
		this.#firstNs ??= logTimeNs;
		const sourceId = `${topic.topic}\n${codec.schema.name}`;
		const source = this.#sources.get(sourceId) ?? { topic, codec, times: new Map<number, bigint>() };
		this.#sources.set(sourceId, source);
		const takenAtMs = utcMs(Number(logTimeNs / nsPerMs));
		source.times.set(takenAtMs, logTimeNs);
		if (source.times.size > maxTimes)
			for (const oldest of source.times.keys()) {
				source.times.delete(oldest);
				break;
			}
		topic.sequence += 1;
		const sensed = { sourceId, takenAtMs, bootMs: bootMs(Math.max(0, Number(logTimeNs - this.#firstNs) / 1e6)) };
		const path = topic.path ?? "";
		switch (content.kind) {
			case "frame":
				return { ...sensed, ...content, path, zone: path.startsWith("Camera.Cabin.") ? "cabin" : "exterior", sequence: topic.sequence };
			case "cloud":
				return { ...sensed, ...content, path };
			case "fix": {
				const { latDeg, lonDeg, altitudeM, accuracyM } = content;
				return {
					...{ ...sensed, kind: "fix", latDeg, lonDeg, datum: "wgs84", mode: altitudeM === undefined ? 2 : 3 },
					...(altitudeM === undefined ? undefined : { altitudeM }),
					...(accuracyM === undefined ? undefined : { accuracyM }),
				};
			}
		}
	}

	/** The first reading of a topic. */
	#meet(topic: BagTopic, reading: Reading): void {
		const { tagger, plan } = this.#judge.regime;
		const tagged: Parameters<typeof tagger.tag>[1] = [];
		tagger.tag(reading, tagged);
		topic.tag = tagged[0]?.tag;
		const purposes = new Set(tagged.flatMap(({ tag }) => plan.decisionFor(tag).routes.map(({ purpose }) => purpose)));
		if (purposes.size > 1) {
			throw new KerbError("USAGE", `--purpose is missing: messages for ${topic.path} leave for ${[...purposes].join(" and for ")}`);
		}
	}

	#commit(batches: readonly Batch[], lines: readonly TallyLine[]): void {
		for (const { sourceIds, route, records, shown } of batches) {
			const [sourceId = ""] = sourceIds;
			const topic = this.#sources.get(sourceId)?.topic;
			if (topic === undefined) continue;
			for (const [at, record] of records.entries()) {
				if (shown === undefined || this.#ground.admits(shown[at])) this.#ready.push({ topic, route, record });
				else count(topic, "area-limit");
			}
		}
		for (const { categoryId, reason, count: by } of lines) {
			if (reason === "released" || reason === "held-back") continue;
			const isOf = (topic: BagTopic | undefined): boolean => topic?.tag?.categoryId === categoryId;
			const topic = isOf(this.#current) ? this.#current : [...this.#topics.values()].find(isOf);
			const told = reason === "withheld-by-treatment" && topic === this.#current ? Math.min(by, this.#refused) : 0;
			this.#refused -= told;
			if (topic !== undefined && by > told) count(topic, reason, by - told);
		}
	}

	async #write(): Promise<void> {
		for (const { topic, route, record } of this.#ready.splice(0)) {
			const source = [...this.#sources.values()].find((each) => each.topic === topic && each.codec.kind === record.kind);
			const purpose = this.#purposes.get(topic) ?? route.purpose;
			this.#purposes.set(topic, purpose);
			if (purpose !== route.purpose) {
				count(topic, "other-purpose");
				continue;
			}
			const logTimeNs = source?.times.get(record.takenAtMs) ?? BigInt(Math.round(record.takenAtMs)) * nsPerMs;
			const data = source?.codec.write(record, { logTimeNs, frameId: topic.path ?? "" });
			if (source === undefined || data === undefined) {
				count(topic, "not-in-this-schema");
				continue;
			}
			this.#writer ??= await createBag(this.#request.output, this.#profile);
			await this.#writer.write(topic.topic, source.codec, logTimeNs, data);
			topic.out += 1;
			if (route.transforms.length > 0) topic.redacted += 1;
			if (record.kind === "frame") await this.#request.onPicture(topic.topic, logTimeNs, record.redaction);
		}
	}
}

const readSafely = (codec: BagCodec, data: Uint8Array): BagContent | "unreadable" | "nothing-in-it" => {
	try {
		return codec.read(data) ?? "nothing-in-it";
	} catch (error) {
		if (isKerbError(error, "FORMAT_INVALID")) return "unreadable";
		throw error;
	}
};
