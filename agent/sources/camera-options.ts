/** The options of a camera. */
import * as v from "valibot";

const text = v.pipe(v.string(), v.minLength(1), v.maxLength(4_096));
const count = (min: number, max: number) => v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));

export const CameraOptions = v.strictObject({
	type: v.literal("camera"),
	/** Zone and function of the camera, as the catalogue and the policy name it. */
	path: v.pipe(
		v.string(),
		v.regex(
			/^Camera\.(?:Exterior|Cabin)\.[A-Z][A-Za-z0-9]{0,39}$/,
			"a camera is named Camera.Exterior.Front, Camera.Cabin.Driver or the like",
		),
	),
	input: v.union(
		[
			/** Pictures of a folder in the order of their names, once. Boxes of `a.jpg` are in `a.boxes.json`. */
			v.strictObject({ folder: text }),
			/** MJPEG in a file, once. */
			v.strictObject({ file: text }),
			/** MJPEG in a named pipe that others write to. */
			v.strictObject({ pipe: text }),
			/** MJPEG over HTTP (multipart or plain) from this machine or a private network. */
			v.strictObject({
				http: v.strictObject({
					host: v.pipe(v.string(), v.minLength(1), v.maxLength(253)),
					port: v.optional(count(1, 65_535), 80),
					path: v.optional(v.pipe(v.string(), v.regex(/^\/[\x21-\x7e]{0,500}$/, "a path that begins with /")), "/"),
				}),
			}),
			/** A program that writes MJPEG to its standard output, such as ffmpeg or gst-launch-1.0; started anew when it ends. */
			v.strictObject({
				spawn: v.strictObject({
					program: text,
					args: v.optional(v.pipe(v.array(v.pipe(v.string(), v.maxLength(4_096))), v.maxLength(100)), []),
				}),
			}),
		],
		"input must be one of { folder }, { file }, { pipe }, { http: { host } }, { spawn: { program, args } }",
	),
	/** A named pipe with what the perception stack finds, one JSON object per frame and line (camera-boxes.ts). */
	boxes: v.optional(v.strictObject({ pipe: text, waitMs: v.optional(count(0, 1_000), 100) })),
	/** Longer pictures are not taken. */
	maxFrameBytes: v.optional(count(1_024, 16_777_216), 4_194_304),
});
export type CameraOptions = v.InferOutput<typeof CameraOptions>;
