/**
 * collection start: let sensors collect again, as the law has it.
 */
import { collectionCommand } from "./collection.ts";

export default collectionCommand({
	verb: "start",
	state: "running",
	summary: "let sensors collect again, as the law has it",
	text: `Starts collection in a zone that was stopped by hand. Whether anything leaves is for the law to say, as before.`,
});
