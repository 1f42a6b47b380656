/**
 * The schemas that bags are read and written by. One line each.
 */
import { type BagCodec, compressedImage, navSatFix, pointCloud2 } from "./bag-codec.ts";
import { foxgloveImage } from "./bag-foxglove.ts";

/** By the names that bags give them. */
export const bagCodecs: ReadonlyMap<string, BagCodec> = new Map([
	["sensor_msgs/msg/CompressedImage", compressedImage],
	["sensor_msgs/CompressedImage", compressedImage],
	["sensor_msgs/msg/NavSatFix", navSatFix],
	["sensor_msgs/NavSatFix", navSatFix],
	["sensor_msgs/msg/PointCloud2", pointCloud2],
	["sensor_msgs/PointCloud2", pointCloud2],
	["foxglove.CompressedImage", foxgloveImage],
]);
