import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { categoryChinese } from "../../agent/law-analysis/chinese-words.ts";
import { cellText, matrixOf } from "../../agent/law-analysis/matrix.ts";
import { matrixPage } from "../../agent/law-analysis/matrix-page.ts";
import { shippedCatalogues } from "../../shared/catalogue/shipped.ts";
import { CatalogueSchema } from "../../shared/catalogue.ts";
import type { Law } from "../../shared/law.ts";
import { parseValue } from "../../shared/parse-document.ts";
import { sampleRules } from "../../shared/sample-law.ts";
import { outlet, outlets, policy, rule } from "../fakes/law-documents.ts";
import { hasProgram, programPath } from "../peers.ts";

const { cn: shipped } = shippedCatalogues;
const cn = parseValue(CatalogueSchema, shipped, "cn", "LAW_INVALID");

const hostile = `<script>alert(1)</script>"'&`;
const law: Law = {
	hash: "0".repeat(64),
	rootHash: "0".repeat(64),
	catalogue: { ...cn, rows: cn.rows.map((row) => (row.id === "cabin.image" ? { ...row, title: hostile } : row)) },
	outlets: outlets(outlet("oem"), outlet("relay", { finalJurisdiction: "DE" })),
	policy: policy([...sampleRules, rule("radar", { outlet: "relay", categories: ["connected-operation.perception.radar"] })]),
	consents: undefined,
};
const matrix = matrixOf({ law, home: "CN", nowMs: Date.parse("2026-06-01T00:00:00Z"), counted: true });
const page = matrixPage(matrix, "2026-06-01T00:00:00.000Z");
const cells = (id: string): readonly string[] | undefined => matrix.rows.find(({ row }) => row.id === id)?.cells.map(cellText);

describe("matrixOf", () => {
	it("says for each category and outlet what happens and what would change it", () => {
		expect(matrix.rows).toHaveLength(cn.rows.length);
		expect(cells("telemetry.environment")).toEqual(["upload", "drop (not asked for)"]);
		expect(cells("connected-operation.perception.trajectory")?.[0]).toBe("drop (consent -> upload)");
		expect(cells("connected-operation.perception.radar")).toEqual(["inside", "inside (authorisation -> upload)"]);
		expect(cells("core.any")).toEqual(["drop", "drop"]);
	});
});

describe("matrixPage", () => {
	it("has a Chinese word for every category of the shipped catalogue of China", () => {
		expect(cn.rows.map(({ id }) => id).filter((id) => !categoryChinese.has(id))).toEqual([]);
	});

	it("escapes what a law says, refers to nothing outside, and never says compliant", () => {
		expect(page).not.toContain(hostile);
		expect(page).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
		expect(page).not.toMatch(/https?:|\bsrc=|@import|url\(|<link rel="stylesheet"/);
		expect(page.toLowerCase()).not.toContain("compliant");
	});

	it("is a table with headers for its rows and columns", () => {
		expect(page.match(/<th scope="row"/g)).toHaveLength(matrix.rows.length);
		expect(page.match(/<th scope="col"/g)).toHaveLength(2 + matrix.outlets.length);
		expect(page).toContain("<caption>");
	});

	it.skipIf(!hasProgram("chromium"))(
		"loads in a browser without a request refused or a script failing (needs chromium)",
		{ timeout: 90_000 },
		async () => {
			const folder = await mkdtemp(join(tmpdir(), "kerbstone-matrix-"));
			try {
				const probe = `<script>document.querySelector("[data-sort='2']").click(); document.getElementById("find").value = "radar"; document.getElementById("find").dispatchEvent(new Event("input"));</script></body>`;
				await writeFile(join(folder, "page.html"), page.replace("</body>", probe));
				const { stdout, stderr } = await chromium(join(folder, "page.html"), join(folder, "profile"));
				expect(stderr).not.toMatch(/CONSOLE|Uncaught|Refused to/);
				expect(stdout).toContain('aria-sort="ascending"');
				expect(stdout).toMatch(/<output id="count">[1-9]\d? of 79 categories<\/output>/);
				expect(stdout).not.toContain(`<output id="count">79 of`);
			} finally {
				await rm(folder, { recursive: true, force: true, maxRetries: 5 });
			}
		},
	);
});

const chromium = async (file: string, profile: string): Promise<{ stdout: string; stderr: string }> =>
	await new Promise((resolve, reject) => {
		const quiet = ["--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
		const flags = [
			"--headless",
			"--no-sandbox",
			"--disable-gpu",
			...quiet,
			"--enable-logging=stderr",
			`--user-data-dir=${profile}`,
			"--dump-dom",
		];
		const child = spawn(programPath("chromium") ?? "chromium", [...flags, `file://${file}`], { timeout: 80_000 });
		const text = { stdout: "", stderr: "" };
		child.stdout.on("data", (chunk: Buffer) => {
			text.stdout += chunk.toString();
		});
		child.stderr.on("data", (chunk: Buffer) => {
			text.stderr += chunk.toString();
		});
		child.once("error", reject);
		child.once("close", () => resolve(text));
	});
