/**
 * How the JavaScript engine spends the memory of a unit, which has little, and has time. V8's own choices are for a server.
 *
 * Each setting is one that V8 looks at again whenever it decides, so that it may be changed in a running process; the sizes of its heaps are
 * not. Figures are in agent/README.md.
 */
import { setFlagsFromString } from "node:v8";

const settings = [
	/** Of V8's three compilers one is enough: Maglev, whose code is fast. TurboFan costs its own code, its workspace and threads with heaps ... */
	{ name: "turbofan", flag: "--no-turbofan" },
	/** ... and Sparkplug makes machine code, several times as large as its source, of whatever a start calls a few times. */
	{ name: "sparkplug", flag: "--no-sparkplug" },
	/** What runs for each reading is called a million times; what is called less is interpreted and stays small. */
	{ name: "invocation-count-for-maglev", flag: "--invocation-count-for-maglev=2000" },
	/** The young generation stays as large as the start has made it; readings are gone before it is full. */
	{ name: "semi-space-growth-factor", flag: "--semi-space-growth-factor=1" },
] as const;

/** Sets what the arguments of Node do not name themselves: whoever starts it with a setting of their own means it. */
export const spareMemory = (givenToNode: readonly string[]): void => {
	const given = new Set(
		givenToNode.map((argument) =>
			argument
				.replace(/^--(?:no-?)?/, "")
				.replace(/=.*$/s, "")
				.replaceAll("_", "-"),
		),
	);
	for (const { name, flag } of settings) if (!given.has(name)) setFlagsFromString(flag);
};
