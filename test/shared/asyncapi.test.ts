import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { clientIdOf, lawFileTopic, lawNoticeTopic, parseUploadTopic, statusTopic, uploadFilter, uploadTopic } from "../../shared/topics.ts";
import { UnitStatusSchema } from "../../shared/unit-status.ts";
import { repoPath } from "../data.ts";

const document = parse(readFileSync(repoPath("shared", "schemas", "asyncapi.yaml"), "utf8"));
const filled = (template: string): string =>
	template.replace("{unitId}", "unit-7f3a").replace("{outletId}", "oem").replace("{categoryId}", "telemetry.vehicle-status");

/** Every `$ref` of a document, wherever it stands. */
const refsIn = (node: unknown): string[] => {
	if (typeof node !== "object" || node === null) return [];
	return Object.entries(node).flatMap(([key, value]) => (key === "$ref" ? [String(value)] : refsIn(value)));
};

describe("asyncapi.yaml", () => {
	it("is AsyncAPI 3 and refers to nothing that is not there", () => {
		expect(document.asyncapi).toBe("3.0.0");
		for (const ref of refsIn(document)) {
			const target = ref
				.replace(/^#\//, "")
				.split("/")
				.reduce((node, key) => node?.[key], document);
			expect(target, ref).toBeDefined();
		}
	});

	it("names the topics and the client id that the code uses", () => {
		const { upload, everyUpload, status, lawNotice } = document.channels;
		const parts = { unitId: "unit-7f3a", outletId: "oem", categoryId: "telemetry.vehicle-status" };
		expect(filled(upload.address)).toBe(uploadTopic(parts));
		expect(parseUploadTopic(filled(upload.address))).toEqual(parts);
		expect(everyUpload.address).toBe(uploadFilter);
		expect(filled(status.address)).toBe(statusTopic(parts.unitId, parts.outletId));
		expect(lawNotice.address).toBe(lawNoticeTopic);
		expect(document.channels.lawFile.address.replace("{repository}", "main").replace("{path}", "root.json")).toBe(
			lawFileTopic("main", "root.json"),
		);
		const { properties, required } = document.components.schemas.unitStatus;
		expect(Object.keys(properties)).toEqual(Object.keys(UnitStatusSchema.entries));
		expect(required).toEqual(Object.entries(UnitStatusSchema.entries).flatMap(([key, { type }]) => (type === "optional" ? [] : [key])));
		expect(filled(document.servers.broker.bindings.mqtt.clientId)).toBe(clientIdOf(parts.unitId, parts.outletId));
	});
});
