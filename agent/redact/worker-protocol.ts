/**
 * What the agent and the redaction worker say to each other.
 */
import type { RedactionRefusal } from "../../shared/frame.ts";
import type { RedactedFrame, RedactionOptions } from "../../shared/redactor.ts";
import type { FrameJob } from "./redact-frame.ts";

/** To the worker. The frame's bytes are transferred: the agent has none of them any more. */
export interface RedactOrder {
	readonly number: number;
	/** Rules of equal text share detectors and trackers. */
	readonly ruleKey: string;
	readonly options: RedactionOptions;
	readonly job: FrameJob;
}

/** From the worker. */
export type RedactAnswer =
	| { readonly kind: "ready" }
	| { readonly kind: "done"; readonly number: number; readonly outcome: RedactedFrame | RedactionRefusal };
