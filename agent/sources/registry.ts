/**
 * The sources that this build has, by the `type` of the configuration. Each is loaded when it is configured: a unit without a receiver does
 * not pay for NMEA.
 */
import type { SourcePlugin } from "./source.ts";

type Load = () => Promise<{ readonly default: SourcePlugin }>;

export const sources: ReadonlyMap<string, Load> = new Map<string, Load>([
	["camera", () => import("./camera.ts")],
	["can", () => import("./can.ts")],
	["gnss", () => import("./gnss.ts")],
	["lidar", () => import("./lidar.ts")],
	["map", () => import("./map.ts")],
	["socket", () => import("./socket.ts")],
	["v2x", () => import("./v2x.ts")],
]);
