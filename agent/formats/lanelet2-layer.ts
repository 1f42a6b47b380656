/** Which layer an element of a Lanelet2 map belongs to, by its tags (Lanelet2's "LinestringTagging", "LaneletAndAreaTagging", "RegulatoryElementTagging"). */

const wayLayers: Readonly<Record<string, string>> = {
	line_thin: "Marking",
	line_thick: "Marking",
	virtual: "Marking",
	stop_line: "Marking",
	pedestrian_marking: "Marking",
	bike_marking: "Marking",
	zebra_marking: "Marking",
	keepout: "Marking",
	symbol: "Marking",
	arrow: "Marking",
	curbstone: "Marking",
	road_border: "Marking",
	traffic_sign: "Sign",
	traffic_light: "Signal",
};

const ruleLayers: Readonly<Record<string, string>> = {
	traffic_sign: "Sign",
	speed_limit: "Sign",
	traffic_light: "Signal",
};

const own = (table: Readonly<Record<string, string>>, name: string | undefined): string | undefined =>
	name !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;

/** A layer that no row of a catalogue names keeps the element inside. */
export const laneletLayer = (kind: "node" | "way" | "relation", tags: ReadonlyMap<string, string>): string => {
	const [type, subtype] = [tags.get("type"), tags.get("subtype")];
	if (kind === "node") return own(wayLayers, type) ?? "Node";
	if (kind === "way") return own(wayLayers, type) ?? (tags.get("area") === "yes" ? "Area" : "Way");
	if (type === "lanelet") return "Lane";
	if (type === "multipolygon") return "Area";
	return type === "regulatory_element" ? (own(ruleLayers, subtype) ?? "Regulation") : "Relation";
};
