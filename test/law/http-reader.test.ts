import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer as createPlain, type RequestListener } from "node:http";
import { createServer } from "node:https";
import { type AddressInfo, createServer as createTcp, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { httpReader } from "../../agent/law/http-reader.ts";
import { type Certificates, makeCertificates, type Pair } from "../fakes/certificates.ts";
import { carrierOf, smallLaw, testRepository } from "../fakes/law-repository.ts";
import { hasProgram } from "../peers.ts";

let folder = "";
let certificates: Certificates;
const cleanups: (() => void)[] = [];
const canRun = hasProgram("openssl");
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "kerbstone-https-"));
	if (canRun) certificates = makeCertificates(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => {
	for (const cleanup of cleanups.splice(0)) cleanup();
});

const listening = async (server: Server, scheme: string): Promise<string> => {
	await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
	return `${scheme}://localhost:${(server.address() as AddressInfo).port}`;
};
const serve = async (listener: RequestListener, { certFile, keyFile }: Pair = certificates.server): Promise<string> => {
	const server = createServer({ cert: readFileSync(certFile), key: readFileSync(keyFile) }, listener);
	cleanups.push(() => {
		server.closeAllConnections();
		server.close();
	});
	return await listening(server, "https");
};
const reader = (url: string, over: { readonly caFile?: string; readonly timeoutMs?: number } = {}) =>
	httpReader(`${url}/law`, { caFile: certificates.caFile, timeoutMs: 5_000, ...over });
const unavailable = { code: "LAW_UNAVAILABLE" };

describe("httpReader", () => {
	it.skipIf(!canRun)("carries a law from a server that the given authority vouches for (needs openssl)", async () => {
		const repository = testRepository();
		const asked: string[] = [];
		const url = await serve((request, response) => {
			const path = decodeURIComponent(request.url ?? "").replace("/law/", "");
			asked.push(path);
			const bytes = repository.files.get(path);
			response.writeHead(bytes === undefined ? 404 : 200).end(bytes);
		});
		const carrier = carrierOf(join(folder, "store"), reader(url));
		expect((await carrier.update()).law.policy.version).toBe(1);
		expect(carrier.snapshotVersion()).toBe(1);
		repository.publish(smallLaw(2));
		expect((await carrier.update()).law.policy.version).toBe(2);
		expect(carrier.snapshotVersion()).toBe(2);
		expect(asked).toContain("metadata/timestamp.json");
	});

	it.skipIf(!canRun)("believes no other authority, host name or time, and not the system's own list (needs openssl)", async () => {
		const answer: RequestListener = (_request, response) => void response.end("{}");
		const good = await serve(answer);
		expect(await reader(good).read("root.json", 10)).toHaveLength(2);
		await expect(reader(good, { caFile: certificates.otherCaFile }).read("root.json", 10)).rejects.toMatchObject(unavailable);
		await expect(httpReader(good).read("root.json", 10)).rejects.toMatchObject(unavailable);
		for (const pair of [certificates.wrongHost, certificates.expired]) {
			await expect(reader(await serve(answer, pair)).read("root.json", 10)).rejects.toMatchObject(unavailable);
		}
	});

	it.skipIf(!canRun)("reads no more than it asked for, said beforehand or not (needs openssl)", async () => {
		let sent = 0;
		const url = await serve((request, response) => {
			if (request.url?.endsWith("known.json") === true)
				return void response.writeHead(200, { "content-length": 1_000_000_000 }).write("x".repeat(200));
			const more = (): void => {
				sent += 65_536;
				if (!response.destroyed && sent < 100_000_000) response.write(Buffer.alloc(65_536), more);
			};
			more();
		});
		for (const name of ["known.json", "endless.json"]) {
			await expect(reader(url).read(name, 100)).rejects.toMatchObject({ code: "LAW_INVALID" });
		}
		expect(sent).toBeLessThan(100_000_000);
	});

	it.skipIf(!canRun)("gives up on a server that is slow, silent or breaks off (needs openssl)", async () => {
		const url = await serve((request, response) => {
			response.writeHead(200, { "content-length": 1_000 });
			if (request.url?.endsWith("broken.json") === true) response.write("x", () => response.destroy());
			else {
				const drip = setInterval(() => void response.write("x"), 20);
				response.once("close", () => clearInterval(drip));
			}
		});
		await expect(reader(url).read("broken.json", 2_000)).rejects.toMatchObject(unavailable);
		await expect(reader(url, { timeoutMs: 300 }).read("slow.json", 2_000)).rejects.toMatchObject(unavailable);
		const silent = createTcp();
		cleanups.push(() => void silent.close());
		silent.on("connection", (socket) => void cleanups.push(() => socket.destroy()));
		await expect(reader(await listening(silent, "https"), { timeoutMs: 300 }).read("a.json", 9)).rejects.toMatchObject(unavailable);
	});

	it.skipIf(!canRun)("follows nobody elsewhere, and takes no error page for a file (needs openssl)", async () => {
		let visits = 0;
		const elsewhere = await serve((_request, response) => {
			visits += 1;
			response.end("{}");
		});
		let status = 301;
		const url = await serve((_request, response) => void response.writeHead(status, { location: `${elsewhere}/law/root.json` }).end("{}"));
		for (status of [301, 302, 307, 308, 500, 503, 206]) {
			await expect(reader(url).read("root.json", 10)).rejects.toMatchObject(unavailable);
		}
		for (status of [403, 404]) expect(await reader(url).read("root.json", 10)).toBeUndefined();
		expect(visits).toBe(0);
	});

	it("talks without TLS to this machine alone", async () => {
		const plain = createPlain((_request, response) => void response.end("{}"));
		cleanups.push(() => void plain.close());
		expect(await httpReader(await listening(plain, "http")).read("root.json", 10)).toHaveLength(2);
		await expect(async () => httpReader("http://192.0.2.1/law").read("root.json", 10)).rejects.toMatchObject({ code: "CONFIG_INVALID" });
	});
});
