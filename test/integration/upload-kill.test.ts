import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, it } from "vitest";
import { startCollector } from "../../simulators/collector.ts";
import { repoPath } from "../data.ts";
import { startMosquitto } from "../fakes/mosquitto.ts";
import { opener, outletId, unitId } from "../fakes/sealed.ts";
import { hasProgram } from "../peers.ts";
import { primitives } from "../seal/sample-envelope.ts";

it.skipIf(!hasProgram("mosquitto"))(
	"startUploader with the real spool loses nothing over 8 kills (needs mosquitto)",
	async () => {
		const folder = mkdtempSync(join(tmpdir(), "kerb-kill-"));
		const broker = await startMosquitto({ folder });
		const collector = await startCollector({ brokerUrl: broker.url, opener, primitives, mqttVersion: 5 });
		const durable = new Set<number>();
		/** One life of the process; it is killed after so many envelopes became durable. */
		const live = async (killAfter: number): Promise<void> => {
			const args = [repoPath("test", "fakes", "spool-uploader.ts"), join(folder, "spool.db"), broker.url, "200"];
			const child = spawn(repoPath("node_modules", ".bin", "node"), args, { stdio: ["ignore", "pipe", "inherit"] });
			const exited = once(child, "exit");
			let count = 0;
			for await (const line of createInterface({ input: child.stdout })) {
				durable.add(Number(line));
				count += 1;
				if (count === killAfter) child.kill("SIGKILL");
			}
			await exited;
		};
		try {
			for (let life = 0; life < 8; life += 1) await live(5 + ((life * 7) % 17));
			await live(Number.POSITIVE_INFINITY);
			expect(durable.size).toBeGreaterThan(190);
			while (collector.account().envelopes < 200) await new Promise((resolve) => setTimeout(resolve, 10));
			expect(collector.account()).toMatchObject({
				...{ envelopes: 200, gaps: [], conflicts: 0, signatureFailures: 0, openFailures: 0, misaddressed: 0 },
				streams: [{ unit: unitId, outlet: outletId, envelopes: 200, last: 200 }],
			});
		} finally {
			await collector.close();
			await broker.stop();
			rmSync(folder, { recursive: true, force: true });
		}
	},
	180_000,
);
