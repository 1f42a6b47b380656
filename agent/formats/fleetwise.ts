/**
 * Documents of AWS IoT FleetWise into what a policy and a CAN source take. Each document is recognised by its shape: a campaign has a
 * `collectionScheme`; a manifest has `signalDecoders` or `networkInterfaces`, also as `...ToAdd`, or is a bare list of either.
 */
import { type ImportedCampaign, importCampaign } from "./fleetwise-campaign.ts";
import { type ImportedDecoder, importDecoder, type Placed } from "./fleetwise-decoder.ts";
import { type FleetwiseNote, FleetwiseNotes, isJsonObject, type JsonObject } from "./fleetwise-notes.ts";

export interface FleetwiseFile {
	/** For notes. */
	readonly name: string;
	/** As JSON gave it. */
	readonly document: unknown;
}

export interface FleetwiseImport {
	readonly campaigns: readonly ImportedCampaign[];
	readonly decoder: ImportedDecoder;
	readonly notes: readonly FleetwiseNote[];
}

const decoderKeys = ["signalDecoders", "signalDecodersToAdd"];
const interfaceKeys = ["networkInterfaces", "networkInterfacesToAdd"];
const manifestFields: Readonly<Record<string, string>> = {
	modelManifestArn: "the paths are the model; the catalogue of the law says what they are",
	name: "the DBC file is named after its interface",
	description: "a DBC file and an overlay have no place for it",
	arn: "there are no such names",
	status: "files are in use when the configuration names them",
	creationTime: "files have their own time",
	lastModificationTime: "files have their own time",
	tags: "files have no tags",
	nextToken: "this is one page of a longer list: import the other pages with it",
	defaultForUnmappedSignals: "a signal without a decoder is not decoded",
};

/** Never throws: a file that is none of these is noted as such. Ids of campaigns come out different from each other. */
export const importFleetwise = (files: readonly FleetwiseFile[]): FleetwiseImport => {
	const notes = new FleetwiseNotes();
	const campaigns: ImportedCampaign[] = [];
	const decoders: Placed[] = [];
	const interfaces: Placed[] = [];
	const ids = new Set<string>();
	for (const { name, document } of files) {
		if (Array.isArray(document)) sortList(document, name, decoders, interfaces, notes);
		else if (!isJsonObject(document)) notes.lost(name, "expected a campaign or a decoder manifest");
		else if (document.collectionScheme !== undefined) campaigns.push(withFreeId(importCampaign(document, name, notes), ids));
		else if (!readManifest(document, name, decoders, interfaces, notes))
			notes.lost(name, "neither a campaign (collectionScheme) nor a decoder manifest (signalDecoders, networkInterfaces)");
	}
	return { campaigns, decoder: importDecoder(decoders, interfaces, notes), notes: notes.all };
};

const readManifest = (document: JsonObject, name: string, decoders: Placed[], interfaces: Placed[], notes: FleetwiseNotes): boolean => {
	const keys = [...decoderKeys, ...interfaceKeys].filter((key) => document[key] !== undefined);
	if (keys.length === 0) return false;
	notes.rest(document, `${name}: `, keys, manifestFields);
	for (const key of keys) {
		const list = document[key];
		if (!Array.isArray(list)) notes.lost(`${name}: ${key}`, "expected a list");
		else
			for (const [index, entry] of list.entries())
				(decoderKeys.includes(key) ? decoders : interfaces).push({ entry, at: `${name}: ${key}[${index}]` });
	}
	return true;
};

const sortList = (list: readonly unknown[], name: string, decoders: Placed[], interfaces: Placed[], notes: FleetwiseNotes): void => {
	for (const [index, entry] of list.entries()) {
		const at = `${name}: [${index}]`;
		if (isJsonObject(entry) && entry.fullyQualifiedName !== undefined) decoders.push({ entry, at });
		else if (isJsonObject(entry) && typeof entry.type === "string" && entry.type.endsWith("_INTERFACE")) interfaces.push({ entry, at });
		else notes.lost(at, "neither a signal decoder nor a network interface");
	}
};

const withFreeId = (campaign: ImportedCampaign, ids: Set<string>): ImportedCampaign => {
	let id = campaign.id;
	for (let count = 2; ids.has(id); count++) id = `${campaign.id}-${count}`;
	ids.add(id);
	if (id === campaign.id) return campaign;
	return { ...campaign, id, collect: campaign.collect.map((rule) => ({ ...rule, id: `${id}${rule.id.slice(campaign.id.length)}` })) };
};
