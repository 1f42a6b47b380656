/** One line of an overlay, whatever file it came from: this signal gives this path its value. */

/** What a signal can be compared with, and what a path can be set to. */
export type OverlayValue = number | string | boolean;

export interface OverlayEntry {
	/** `Message.Signal`, or `Signal` alone for that signal of any message. */
	readonly signal: string;
	/** The VSS path. */
	readonly path: string;
	/** An expression over x; never together with `mapping`. */
	readonly math?: string | undefined;
	/** A text in `from` is a label of the DBC's value table. What is not in the list has no value for this path. */
	readonly mapping?: readonly { readonly from: OverlayValue; readonly to: OverlayValue }[] | undefined;
}
