/** Plain text tables: columns padded with spaces, numbers to the right, nothing that a terminal would interpret. */

export type Cell = string | number | undefined;

/** A header line and one line per row; an undefined cell is `-`. */
export const textTable = (header: readonly string[], rows: readonly (readonly Cell[])[]): string => {
	const lines = [header, ...rows].map((row) => header.map((_, column) => cellText(row[column])));
	const widths = header.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
	const isRight = header.map((_, column) => rows.length > 0 && rows.every((row) => typeof row[column] !== "string"));
	const format = (line: readonly string[]): string =>
		line.map((cell, column) => (isRight[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0))).join("  ");
	return lines.map((line) => format(line).trimEnd()).join("\n");
};

const cellText = (cell: Cell): string => {
	if (cell === undefined) return "-";
	// Names from files: a control character would let a file write to the terminal.
	return String(cell).replace(/\p{Cc}/gu, "?");
};
