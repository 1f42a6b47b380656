/**
 * Any basic safety message of SAE J2735, with all that its three extensions may hold.
 */
import { j2735Types } from "../../agent/formats/v2x/j2735-family.ts";
import type { SeqType } from "../../agent/formats/v2x/message-type.ts";
import { anyOfType, type OfTypeOptions } from "./message-of-type.ts";

const compiled = j2735Types().get("BasicSafetyMessage");
if (compiled?.kind !== "seq") throw new Error("expected BasicSafetyMessage to be a sequence");

export const bsmType: SeqType = compiled;

/** Trees of a BSM as the codecs read them. */
export const anyBsm = (options?: OfTypeOptions) => anyOfType(bsmType, options);
