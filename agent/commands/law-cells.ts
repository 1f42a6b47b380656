/**
 * `law cells`: turns sites that nobody is to read off a unit into an area of the places document that names none of them.
 */
import { join } from "node:path";
import { fromHex, toHex } from "../../shared/bytes.ts";
import { KerbError } from "../../shared/errors.ts";
import { defaultSensitiveBufferM } from "../../shared/places.ts";
import { systemDisk } from "../host/disk.ts";
import { loadPrimitives } from "../host/primitives.ts";
import { cellsOf } from "../place/make-cells.ts";
import { readSites } from "../place/read-sites.ts";
import { type Command, type CommandArgs, exitCodes, textOption } from "./command.ts";

const help = `Reads polygons with an id each from SITES.geojson and prints one area for the "areas" of a places document: the keyed hashes of
every cell that touches a site and its buffer, and of as many decoys as asked for. Positions in the document must be in the
datum of the places document; nothing is converted.

Whoever gets hold of the list can try every cell of a country. What is left to him are coarse cells, of which one in
(decoys + 1) is real. Salt and decoys are drawn from a secret; make the next version of the list with the same one, or the two
lists together show what is real in both.

Options:
  --cell-m N      shortest side of a cell in metres, 500 to 100000 (default 1000)
  --secret FILE   64 hexadecimal digits; made when it is not there. It stays with the maker of the law
  --buffer-m N    metres around a site that count as inside (default ${defaultSensitiveBufferM})
  --decoys N      decoys per site, 0 to 1000 (default 20)
  --land FILE     GeoJSON: where decoys may be (default: the box around all sites); built-up land, when the sites are
  --id ID         of the area (default: sites)

Example:
  kerbstone law cells sites.geojson --secret keys/cells.hex --land towns.geojson > area.json`;

const maxFileBytes = 256 * 1024 * 1024;

const command: Command = {
	name: "law cells",
	summary: "turn sensitive sites into cells that name none of them",
	usage: "law cells SITES.geojson --secret FILE [--cell-m N] [--buffer-m N] [--decoys N] [--land FILE] [--id ID]",
	help,
	options: {
		"cell-m": { type: "string" },
		"buffer-m": { type: "string" },
		decoys: { type: "string" },
		secret: { type: "string" },
		land: { type: "string" },
		id: { type: "string" },
	},
	run: async (args, io) => {
		const [file] = args.positionals;
		const secretFile = textOption(args, "secret");
		if (file === undefined || args.positionals.length > 1 || secretFile === undefined)
			throw new KerbError("USAGE", `expected one file of sites and --secret FILE\nUsage: kerbstone ${command.usage}`);
		const [cellM, bufferM, decoys] = [
			numberOption(args, "cell-m", 1_000, 500, 100_000),
			numberOption(args, "buffer-m", defaultSensitiveBufferM, 0, 20_000),
			numberOption(args, "decoys", 20, 0, 1_000),
		];
		const sites = readSites(readBytes(file), file);
		const landFile = textOption(args, "land");
		const land = landFile === undefined ? undefined : readSites(readBytes(landFile), landFile).flatMap(({ polygons }) => polygons);
		const secret = await secretOf(secretFile);
		const shape = cellsOf({ sites, cellM, bufferM, decoys: Math.floor(decoys), land, secret });
		await io.out(JSON.stringify({ id: textOption(args, "id") ?? "sites", kind: "sensitive", shape }));
		return exitCodes.ok;
	},
};

export default command;

const numberOption = (args: CommandArgs, name: string, usual: number, from: number, to: number): number => {
	const text = textOption(args, name);
	if (text === undefined) return usual;
	const value = Number(text);
	if (text.trim() !== "" && value >= from && value <= to) return value;
	throw new KerbError("USAGE", `--${name}: expected a number from ${from} to ${to}`);
};

const readBytes = (path: string): Uint8Array => {
	const bytes = systemDisk.readFileBounded(join(path), maxFileBytes);
	if (bytes === undefined) throw new KerbError("SOURCE_UNAVAILABLE", `${path} is not there`);
	return bytes;
};

const secretOf = async (path: string): Promise<Uint8Array> => {
	const there = systemDisk.readFileBounded(path, 1_000);
	if (there !== undefined) {
		const secret = fromHex(new TextDecoder().decode(there).trim());
		if (secret?.length !== 32) throw new KerbError("KEY_INVALID", `${path}: expected 64 hexadecimal digits`);
		return secret;
	}
	const secret = (await loadPrimitives()).randomBytes(32);
	systemDisk.writeFileDurable(path, new TextEncoder().encode(`${toHex(secret)}\n`), { mode: 0o600 });
	return secret;
};
