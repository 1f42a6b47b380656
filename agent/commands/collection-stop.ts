/**
 * collection stop: stop what cameras, LiDAR and radar collect, at once and over restarts.
 */
import { collectionCommand } from "./collection.ts";

export default collectionCommand({
	verb: "stop",
	state: "stopped",
	summary: "stop what cameras, LiDAR and radar collect, at once and over restarts",
	text: `Stops collection in a zone: when the command returns, nothing that its sensors give is decided on, redacted or sealed any more, what was in hand is forgotten, and a restart changes nothing of it. What is sealed already is not taken back; a withdrawal of consent or a halt does that.`,
});
