/**
 * The finite circumstances under which a law is asked: every fact that can turn a verdict, as a yes or a no. Home, abroad and domestic relay
 * are told by the outlet and so are no part of it.
 */
export interface Context {
	/** A live consent for every category and purpose that is asked for. */
	readonly consent: boolean;
	/** The policy's term is over. */
	readonly stale: boolean;
	/** An authorisation whose scope is exactly what is asked for, with all its evidence. */
	readonly authorisation: boolean;
	/** Everything is halted. */
	readonly halt: boolean;
	/** The conditions of time, network and place of the rule hold. */
	readonly conditions: boolean;
}

export const contextFlags = ["consent", "stale", "authorisation", "halt", "conditions"] as const satisfies readonly (keyof Context)[];
export type ContextFlag = (typeof contextFlags)[number];

/** An ordinary day: a law in force, nobody consented, nothing authorised or halted, and the rules' conditions hold. */
export const ordinaryContext: Context = { consent: false, stale: false, authorisation: false, halt: false, conditions: true };

/** All 32, the ordinary one first and then by how many facts differ from it. */
export const allContexts: readonly Context[] = Array.from({ length: 2 ** contextFlags.length }, (_, bits) => {
	const at = (flag: ContextFlag): boolean => ordinaryContext[flag] !== ((bits >> contextFlags.indexOf(flag)) % 2 === 1);
	return { consent: at("consent"), stale: at("stale"), authorisation: at("authorisation"), halt: at("halt"), conditions: at("conditions") };
}).sort((a, b) => changedFlags(a).length - changedFlags(b).length);

/** The facts in which a context differs from the ordinary one. */
export function changedFlags(context: Context): readonly ContextFlag[] {
	return contextFlags.filter((flag) => context[flag] !== ordinaryContext[flag]);
}

/** What a person calls a fact that differs from the ordinary. */
export const flagWords: Readonly<Record<ContextFlag, string>> = {
	consent: "consent",
	stale: "stale policy",
	authorisation: "authorisation",
	halt: "halt",
	conditions: "conditions not met",
};
