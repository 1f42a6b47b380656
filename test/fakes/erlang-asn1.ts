/**
 * An independent UPER codec: Erlang's ASN.1 compiler (Debian: erlang-asn1, erlang-nox) as one process that compiles the texts of a standard
 * once and then answers any number of messages. Its terms are turned into the tree of shared/message.ts with a message type as guide.
 *
 * Names of single bits are taken out of the texts, so that a bit string stays bits and keeps its trailing zeros.
 */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { MessageType } from "../../agent/formats/v2x/message-type.ts";
import type { MessageValue } from "../../shared/message.ts";
import { programPath } from "../peers.ts";
import { fromTerm, toTerm } from "./erlang-terms.ts";

export interface ErlangAsn1 {
	/** The tree, or undefined when Erlang refuses the bytes. Fields equal to their default are left out, as this project's codec does. */
	decode(module: string, typeName: string, type: MessageType, bytes: Uint8Array): Promise<MessageValue | undefined>;
	/** The bytes, or undefined when Erlang refuses the value. */
	encode(module: string, typeName: string, type: MessageType, value: MessageValue): Promise<Uint8Array | undefined>;
	/** Erlang's own words for the last refusal. */
	lastRefusal(): string;
	stop(): Promise<void>;
}

/** True when Erlang and its ASN.1 compiler are installed. */
export const hasErlangAsn1 = (): boolean => programPath("escript") !== undefined && erlangLibraries.some(hasAsn1);

const erlangLibraries = ["/usr/lib/erlang/lib", "/usr/local/lib/erlang/lib"];
const hasAsn1 = (folder: string): boolean => existsSync(folder) && readdirSync(folder).some((name) => name.startsWith("asn1-"));

const program = String.raw`#!/usr/bin/env escript
-mode(compile).
main([Dir | Modules]) ->
    code:add_patha(Dir),
    Failed = [M || M <- Modules, asn1ct:compile(filename:join(Dir, M ++ ".asn1"), [uper, maps, noobj, report_errors, {outdir, Dir}, {i, Dir}]) =/= ok],
    Rest = [M || M <- Modules, compile:file(filename:join(Dir, M), [{outdir, Dir}, report_errors]) =:= error],
    case Failed ++ Rest of
        [] -> io:format("@ready~n"), loop();
        Bad -> io:format("@failed ~p~n", [Bad]), halt(1)
    end.
loop() ->
    case io:get_line("") of
        eof -> halt(0);
        {error, _} -> halt(1);
        Line -> io:put_chars(["@", (catch_all(fun() -> serve(string:split(string:trim(Line), " ", all)) end)), "\n"]), loop()
    end.
catch_all(Fun) ->
    try Fun() catch Class:Reason -> refuse({Class, Reason}) end.
refuse(Reason) -> ["no ", re:replace(io_lib:format("~0p", [Reason]), "\n", " ", [global])].
serve(["d", Module, Type, Hex]) ->
    case (list_to_atom(Module)):decode(list_to_atom(Type), binary:decode_hex(list_to_binary(Hex))) of
        {ok, Term} -> ["yes ", json(Term)];
        {error, Reason} -> refuse(Reason)
    end;
serve(["d", Module, Type]) -> serve(["d", Module, Type, ""]);
serve(["e", Module, Type | Words]) ->
    {ok, Tokens, _} = erl_scan:string(lists:append(lists:join(" ", Words)) ++ "."),
    {ok, Term} = erl_parse:parse_term(Tokens),
    case (list_to_atom(Module)):encode(list_to_atom(Type), Term) of
        {ok, Bytes} -> ["yes ", binary:encode_hex(iolist_to_binary(Bytes))];
        {error, Reason} -> refuse(Reason)
    end.
json(X) when is_integer(X) -> integer_to_list(X);
json(X) when is_atom(X) -> ["{\"a\":", text(atom_to_list(X)), "}"];
json(X) when is_binary(X) -> ["{\"o\":\"", binary:encode_hex(X), "\"}"];
json(X) when is_bitstring(X) -> ["{\"b\":\"", [$0 + B || <<B:1>> <= X], "\"}"];
json(X) when is_map(X) -> ["{\"m\":{", lists:join(",", [[text(atom_to_list(K)), ":", json(V)] || {K, V} <- maps:to_list(X)]), "}}"];
json(X) when is_tuple(X) -> ["{\"t\":", json(tuple_to_list(X)), "}"];
json(X) when is_list(X) -> ["[", lists:join(",", [json(E) || E <- X]), "]"].
text(S) -> ["\"", S, "\""].
`;

const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\//g, " ").replace(/--(?:(?!--)[^\n])*(?:--|$)/gm, " ");

/** The modules of the texts with their names, as Erlang wants them: one file each. */
const modulesOf = (texts: readonly string[]): ReadonlyMap<string, string> => {
	const modules = new Map<string, string>();
	for (const text of texts) {
		const plain = withoutComments(text.replaceAll("\r", "\n")).replace(/(BIT\s+STRING)\s*\{[^}]*\}/g, "$1");
		for (const match of plain.matchAll(/([A-Z][\w-]*)\s*(?:\{[^}]*\})?\s*DEFINITIONS[\s\S]*?\bEND\b/g))
			modules.set(match[1] ?? "", match[0]);
	}
	return modules;
};

/**
 * Compiles the ASN.1 texts (any number of modules, in any order) and waits until the process answers.
 *
 * @throws Error with Erlang's words when a text does not compile
 */
export const startErlangAsn1 = async (texts: readonly string[]): Promise<ErlangAsn1> => {
	const escript = programPath("escript");
	if (escript === undefined) throw new Error("escript is not installed");
	const folder = mkdtempSync(join(tmpdir(), "kerb-asn1-"));
	mkdirSync(join(folder, "asn"));
	writeFileSync(join(folder, "oracle.escript"), program);
	const modules = modulesOf(texts);
	for (const [name, text] of modules) writeFileSync(join(folder, "asn", `${name}.asn1`), text);
	const child = spawn(escript, [join(folder, "oracle.escript"), join(folder, "asn"), ...modules.keys()], { cwd: folder });
	const answers = linesOf(child);
	let chain: Promise<unknown> = Promise.resolve();
	let refusal = "";
	const ask = (question: string): Promise<string | undefined> => {
		const asked = chain.then(async () => {
			child.stdin.write(`${question}\n`);
			const line = await answers.next();
			if (line.startsWith("@yes ")) return line.slice(5);
			refusal = line.slice(4);
			return undefined;
		});
		chain = asked.catch(() => undefined);
		return asked;
	};
	const stop = async (): Promise<void> => {
		await chain;
		child.stdin.end();
		await answers.ended;
		rmSync(folder, { recursive: true, force: true });
	};
	const first = await answers.next();
	if (first !== "@ready") {
		await stop();
		throw new Error(`the ASN.1 texts do not compile: ${first}\n${answers.noise()}`);
	}
	return {
		async decode(module, typeName, type, bytes) {
			const json = await ask(`d ${module} ${typeName} ${Buffer.from(bytes).toString("hex")}`.trimEnd());
			return json === undefined ? undefined : fromTerm(type, JSON.parse(json));
		},
		async encode(module, typeName, type, value) {
			const hex = await ask(`e ${module} ${typeName} ${toTerm(type, value)}`);
			return hex === undefined ? undefined : Uint8Array.from(Buffer.from(hex, "hex"));
		},
		lastRefusal: () => refusal,
		stop,
	};
};

interface Lines {
	/** The next line that the oracle, not the compiler, wrote; "" when it has ended. */
	next(): Promise<string>;
	noise(): string;
	readonly ended: Promise<void>;
}

const linesOf = (child: ChildProcessWithoutNullStreams): Lines => {
	const waiting: ((line: string) => void)[] = [];
	const ready: string[] = [];
	let noise = "";
	let over = false;
	const ended = new Promise<void>((resolve) => {
		child.once("close", () => {
			over = true;
			for (const take of waiting.splice(0)) take("");
			resolve();
		});
	});
	child.stderr.on("data", (chunk: Buffer) => {
		noise = `${noise}${chunk.toString()}`.slice(-8_000);
	});
	createInterface({ input: child.stdout }).on("line", (line) => {
		if (!line.startsWith("@")) noise = `${noise}${line}\n`.slice(-8_000);
		else (waiting.shift() ?? ((late: string) => ready.push(late)))(line);
	});
	const next = (): Promise<string> =>
		new Promise((resolve) => {
			const line = ready.shift();
			if (line !== undefined) resolve(line);
			else if (over) resolve("");
			else waiting.push(resolve);
		});
	return { next, noise: () => noise, ended };
};
