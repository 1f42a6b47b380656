/**
 * Messages of bags as readings and back: what is read here of each schema is all that can leave. Frames of reference, formats and stamps are written anew, so
 * nothing of the message that was not judged is in what is written.
 */
import type { PointCloud } from "../../shared/cloud.ts";
import { KerbError } from "../../shared/errors.ts";
import type { KerbRecord } from "../../shared/record.ts";
import { decodePcd } from "../formats/pcd.ts";
import { readPointCloud2, writePointCloud2 } from "../formats/point-cloud2.ts";
import { CdrReader, CdrWriter } from "./bag-cdr.ts";
import { rosMessages, rosText, saysTheSame } from "./bag-ros-schema.ts";

export interface BagFix {
	readonly latDeg: number;
	readonly lonDeg: number;
	readonly altitudeM: number | undefined;
	readonly accuracyM: number | undefined;
}

/** What a message says. Owned by the caller. */
export type BagContent =
	| { readonly kind: "frame"; readonly jpeg: Uint8Array }
	| { readonly kind: "cloud"; readonly cloud: PointCloud }
	| ({ readonly kind: "fix" } & BagFix);

export interface BagSchema {
	readonly name: string;
	readonly encoding: string;
	readonly data: Uint8Array;
}

/** What stands around the values of a message. */
export interface BagHead {
	readonly logTimeNs: bigint;
	/** The path that the topic stands for. */
	readonly frameId: string;
}

export interface BagCodec {
	readonly kind: BagContent["kind"];
	readonly messageEncoding: string;
	/** As it is written. */
	readonly schema: BagSchema;
	/** Whether a bag's schema of this name is ours. */
	fits(data: Uint8Array): boolean;
	/**
	 * Undefined: the message says nothing that can be used (a receiver without a fix, a picture that is no JPEG).
	 *
	 * @throws KerbError FORMAT_INVALID when it is damaged.
	 */
	read(message: Uint8Array): BagContent | undefined;
	/** Undefined: what is left of the reading cannot be said by this schema. */
	write(record: KerbRecord, head: BagHead): Uint8Array | undefined;
}

const maxJpegBytes = 64 * 1024 * 1024;

/** A copy: who reads a picture overwrites it. Undefined when it is no JPEG. */
export const ownJpeg = (data: Uint8Array): Uint8Array | undefined => {
	if (data.length > maxJpegBytes) throw new KerbError("FORMAT_INVALID", `a picture has more than ${maxJpegBytes} bytes`);
	return data[0] === 0xff && data[1] === 0xd8 ? new Uint8Array(data) : undefined;
};

const skipHeader = (reader: CdrReader): void => {
	reader.int32();
	reader.uint32();
	reader.skipText();
};

const writeHeader = (writer: CdrWriter, { logTimeNs, frameId }: BagHead): void => {
	writer.int32(Number(logTimeNs / 1_000_000_000n));
	writer.uint32(Number(logTimeNs % 1_000_000_000n));
	writer.text(frameId);
};

const rosCodec = (name: keyof typeof rosMessages, codec: Pick<BagCodec, "kind" | "read" | "write">): BagCodec => ({
	...codec,
	messageEncoding: "cdr",
	schema: { name: `sensor_msgs/msg/${name}`, encoding: "ros2msg", data: new TextEncoder().encode(rosText(rosMessages[name])) },
	fits: (data) => saysTheSame(data, rosMessages[name]),
});

export const compressedImage = rosCodec("CompressedImage", {
	kind: "frame",
	read: (message) => {
		const reader = new CdrReader(message);
		skipHeader(reader);
		reader.skipText();
		const jpeg = ownJpeg(reader.byteSequence());
		reader.end();
		return jpeg === undefined ? undefined : { kind: "frame", jpeg };
	},
	write: (record, head) => {
		if (record.kind !== "frame") return undefined;
		const writer = new CdrWriter(record.jpeg.length + 256);
		writeHeader(writer, head);
		writer.text("jpeg");
		writer.byteSequence(record.jpeg);
		return writer.bytes();
	},
});

export const navSatFix = rosCodec("NavSatFix", {
	kind: "fix",
	read: (message) => {
		const reader = new CdrReader(message);
		skipHeader(reader);
		const status = reader.int8();
		reader.uint16();
		const [latDeg, lonDeg, altitudeM] = [reader.float64(), reader.float64(), reader.float64()];
		const covariance = Array.from({ length: 9 }, () => reader.float64());
		const isKnown = reader.uint8() !== 0;
		reader.end();
		// Also true of NaN.
		if (status < 0 || !(Math.abs(latDeg) <= 90) || !(Math.abs(lonDeg) <= 180)) return undefined;
		// East and north; the larger of the two deviations.
		const accuracyM = Math.sqrt(Math.max(covariance[0] ?? Number.NaN, covariance[4] ?? Number.NaN));
		return {
			kind: "fix",
			...{ latDeg, lonDeg },
			altitudeM: Number.isFinite(altitudeM) ? altitudeM : undefined,
			accuracyM: isKnown && Number.isFinite(accuracyM) ? accuracyM : undefined,
		};
	},
	write: (record, head) => {
		// The message means WGS 84 and has no word for anything else.
		if (record.kind !== "fix" || record.datum !== "wgs84") return undefined;
		const writer = new CdrWriter(256);
		writeHeader(writer, head);
		writer.int8(0);
		writer.uint16(0);
		writer.float64(record.latDeg);
		writer.float64(record.lonDeg);
		writer.float64(record.altitudeM ?? Number.NaN);
		const variance = record.accuracyM === undefined ? 0 : record.accuracyM * record.accuracyM;
		for (let at = 0; at < 9; at++) writer.float64(at === 0 || at === 4 ? variance : 0);
		writer.uint8(record.accuracyM === undefined ? 0 : 1);
		return writer.bytes();
	},
});

/** The cloud as its record has it, so that what is written is what would have been sealed. */
export const pointCloud2 = rosCodec("PointCloud2", {
	kind: "cloud",
	read: (message) => ({ kind: "cloud", cloud: readPointCloud2(message).cloud }),
	write: (record, { logTimeNs, frameId }) => {
		if (record.kind !== "cloud") return undefined;
		const stamp = { stampSec: Number(logTimeNs / 1_000_000_000n), stampNanosec: Number(logTimeNs % 1_000_000_000n) };
		return writePointCloud2({ ...stamp, frameId, cloud: decodePcd(record.pcd).cloud });
	},
});
