/**
 * Notices: what people are told about a category of data (regulations P-07): what is collected, when and how to stop it, what for, where and
 * how long it is kept, how to see, copy or delete it, and whom to ask. A consent is bound to the hash of the notice that the person saw.
 */
import * as v from "valibot";
import { concatBytes, toHex } from "./bytes.ts";

const id = v.pipe(
	v.string(),
	v.regex(/^[a-z0-9]+(?:[-.][a-z0-9]+)*$/, "an id is lower-case words joined by '-' and '.'"),
	v.maxLength(120),
);
const language = v.pipe(
	v.string(),
	v.regex(/^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}$/, "a language tag such as en or zh-Hans (RFC 5646)"),
	v.maxLength(20),
);

export const NoticeSchema = v.strictObject({
	id,
	version: v.pipe(v.number(), v.integer(), v.minValue(1)),
	categories: v.pipe(v.array(id), v.minLength(1), v.maxLength(200)),
	/** The whole text, per language. */
	text: v.pipe(
		v.record(language, v.pipe(v.string(), v.minLength(1), v.maxLength(20_000))),
		v.check((texts) => Object.keys(texts).length >= 1 && Object.keys(texts).length <= 40, "1 to 40 languages"),
	),
	/** SHA-256 of `noticeBytes`, in lower-case hexadecimal. */
	hash: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "32 bytes in lower-case hexadecimal")),
});

export const NoticesSchema = v.strictObject({
	kind: v.literal("notices"),
	version: v.pipe(v.number(), v.integer(), v.minValue(1)),
	issuedAt: v.pipe(v.string(), v.isoTimestamp()),
	notices: v.pipe(
		v.array(NoticeSchema),
		v.maxLength(500),
		v.check((list) => new Set(list.map((one) => one.id)).size === list.length, "an id is used twice"),
	),
});

export type Notice = v.InferOutput<typeof NoticeSchema>;
export type Notices = v.InferOutput<typeof NoticesSchema>;

/**
 * The bytes that a notice's hash is of: id, version, categories and texts in the order of their code units, each preceded by its length in
 * bytes (decimal, and a colon), so that no two notices have the same bytes.
 */
export const noticeBytes = ({ id: noticeId, version, categories, text }: Omit<Notice, "hash">): Uint8Array => {
	const encoder = new TextEncoder();
	const texts = Object.entries(text).sort(([a], [b]) => (a < b ? -1 : 1));
	const parts = [noticeId, String(version), String(categories.length), ...[...categories].sort(), ...texts.flat()];
	return concatBytes(
		...parts.flatMap((part) => {
			const bytes = encoder.encode(part);
			return [encoder.encode(`${bytes.length}:`), bytes];
		}),
	);
};

/** The ids of the notices whose hash is not that of their content; none when all is well. */
export const falseNotices = ({ notices }: Notices, sha256: (bytes: Uint8Array) => Uint8Array): readonly string[] =>
	notices.filter((notice) => toHex(sha256(noticeBytes(notice))) !== notice.hash).map((notice) => notice.id);
