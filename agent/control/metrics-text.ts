/**
 * The text format that Prometheus reads (text/plain; version=0.0.4): per metric one HELP line, one TYPE line and its samples.
 */

export interface Metric {
	/** Matches [a-z_][a-z0-9_]*; a counter's name ends in `_total`. */
	readonly name: string;
	readonly help: string;
	readonly type: "counter" | "gauge";
	/** Labels are ids and codes from closed sets, never what was sensed. */
	readonly samples: readonly { readonly labels?: Readonly<Record<string, string>>; readonly value: number }[];
}

export const metricsContentType = "text/plain; version=0.0.4; charset=utf-8";

const escapeHelp = (text: string): string => text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
const escapeLabel = (text: string): string => escapeHelp(text).replaceAll('"', '\\"');

const number = (value: number): string =>
	Number.isFinite(value) ? String(value) : Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";

const sampleLine = (name: string, labels: Readonly<Record<string, string>>, value: number): string => {
	const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escapeLabel(text)}"`);
	return `${name}${pairs.length > 0 ? `{${pairs.join(",")}}` : ""} ${number(value)}`;
};

/** The metrics as one text that ends with a line end. */
export const metricsText = (metrics: readonly Metric[]): string =>
	metrics
		.flatMap(({ name, help, type, samples }) => [
			`# HELP ${name} ${escapeHelp(help)}`,
			`# TYPE ${name} ${type}`,
			...samples.map(({ labels, value }) => sampleLine(name, labels ?? {}, value)),
		])
		.map((line) => `${line}\n`)
		.join("");
