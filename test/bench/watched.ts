/**
 * A child process whose memory and time are watched from outside, so that watching costs it nothing. Linux only (proc(5)).
 */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";

export interface Figures {
	readonly wallMs: number;
	/** User and system time of all its threads; the clock of /proc counts hundredths of a second. */
	readonly cpuMs: number;
	/** Most resident memory of the whole process, mapped files included: what `/usr/bin/time -v` calls maximum resident set size. */
	readonly peakBytes: number;
}

export interface Watched {
	readonly child: ChildProcess;
	/** What it has used so far. */
	figures(): Figures;
	/** Resolves when it has ended with 0, else rejects with what it said on standard error. */
	readonly ended: Promise<Figures>;
	/** Resolves when its standard error holds the text. */
	says(text: string): Promise<void>;
}

const clockTickMs = 10;
const lookEveryMs = 4;

/** Starts this Node with the arguments. */
export const watch = (folder: string, ...args: readonly string[]): Watched => {
	const startedMs = performance.now();
	const child = spawn(process.execPath, args, { cwd: folder, stdio: ["ignore", "ignore", "pipe"], timeout: 300_000 });
	let said = "";
	const waiting = new Map<string, () => void>();
	child.stderr.setEncoding("utf8").on("data", (text: string) => {
		said += text;
		for (const [awaited, resolve] of waiting) if (said.includes(awaited)) resolve();
	});
	let last: Figures = { wallMs: 0, cpuMs: 0, peakBytes: 0 };
	const figures = (): Figures => {
		const wallMs = performance.now() - startedMs;
		try {
			const peakKb = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1];
			const fields = readFileSync(`/proc/${child.pid}/stat`, "utf8")
				.replace(/^.*\) /s, "")
				.split(" ");
			const ticks = Number(fields[11]) + Number(fields[12]);
			// A process that has just ended has no memory any more.
			if (peakKb !== undefined) last = { wallMs, cpuMs: ticks * clockTickMs, peakBytes: Number(peakKb) * 1_024 };
		} catch {
			// It has ended.
		}
		return last;
	};
	const looking = setInterval(figures, lookEveryMs);
	const ended = new Promise<Figures>((resolve, reject) => {
		child.once("error", reject);
		child.once("exit", (code) => {
			clearInterval(looking);
			if (code === 0) resolve({ ...last, wallMs: performance.now() - startedMs });
			else reject(new Error(`${args.join(" ")} ended with ${code}: ${said}`));
		});
	});
	const says = (text: string): Promise<void> =>
		Promise.race([ended.then(() => undefined), new Promise<void>((resolve) => waiting.set(text, resolve))]);
	return { child, figures, ended, says };
};
