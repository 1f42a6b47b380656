/** The kinds of network that can be read, by the name that `model add --kind` takes. */
import type { Layout } from "./layout.ts";
import { ultraLight, ultraLightRaw } from "./layout-ultra-light.ts";
import { yolo5Face, yolo5Plate } from "./layout-yolo5.ts";
import { yunet } from "./layout-yunet.ts";

export const layouts: readonly Layout[] = [yunet, ultraLight, ultraLightRaw, yolo5Plate, yolo5Face];

/** Undefined for a kind that is not known. */
export const layoutOf = (kind: string): Layout | undefined => layouts.find((layout) => layout.kind === kind);
