/**
 * Who is where, according to a message: its sender, and those that it perceives.
 */

import type { MessageFields, MessageValue } from "../../shared/message.ts";
import { isFields, numberOf } from "../formats/v2x/message-pairs.ts";
import { findPositions, type MessagePosition } from "../formats/v2x/message-positions.ts";
import type { MessageShape } from "../formats/v2x/message-shape.ts";
import type { MessageType } from "../formats/v2x/message-type.ts";
import { compileEach, compileFirst, type FoundValue } from "../formats/v2x/message-values.ts";

export interface MessageSubject {
	/** Within its sender. Undefined: the sender itself. */
	readonly objectId: string | undefined;
	readonly position: MessagePosition;
	readonly speedMps: number | undefined;
}

export interface MessageSubjects {
	/** Undefined: the message does not say who sent it. */
	readonly senderId: string | undefined;
	readonly subjects: readonly MessageSubject[];
}

/** Messages whose sender takes part in traffic; whoever sends the others stands at the road. */
const roadUsers: ReadonlySet<string> = new Set(["BSM", "CAM", "PSM", "VAM"]);
/** Station type of a roadside unit (ETSI TS 102 894-2). */
const roadsideUnit = 15;
/** Ids are shorter. */
const maxIdLength = 64;

/** Objects without an id, and positions that are not known, are left out: nobody could tell whether they were counted already. */
export const compileSubjects = (shape: MessageShape): ((content: MessageFields) => MessageSubjects) => {
	const find = findPositions(shape);
	const senderOf = compileFirst(shape.type, "id");
	const speedOf = compileFirst(shape.type, "speed");
	const classOf = compileFirst(shape.type, "class");
	const isRoadUser = roadUsers.has(shape.path.slice(shape.path.lastIndexOf(".") + 1));
	const objects = new Map<MessageType, ReturnType<typeof objectReader>>();

	return (content) => {
		const subjects: MessageSubject[] = [];
		let hasOwn = !isRoadUser || classOf(content)?.value === roadsideUnit;
		find(content, (position) => {
			if (!position.isKnown) return;
			const { whole, wholeType, group, isOwn } = position;
			if (isOwn && !hasOwn) {
				hasOwn = true;
				subjects.push({ objectId: undefined, position, speedMps: speedIn(speedOf(content)) });
			}
			if (group !== "object" || wholeType?.role !== "object" || whole === undefined || !isFields(whole)) return;
			let reader = objects.get(wholeType);
			if (reader === undefined) {
				reader = objectReader(wholeType);
				objects.set(wholeType, reader);
			}
			const objectId = textOf(reader.idOf(whole));
			if (objectId !== undefined) subjects.push({ objectId, position, speedMps: velocityIn(reader.speedsOf(whole)) });
		});
		return { senderId: textOf(senderOf(content)), subjects };
	};
};

const objectReader = (type: MessageType) => ({ idOf: compileFirst(type, "object-id"), speedsOf: compileEach(type, "speed") });

const textOf = (found: FoundValue | undefined): string | undefined => {
	const value: MessageValue | undefined = found?.value;
	if (found === undefined || value === undefined || value === found.type.unavailable) return undefined;
	return JSON.stringify(value).slice(0, maxIdLength);
};

/** Of an object the parts of its velocity are told, along the axes of its sender. One of them alone is no speed. */
const velocityIn = (found: readonly FoundValue[]): number | undefined => {
	const speed = found.length === 0 ? Number.NaN : Math.hypot(...found.map(({ type, value }) => numberOf(type, value)));
	return Number.isNaN(speed) ? undefined : speed;
};

const speedIn = (found: FoundValue | undefined): number | undefined => {
	const speed = found === undefined ? Number.NaN : numberOf(found.type, found.value);
	return Number.isNaN(speed) ? undefined : Math.abs(speed);
};
