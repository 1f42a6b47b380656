import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../agent/host/clock.ts";
import { systemLinks } from "../../agent/host/links.ts";
import { mqttReader } from "../../agent/law/mqtt-reader.ts";
import { openLink } from "../../agent/upload/open-link.ts";
import { openRetained, type Retained } from "../../agent/upload/retained.ts";
import { lawFileTopic, lawNoticeTopic } from "../../shared/topics.ts";
import { outlet } from "../fakes/law-documents.ts";
import { carrierOf, smallLaw, testRepository } from "../fakes/law-repository.ts";
import { type Mosquitto, startMosquitto } from "../fakes/mosquitto.ts";
import { hasProgram } from "../peers.ts";

let folder = "";
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "kerbstone-retained-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const canRun = hasProgram("mosquitto") && hasProgram("mosquitto_pub");

const retain = ({ port }: Mosquitto, topic: string, bytes: Uint8Array): void => {
	execFileSync("mosquitto_pub", ["-h", "127.0.0.1", "-p", String(port), "-q", "1", "-r", "-t", topic, "-s"], { input: bytes });
};

const connect = async (broker: Mosquitto, mqttVersion: 4 | 5, maxBytes = 4_194_304): Promise<Retained> => {
	const link = await openLink(
		{ outlet: outlet("oem", { url: broker.url }), links: systemLinks, credentials: () => undefined, onLink: () => {} },
		AbortSignal.timeout(5_000),
	);
	const options = { clientId: "unit-1.oem.law", clock: systemClock, connectTimeoutMs: 5_000, settleMs: 300, maxBytes };
	return await openRetained(link, { ...options, mqttVersion });
};

describe("lawFileTopic", () => {
	it("names files of a repository and nothing else", () => {
		expect(lawFileTopic("main", "metadata/timestamp.json")).toBe("kerb/v1/law/main/metadata/timestamp.json");
		expect(lawFileTopic("main", `targets/policy/${"a".repeat(64)}.all.json`)).toContain("/targets/policy/");
		for (const path of ["", "#", "metadata/+.json", "../x", "metadata/../root.json", "targets/policy/all.json", "metadata/1.a/b.json"]) {
			expect(() => lawFileTopic("main", path)).toThrow();
		}
		expect(() => lawFileTopic("a/b", "root.json")).toThrow();
	});
});

describe("mqttReader", () => {
	it.skipIf(!canRun).each([4, 5] as const)(
		"carries a law from retained messages by MQTT %i (needs mosquitto)",
		async (mqttVersion) => {
			const broker = await startMosquitto({ folder });
			const repository = testRepository();
			for (const [path, bytes] of repository.files) retain(broker, lawFileTopic("main", path), bytes);
			const retained = await connect(broker, mqttVersion);
			const carrier = carrierOf(join(folder, "law"), mqttReader(retained, "main"));
			expect((await carrier.update()).law.policy.version).toBe(1);

			let notices = 0;
			await retained.onNotice(lawNoticeTopic, () => {
				notices += 1;
			});
			repository.publish(smallLaw(2));
			for (const [path, bytes] of repository.files) retain(broker, lawFileTopic("main", path), bytes);
			retain(broker, lawNoticeTopic, new Uint8Array([49]));
			expect((await carrier.update()).law.policy.version).toBe(2);
			expect(notices).toBe(1);

			await broker.stop();
			await retained.closed;
			await expect(carrier.update()).rejects.toMatchObject({ code: "LAW_UNAVAILABLE" });
			expect(carrier.stored()?.law.policy.version).toBe(2);
		},
		30_000,
	);

	it.skipIf(!canRun)(
		"takes no message that is too long (needs mosquitto)",
		async () => {
			const broker = await startMosquitto({ folder });
			retain(broker, lawFileTopic("main", "metadata/timestamp.json"), new Uint8Array(20_000).fill(65));
			const retained = await connect(broker, 5);
			const reader = mqttReader(retained, "main");
			await expect(reader.read("metadata/timestamp.json", 16_384)).rejects.toMatchObject({ code: "LAW_INVALID" });
			expect(await reader.read("metadata/9.root.json", 16_384)).toBeUndefined();
			retained.close();
			await broker.stop();
		},
		30_000,
	);
});
