/**
 * The policy server as a program: `node simulators/policy-server/main.ts --help`.
 */
import { existsSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { systemClock } from "../../agent/host/clock.ts";
import { loadPrimitives } from "../../agent/host/primitives.ts";
import { isKerbError, KerbError } from "../../shared/errors.ts";
import { type SigningRole, signingRoles } from "../../shared/role-keys.ts";
import { parseMetadata, withSignatures } from "../../shared/tuf-metadata.ts";
import { initData } from "./init-data.ts";
import { openPeople, roles } from "./people.ts";
import { readRoleKeys } from "./role-folder.ts";
import { startPolicyServer, storePath } from "./server.ts";
import { openStore } from "./store.ts";

const help = `Keeps drafts of the law, has people approve them, signs, publishes and rolls out.

main.ts init --data DIR --offline-keys DIR2 [--online ROLES] [--from FOLDER --keys KEYS]
    makes the data folder, keys and a first repository. --online: roles besides snapshot and timestamp whose keys stay
    on this server, separated by commas (default: policy). The keys of the others go to DIR2: take them to another machine.
    --from takes over a repository that "kerbstone law init FOLDER" made; its other keys stay where they are.
main.ts tokens add --data DIR --name NAME --role ROLES [--days N]
    prints a token, once. Roles, separated by commas: ${roles.join(", ")}. A unit's NAME is its unit id. N: default 90
main.ts tokens certificate --data DIR --name CN --role ROLES
    lets a client certificate with this subject CN in (see --client-ca)
main.ts sign --keys FILE --role ROLE --in METADATA
    for whoever holds an offline key: signs what GET /releases/ID/to-sign/ROLE?form=metadata gave, prints what to POST to
    /releases/ID/signatures. Needs no data folder and no network
main.ts tokens list --data DIR
main.ts tokens remove --data DIR --name NAME
main.ts --data DIR [options]
    serves until SIGINT or SIGTERM

  --listen HOST:PORT     default 127.0.0.1:8600; anything but loopback needs TLS
  --tls-cert FILE --tls-key FILE   PEM
  --client-ca FILE       PEM; a client may show a certificate of this authority in place of a token
  --broker URL           mqtt:// or mqtts://: sends the notice that the law changed, hears what units say
  --broker-ca FILE --broker-cert FILE --broker-key FILE
  --public-url URL       where units fetch the repository, when a web server or CDN serves DIR/public
  --timestamp-days N     how long a timestamp holds, 1 to 30 (default 7)

Then: the operator's page at /, the API as in shared/schemas/policy-server-api.yaml, the repository at /tuf/.
Exit codes: 0 ended as asked; 2 wrong usage; 4 no data folder, key, port or file.`;

const text = { type: "string" } as const;
const optionTable = {
	data: text,
	listen: text,
	"tls-cert": text,
	"tls-key": text,
	"client-ca": text,
	broker: text,
	"broker-ca": text,
	"broker-cert": text,
	"broker-key": text,
	"public-url": text,
	"timestamp-days": text,
	"offline-keys": text,
	online: text,
	from: text,
	keys: text,
	in: text,
	name: text,
	role: text,
	days: text,
	help: { type: "boolean" },
} as const;

type Values = ReturnType<typeof parsed>["values"];
const parsed = (argv: readonly string[]) => parseArgs({ args: [...argv], options: optionTable, allowPositionals: true });

const needed = (values: Values, name: "data" | "name" | "role" | "offline-keys" | "keys" | "in"): string => {
	const value = values[name];
	if (value === undefined || value === "") throw new KerbError("USAGE", `expected --${name}; --help says more`);
	return value;
};

const read = (path: string): string => readFileSync(path, "utf8");

const isSigningRole = (role: string): role is SigningRole => signingRoles.some((each) => each === role);

const init = async (values: Values): Promise<void> => {
	const wanted = (values.online ?? "policy").split(",").filter((role) => role !== "");
	const online = wanted.filter(isSigningRole);
	if (online.length < wanted.length) throw new KerbError("USAGE", `--online: expected some of ${signingRoles.join(", ")}`);
	const made = await initData({
		dataDir: needed(values, "data"),
		offlineKeysDir: values.from === undefined ? needed(values, "offline-keys") : "",
		online,
		...(values.from === undefined ? {} : { from: { folder: values.from, keys: needed(values, "keys") } }),
		nowMs: systemClock.nowMs(),
	});
	console.log(`root ${made.rootSha256}`);
	console.log(`online: ${made.online.join(", ")}; offline: ${made.offline.join(", ")}`);
};

const tokens = async (action: string | undefined, values: Values): Promise<void> => {
	const dataDir = needed(values, "data");
	if (!existsSync(storePath(dataDir))) throw new KerbError("STATE_INVALID", `${dataDir} is no data folder yet; run "main.ts init" first`);
	const crypto = await loadPrimitives();
	const store = openStore(storePath(dataDir), crypto);
	try {
		const people = openPeople(store.db, crypto, () => systemClock.nowMs());
		const audit = (act: string, target: string): void =>
			store.audit({ at: new Date(systemClock.nowMs()).toISOString(), who: "console", act, target, result: "ok" });
		switch (action) {
			case "add": {
				const [name, role] = [needed(values, "name"), needed(values, "role")];
				console.log(people.addToken(name, role.split(","), Number(values.days ?? 90)));
				return audit("add token", `${name} ${role}`);
			}
			case "certificate": {
				const [name, role] = [needed(values, "name"), needed(values, "role")];
				people.addCertificate(name, role.split(","));
				return audit("add certificate", `${name} ${role}`);
			}
			case "remove": {
				const name = needed(values, "name");
				if (!people.remove(name)) throw new KerbError("USAGE", "there is nobody of this name");
				return audit("remove", name);
			}
			case "list":
				for (const { kind, name, roles: has } of people.list()) console.log(`${name}\t${kind}\t${has}`);
				return;
			default:
				throw new KerbError("USAGE", "expected tokens add, certificate, list or remove; --help says more");
		}
	} finally {
		store.close();
	}
};

const sign = async (values: Values): Promise<void> => {
	const [path, role] = [needed(values, "in"), needed(values, "role")];
	const keys = readRoleKeys(needed(values, "keys")).keys.filter((key) => key.role === role && key.retired !== true);
	if (keys.length === 0) throw new KerbError("KEY_INVALID", `the key file has no key of role "${role}"`);
	const { signed } = parseMetadata(readFileSync(path), path);
	const { signatures } = withSignatures({ signed, signatures: [] }, keys, await loadPrimitives());
	console.log(JSON.stringify({ role, signatures }));
};

const serve = async (values: Values): Promise<void> => {
	const [, host = "", port = ""] = /^(.+):(\d{1,5})$/.exec(values.listen ?? "127.0.0.1:8600") ?? [];
	if (host === "") throw new KerbError("USAGE", "--listen: expected HOST:PORT");
	const days = Number(values["timestamp-days"] ?? 7);
	if (!(days >= 1 && days <= 30)) throw new KerbError("USAGE", "--timestamp-days: expected 1 to 30");
	const [cert, key, clientCa] = [values["tls-cert"], values["tls-key"], values["client-ca"]];
	if ((cert === undefined) !== (key === undefined) || (clientCa !== undefined && cert === undefined))
		throw new KerbError("USAGE", "--tls-cert and --tls-key go together, and --client-ca needs them");
	const [brokerCa, brokerCert, brokerKey] = [values["broker-ca"], values["broker-cert"], values["broker-key"]];
	const server = await startPolicyServer({
		dataDir: needed(values, "data"),
		host: host.replace(/^\[|\]$/g, ""),
		port: Number(port),
		...(cert === undefined || key === undefined
			? {}
			: { tls: { cert: read(cert), key: read(key), ...(clientCa === undefined ? {} : { clientCa: read(clientCa) }) } }),
		...(values.broker === undefined
			? {}
			: {
					broker: {
						url: values.broker,
						...(brokerCa === undefined
							? {}
							: {
									tls: {
										ca: read(brokerCa),
										...(brokerCert === undefined ? {} : { cert: read(brokerCert) }),
										...(brokerKey === undefined ? {} : { key: read(brokerKey) }),
									},
								}),
					},
				}),
		...(values["public-url"] === undefined ? {} : { publicUrl: values["public-url"] }),
		lifeDays: { timestamp: days },
		onProblem: (what, error) => console.error(`policy server: ${what}: ${error instanceof Error ? error.message : "unknown trouble"}`),
	});
	console.log(`ready ${server.url}`);
	const ended = Promise.withResolvers<void>();
	process.once("SIGINT", () => ended.resolve()).once("SIGTERM", () => ended.resolve());
	await ended.promise;
	await server.close();
};

const main = async (argv: readonly string[]): Promise<void> => {
	const { values, positionals } = parsed(argv);
	const [command, action, ...more] = positionals;
	if (values.help === true) return console.log(help);
	if (more.length > 0 || (action !== undefined && command !== "tokens")) throw new KerbError("USAGE", "too many words; --help says more");
	switch (command) {
		case "init":
			return await init(values);
		case "tokens":
			return await tokens(action, values);
		case "sign":
			return await sign(values);
		case undefined:
			return await serve(values);
		default:
			throw new KerbError("USAGE", "expected init, tokens, sign, or options alone; --help says more");
	}
};

if (import.meta.main) {
	try {
		await main(process.argv.slice(2));
	} catch (error) {
		const { message, code } = error as Error & { code?: string };
		console.error(`policy server: ${message}`);
		if (isKerbError(error)) for (const problem of error.problems) console.error(`  ${problem}`);
		process.exitCode = code === "USAGE" || code?.startsWith("ERR_PARSE_ARGS") ? 2 : 4;
	}
}
