/**
 * An MQTT 3.1.1 broker inside the process (aedes), for the demonstration and for tests. It listens on loopback only, keeps everything in
 * memory and acknowledges before it stores: nothing that counts may rest on it.
 */
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { Aedes } from "aedes";

export interface BrokerTls {
	readonly cert: string;
	readonly key: string;
	/** When given, a client must show a certificate that this authority vouches for. */
	readonly ca?: string;
}

export interface BrokerOptions {
	/** 0 for a free one. */
	readonly port: number;
	/** Loopback address to listen on. */
	readonly host?: "127.0.0.1" | "127.0.0.2" | "::1";
	readonly tls?: BrokerTls;
	/** False refuses a publication; under MQTT 3.1.1 the client learns that by losing its connection. */
	readonly mayPublish?: (clientId: string, topic: string) => boolean;
}

export interface Broker {
	readonly url: string;
	readonly port: number;
	/** Client ids that are connected now. */
	clients(): readonly string[];
	/** Breaks every connection, as a failing network would. */
	breakConnections(): void;
	close(): Promise<void>;
}

/** Starts listening. Rejects when the port is taken. */
export const startBroker = async (options: BrokerOptions): Promise<Broker> => {
	const host = options.host ?? "127.0.0.1";
	const aedes = await Aedes.createBroker({
		authorizePublish: (client, packet, done) => {
			const allowed = options.mayPublish?.(client?.id ?? "", packet.topic) ?? true;
			done(allowed ? null : new Error("refused by the simulated broker"));
		},
	});
	const clients = new Map<string, { close(): void }>();
	aedes.on("client", (client) => void clients.set(client.id, client));
	aedes.on("clientDisconnect", (client) => {
		if (clients.get(client.id) === client) clients.delete(client.id);
	});

	const { tls } = options;
	const sockets = new Set<{ destroy(): unknown }>();
	const server =
		tls === undefined
			? createServer()
			: createTlsServer({ ...tls, minVersion: "TLSv1.3", requestCert: tls.ca !== undefined, rejectUnauthorized: tls.ca !== undefined });
	server.on(tls === undefined ? "connection" : "secureConnection", (socket) => {
		sockets.add(socket);
		socket.on("close", () => sockets.delete(socket));
		aedes.handle(socket);
	});
	await new Promise<void>((resolve, reject) => {
		server.once("error", reject);
		server.listen(options.port, host, resolve);
	});
	const { port } = server.address() as AddressInfo;
	const breakConnections = (): void => {
		for (const socket of sockets) socket.destroy();
	};
	return {
		url: `${tls === undefined ? "mqtt" : "mqtts"}://${host === "::1" ? "[::1]" : host}:${port}`,
		port,
		clients: () => [...clients.keys()],
		breakConnections,
		close: async () => {
			const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
			await new Promise<void>((resolve) => void aedes.close(() => resolve()));
			breakConnections();
			await closed;
		},
	};
};
