/**
 * The operator's page: one file, no secrets in it; what it shows it asks the API for with the token that its user types in.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Route } from "./route.ts";

const file = new URL("./page.html", import.meta.url);

/** Only what stands in the file itself may run, and it may talk to this server alone. */
const policyOf = (html: string): string => {
	const hashes = (tag: string): string =>
		[...html.matchAll(new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`, "g"))]
			.map(([, text = ""]) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`)
			.join(" ");
	return `default-src 'none'; script-src ${hashes("script")}; style-src ${hashes("style")}; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
};

export const pageRoute = (): Route => {
	const html = readFileSync(file, "utf8");
	const headers = { "content-security-policy": policyOf(html) };
	return {
		method: "GET",
		path: "/",
		may: "anyone",
		handle: () => ({ status: 200, body: html, contentType: "text/html; charset=utf-8", headers }),
	};
};
