/**
 * The routes that every agent has: how it is, its counters, and the order to stop.
 */
import type { AgentStatus } from "../../shared/status.ts";
import { type Metric, metricsContentType, metricsText } from "./metrics-text.ts";
import type { Route } from "./route.ts";

export interface CoreProviders {
	status(): AgentStatus;
	metrics(): readonly Metric[];
	/** Begins to stop the agent and returns at once; called when the client has its answer. */
	stop(): void;
}

/** `GET /status`, `GET /metrics` and `POST /stop`. */
export const coreRoutes = ({ status, metrics, stop }: CoreProviders): readonly Route[] => [
	{ method: "GET", path: "/status", handle: () => ({ status: 200, body: status() }) },
	{ method: "GET", path: "/metrics", handle: () => ({ status: 200, contentType: metricsContentType, body: metricsText(metrics()) }) },
	{ method: "POST", path: "/stop", act: "stop", handle: () => ({ status: 202, body: { stopping: true }, afterwards: stop }) },
];
