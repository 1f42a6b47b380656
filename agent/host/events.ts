/**
 * The catalogue of everything a running agent says. One event gives the log line and the counter; names are a noun and a past verb; fields
 * are ids, counts and codes from closed sets, never a value that was sensed.
 */

export type KerbEvent =
	| { readonly event: "agent_started"; readonly unitId: string; readonly lawHash: string }
	| { readonly event: "agent_stopped"; readonly reason: string }
	| { readonly event: "source_opened"; readonly source: string; readonly detail: string }
	| { readonly event: "source_retried"; readonly source: string; readonly detail: string; readonly waitMs: number }
	| { readonly event: "source_warned"; readonly source: string; readonly detail: string }
	| { readonly event: "source_failed"; readonly source: string; readonly detail: string }
	| { readonly event: "source_ended"; readonly source: string }
	| { readonly event: "input_rejected"; readonly source: string; readonly code: string; readonly count: number }
	| { readonly event: "category_unknown"; readonly source: string; readonly count: number }
	| { readonly event: "law_applied"; readonly lawHash: string; readonly policy: string; readonly version: number }
	| { readonly event: "law_refused"; readonly code: string; readonly detail: string }
	| { readonly event: "law_notice_heard" }
	| { readonly event: "law_notice_lost"; readonly reason: string; readonly waitMs: number }
	| { readonly event: "law_expired"; readonly policy: string }
	| { readonly event: "treatment_failed"; readonly rule: string; readonly count: number }
	| {
			readonly event: "envelope_sealed";
			readonly outlet: string;
			readonly category: string;
			readonly sequence: number;
			readonly records: number;
			readonly bytes: number;
	  }
	| { readonly event: "spool_shed"; readonly outlet: string; readonly category: string; readonly envelopes: number }
	| { readonly event: "link_opened"; readonly outlet: string; readonly address: string; readonly port: number; readonly tls: boolean }
	| {
			readonly event: "link_refused";
			readonly outlet: string;
			readonly reason: string;
			/** What is wrong in words and what to do, where the reason is one of this box. */
			readonly detail?: string;
	  }
	| { readonly event: "link_lost"; readonly outlet: string; readonly reason: string; readonly waitMs: number }
	| { readonly event: "envelope_delivered"; readonly outlet: string; readonly sequence: number; readonly bytes: number }
	| {
			readonly event: "envelope_refused";
			readonly outlet: string;
			readonly category: string;
			readonly sequence: number;
			readonly reasonCode: number;
			readonly waitMs: number;
	  }
	| { readonly event: "envelope_unheard"; readonly outlet: string; readonly category: string; readonly sequence: number }
	| { readonly event: "control_acted"; readonly act: string; readonly result: string }
	| { readonly event: "state_recovered"; readonly detail: string };

export type EventName = KerbEvent["event"];
export type Emit = (event: KerbEvent) => void;
