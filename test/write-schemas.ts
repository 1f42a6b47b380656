/**
 * Writes the JSON Schemas for editors to shared/schemas. Run with `node test/write-schemas.ts` after a change of a law document's schema.
 */
import { writeFileSync } from "node:fs";
import { repoPath } from "./data.ts";
import { editorSchemas } from "./editor-schemas.ts";

for (const [name, text] of editorSchemas()) {
	writeFileSync(repoPath("shared", "schemas", name), text);
	console.log(`shared/schemas/${name}: ${text.length} bytes`);
}
