import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { signLaw } from "../../agent/commands/law-sign.ts";
import { compose } from "../../agent/compose.ts";
import { readConfig } from "../../agent/config.ts";
import type { KerbEvent } from "../../agent/host/events.ts";
import { systemHost } from "../../agent/host/system-host.ts";
import { makeUnitFolder, releaseStatus, type UnitFolder } from "../fakes/unit-folder.ts";

const edit = async (unit: UnitFolder, kind: string, change: (document: Record<string, unknown>) => void): Promise<void> => {
	const path = join(unit.folder, "law", "documents", `${kind}.json`);
	const document = JSON.parse(await readFile(path, "utf8"));
	document.version += 1;
	change(document);
	await writeFile(path, JSON.stringify(document));
};

const startUnit = async (config: Record<string, unknown> = {}) => {
	const unit = await makeUnitFolder({ brokerUrl: "mqtt://127.0.0.1:9", release: [releaseStatus], config });
	const parsed = await readConfig(unit.configFile);
	const events: KerbEvent[] = [];
	const host = await systemHost({ emit: (event) => events.push(event) });
	const agent = await compose({ ...parsed, law: { ...parsed.law, refreshMs: 1_000 } }, host);
	const stop = new AbortController();
	const done = agent.run(stop.signal);
	return {
		unit,
		agent,
		events,
		until: async (is: () => boolean) => {
			for (let tries = 0; tries < 400 && !is(); tries++) await sleep(25);
			expect(is()).toBe(true);
		},
		halt: async () => {
			stop.abort();
			await done;
		},
	};
};

describe("a running agent", () => {
	it("obeys a newer law without a restart, its outlets too, and refuses one that was changed after signing", async () => {
		const { unit, agent, events, until, halt } = await startUnit();
		const before = agent.status().law?.hash;
		await edit(unit, "policy", (policy) => {
			policy.release = [];
		});
		await edit(unit, "outlets", (outlets) => {
			const [first] = outlets.outlets as Record<string, unknown>[];
			outlets.outlets = [first, { ...first, id: "second" }];
		});
		const { hash } = await signLaw(join(unit.folder, "law"), join(unit.folder, "keys"));
		await until(() => agent.status().law?.hash === hash);
		expect(hash).not.toBe(before);
		expect(agent.status().law?.policyVersion).toBe(2);
		expect(agent.regime().law.outlets.outlets.map(({ id }) => id)).toEqual(["oem", "second"]);
		expect(events.filter(({ event }) => event === "law_applied")).toHaveLength(1);

		await edit(unit, "policy", () => {});
		await signLaw(join(unit.folder, "law"), join(unit.folder, "keys"));
		await until(() => agent.status().law?.policyVersion === 3);

		const timestamp = join(unit.folder, "law", "metadata", "timestamp.json");
		await writeFile(timestamp, (await readFile(timestamp, "utf8")).replace(/"version": (\d+)/, '"version": 9$1'));
		await until(() => agent.status().lawProblem !== undefined);
		expect(agent.status().lawProblem).toMatch(/^LAW_SIGNATURE/);
		expect(agent.status().law?.policyVersion).toBe(3);
		expect(events.some((event) => event.event === "law_refused" && event.code === "LAW_SIGNATURE")).toBe(true);
		await halt();
		await unit.remove();
	}, 30_000);

	it("starts with its last good law when the repository is gone, and says why", async () => {
		const { unit, agent, events, halt } = await startUnit();
		const hash = agent.status().law?.hash;
		await halt();
		await rename(join(unit.folder, "law"), join(unit.folder, "elsewhere"));
		const host = await systemHost({ emit: (event) => events.push(event) });
		const again = await compose(await readConfig(unit.configFile), host);
		expect(again.regime().law.hash).toBe(hash);
		const ending = new AbortController();
		const running = again.run(ending.signal);
		await expect.poll(() => events.some((event) => event.event === "law_refused"), { timeout: 10_000 }).toBe(true);
		expect(again.regime().law.hash).toBe(hash);
		ending.abort();
		await running;
		await unit.remove();
	}, 30_000);
});
