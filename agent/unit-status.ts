/**
 * What this unit says of itself to its operator at every outlet; see shared/unit-status.ts.
 */
import type { UnitStatus } from "../shared/unit-status.ts";
import type { Host } from "./host/host.ts";
import type { LawRefusal } from "./law-watch.ts";
import type { UnitStatusReport } from "./outbound.ts";
import type { Parts } from "./parts.ts";
import { version } from "./version.ts";

export interface UnitStatusOptions {
	readonly unitId: string;
	readonly host: Pick<Host, "clock">;
	readonly parts: Pick<Parts, "lawSource" | "state">;
	/** Why the newest law was not taken. */
	readonly refusal: () => LawRefusal | undefined;
}

export const unitStatus =
	({ unitId, host, parts, refusal }: UnitStatusOptions): UnitStatusReport =>
	(state) => {
		const { law } = parts.lawSource.current();
		const nowMs = wholeMs(host.clock.nowMs());
		const { lawSince } = parts.state.get();
		const snapshotVersion = parts.lawSource.snapshotVersion();
		const seen = snapshotVersion === undefined ? undefined : { snapshotVersion };
		const refused = refusal();
		const status: UnitStatus = {
			...{ kind: "unit-status", unitId, version, state, saidAtMs: nowMs },
			...{ lawHash: law.hash, policyId: law.policy.id, policyVersion: law.policy.version },
			lawSinceMs: lawSince?.hash === law.hash ? wholeMs(lawSince.atMs) : nowMs,
			...seen,
			// A place that cannot be reached has refused nothing.
			...(refused === undefined || refused.code === "LAW_UNAVAILABLE"
				? undefined
				: { refusal: { code: refused.code, ...seen }, refusedAtMs: wholeMs(refused.atMs) }),
		};
		return new TextEncoder().encode(JSON.stringify(status));
	};

/** A clock may stand before 1970. */
const wholeMs = (ms: number): number => Math.max(0, Math.floor(ms));
