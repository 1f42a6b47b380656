/**
 * Definitions of ROS 2 messages (.msg) that bags carry along: what ours are, and whether another says the same. Constants and comments do not count.
 */

/** Fields of a type, each `type name`, and types that it is made of. */
export type RosTypes = readonly (readonly [type: string, fields: readonly string[]])[];

const time = ["builtin_interfaces/Time", ["int32 sec", "uint32 nanosec"]] as const;
const header = ["std_msgs/Header", ["builtin_interfaces/Time stamp", "string frame_id"]] as const;

/** By name; the first type is the message itself. */
export const rosMessages: Readonly<Record<"CompressedImage" | "NavSatFix" | "PointCloud2", RosTypes>> = {
	CompressedImage: [["sensor_msgs/CompressedImage", ["std_msgs/Header header", "string format", "uint8[] data"]], header, time],
	NavSatFix: [
		[
			"sensor_msgs/NavSatFix",
			[
				"std_msgs/Header header",
				"sensor_msgs/NavSatStatus status",
				"float64 latitude",
				"float64 longitude",
				"float64 altitude",
				"float64[9] position_covariance",
				"uint8 position_covariance_type",
			],
		],
		header,
		time,
		["sensor_msgs/NavSatStatus", ["int8 status", "uint16 service"]],
	],
	PointCloud2: [
		[
			"sensor_msgs/PointCloud2",
			[
				"std_msgs/Header header",
				"uint32 height",
				"uint32 width",
				"sensor_msgs/PointField[] fields",
				"bool is_bigendian",
				"uint32 point_step",
				"uint32 row_step",
				"uint8[] data",
				"bool is_dense",
			],
		],
		header,
		time,
		["sensor_msgs/PointField", ["string name", "uint32 offset", "uint8 datatype", "uint32 count"]],
	],
};

const separator = "=".repeat(80);

/** The text that a bag carries for a message. */
export const rosText = (types: RosTypes): string =>
	types.map(([type, fields], index) => `${index === 0 ? "" : `${separator}\nMSG: ${type}\n`}${fields.join("\n")}\n`).join("");

const maxTextBytes = 65_536;

/** Whether a bag's text defines a message as `types` does, under whatever names of packages. */
export const saysTheSame = (text: Uint8Array, types: RosTypes): boolean => {
	if (text.length > maxTextBytes) return false;
	const [main, ...parts] = new TextDecoder().decode(text).split(/^=+\s*$/m);
	const found = new Map<string, readonly string[]>();
	for (const part of parts) {
		const [, type = "", body = ""] = /^\s*MSG:\s*(\S+)\s*\n([\s\S]*)$/.exec(part) ?? [];
		found.set(shortName(type), fieldsIn(body));
	}
	return types.every(([type, fields], index) => {
		const said = index === 0 ? fieldsIn(main ?? "") : (found.get(shortName(type)) ?? []);
		return said.length === fields.length && fields.every((field, at) => shortField(field) === said[at]);
	});
};

const shortName = (type: string): string => type.replace(/^.*\//, "");
const shortField = (field: string): string => shortName(field);

/** The sign alone does not tell: a text or a sequence with a bound has one, too. */
const constant = /^\S+ [A-Z][A-Z0-9_]* ?=/;

const fieldsIn = (body: string): readonly string[] =>
	body
		.split("\n")
		.map((line) => line.replace(/#.*$/, "").trim().replace(/\s+/g, " "))
		.filter((line) => line !== "" && !constant.test(line))
		.map(shortField);
