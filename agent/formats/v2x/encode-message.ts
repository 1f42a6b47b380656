/**
 * A treated message as its bytes: what no message may carry is erased here once more, whatever the policy's treatments did.
 */
import { KerbError } from "../../../shared/errors.ts";
import type { V2xMessage } from "../../../shared/reading.ts";
import { stripUnspeakable } from "./message-erase.ts";
import { shapeOf } from "./shapes.ts";

/**
 * The message in the form in which it came; fresh bytes.
 *
 * @throws KerbError FORMAT_INVALID when it has no shape, nothing is left of it, or it does not fit its type.
 */
export const encodeMessage = ({ form, path, content }: V2xMessage): Uint8Array => {
	const shape = shapeOf(form, path);
	if (shape === undefined) throw new KerbError("FORMAT_INVALID", `there is no schema of ${path} as ${form}`);
	const left = stripUnspeakable(shape, content);
	if (left === undefined) throw new KerbError("FORMAT_INVALID", `nothing of a message ${path} may leave`);
	return shape.encode(left);
};
