/**
 * A GNSS receiver that is not there: moves along a route by a clock that is handed in, and says where it is as a gpsd does (JSON over TCP on
 * 127.0.0.1) or as a receiver does (NMEA 0183 sentences). The sentences are made here from the standard alone, so that they test the agent's
 * own reader.
 */
import { createServer, type Server, type Socket } from "node:net";
import type { Clock } from "../agent/host/clock.ts";
import { KerbError } from "../shared/errors.ts";

export interface RoutePoint {
	/** Since the beginning of the route; points are in this order. */
	readonly atMs: number;
	readonly latDeg: number;
	readonly lonDeg: number;
	readonly altMslM: number;
	readonly speedMps: number;
	/** 0 to 360, clockwise from true north. */
	readonly courseDeg: number;
}

const metresPerDegree = 111_320;
const mpsPerKnot = 1852 / 3600;

/** A round trip of `rounds` circles with a point a second: where a demonstration drives when nobody has recorded a route. */
export const circleRoute = (
	centre: { readonly latDeg: number; readonly lonDeg: number },
	radiusM: number,
	speedMps: number,
): RoutePoint[] => {
	const seconds = Math.max(4, Math.round((2 * Math.PI * radiusM) / speedMps));
	return Array.from({ length: seconds + 1 }, (_, second) => {
		const angle = (2 * Math.PI * second) / seconds;
		return {
			atMs: second * 1_000,
			latDeg: centre.latDeg + (radiusM * Math.cos(angle)) / metresPerDegree,
			lonDeg: centre.lonDeg + (radiusM * Math.sin(angle)) / (metresPerDegree * Math.cos((centre.latDeg * Math.PI) / 180)),
			altMslM: 40,
			speedMps,
			courseDeg: ((angle * 180) / Math.PI + 90) % 360,
		};
	});
};

/** Where the route is after `elapsedMs`; it begins again after its last point. Between two points: on the straight line. */
export const routeAt = (route: readonly RoutePoint[], elapsedMs: number): RoutePoint => {
	const first = route[0];
	const last = route.at(-1);
	if (first === undefined || last === undefined) throw new KerbError("CONFIG_INVALID", "a route must have at least one point, got none");
	const lengthMs = last.atMs - first.atMs;
	const atMs = first.atMs + (lengthMs > 0 ? elapsedMs % lengthMs : 0);
	const next = route.findIndex((point) => point.atMs > atMs);
	const after = next < 0 ? last : (route[next] ?? last);
	const before = next < 0 ? last : (route[next - 1] ?? after);
	const share = after.atMs > before.atMs ? (atMs - before.atMs) / (after.atMs - before.atMs) : 0;
	const between = (from: number, to: number): number => from + (to - from) * share;
	return {
		...before,
		atMs,
		latDeg: between(before.latDeg, after.latDeg),
		lonDeg: between(before.lonDeg, after.lonDeg),
		altMslM: between(before.altMslM, after.altMslM),
	};
};

const sentence = (body: string): string => {
	let sum = 0;
	for (const character of body) sum ^= character.charCodeAt(0);
	return `$${body}*${sum.toString(16).toUpperCase().padStart(2, "0")}\r\n`;
};

/** `dddmm.mmmmmmm`: seven decimals are about 0.2 mm. */
const angle = (deg: number, degreeDigits: number): string => {
	const unit = 1e7;
	const minutes = Math.round(Math.abs(deg) * 60 * unit);
	const whole = Math.floor(minutes / (60 * unit));
	const rest = ((minutes - whole * 60 * unit) / unit).toFixed(7);
	return `${String(whole).padStart(degreeDigits, "0")}${rest.padStart(10, "0")}`;
};

/** One cycle of sentences: RMC, GGA, GSA; without a fix, the same ones with empty fields, as receivers send them. */
export const nmeaCycle = (point: RoutePoint | undefined, utcMs: number): string => {
	const iso = new Date(utcMs).toISOString();
	const time = `${iso.slice(11, 13)}${iso.slice(14, 16)}${iso.slice(17, 19)}.${iso.slice(20, 23)}`;
	const date = `${iso.slice(8, 10)}${iso.slice(5, 7)}${iso.slice(2, 4)}`;
	if (point === undefined) {
		return (
			sentence(`GPRMC,${time},V,,,,,,,${date},,,N`) + sentence(`GPGGA,${time},,,,,0,00,,,M,,M,,`) + sentence("GPGSA,A,1,,,,,,,,,,,,,,,")
		);
	}
	const lat = `${angle(point.latDeg, 2)},${point.latDeg < 0 ? "S" : "N"}`;
	const lon = `${angle(point.lonDeg, 3)},${point.lonDeg < 0 ? "W" : "E"}`;
	const knots = (point.speedMps / mpsPerKnot).toFixed(3);
	return (
		sentence(`GPRMC,${time},A,${lat},${lon},${knots},${point.courseDeg.toFixed(2)},${date},,,A`) +
		sentence(`GPGGA,${time},${lat},${lon},1,09,0.9,${point.altMslM.toFixed(2)},M,0.0,M,,`) +
		sentence("GPGSA,A,3,02,05,12,15,18,20,24,25,29,,,,1.7,0.9,1.4")
	);
};

/** The same as gpsd says it, without its line end. */
export const gpsdTpv = (point: RoutePoint | undefined, utcMs: number, device: string): string =>
	JSON.stringify({
		class: "TPV",
		device,
		mode: point === undefined ? 1 : 3,
		time: new Date(utcMs).toISOString(),
		...(point !== undefined && {
			lat: point.latDeg,
			lon: point.lonDeg,
			altHAE: point.altMslM,
			altMSL: point.altMslM,
			track: point.courseDeg,
			speed: point.speedMps,
			eph: 17.1,
		}),
	});

export interface GnssReceiverOptions {
	readonly route: readonly RoutePoint[];
	readonly clock: Clock;
	/** 0 takes a free one. */
	readonly port?: number;
	/** Between two reports; 1,000 unless given. */
	readonly periodMs?: number;
	/** No fix for so long after the start, as after a cold start. */
	readonly searchingMs?: number;
}

export interface GnssReceiver {
	/** Where the gpsd listens, on 127.0.0.1. */
	readonly port: number;
	/** Reports made since the start, fix or none. */
	readonly reports: () => number;
	/** Closes every connection, as a gpsd that restarts does. */
	drop(): void;
	close(): Promise<void>;
}

const device = "/dev/simulated-gnss";
const maxClients = 16;
const maxCommandBytes = 1_024;

class Client {
	readonly socket: Socket;
	watching = false;
	nmea = false;
	#command = "";

	constructor(socket: Socket) {
		this.socket = socket;
	}

	/** Takes `?WATCH={...};` commands; everything else is ignored, as gpsd answers nothing that this simulator's clients wait for. */
	hear(text: string): void {
		this.#command = (this.#command + text).slice(-maxCommandBytes);
		for (let end = this.#command.indexOf(";"); end >= 0; end = this.#command.indexOf(";")) {
			const command = this.#command.slice(0, end).trim();
			this.#command = this.#command.slice(end + 1);
			if (command.startsWith("?WATCH=")) this.#watch(command.slice("?WATCH=".length));
		}
	}

	#watch(json: string): void {
		let policy: { enable?: unknown; json?: unknown; nmea?: unknown };
		try {
			policy = Object(JSON.parse(json));
		} catch {
			this.say({ class: "ERROR", message: "Can't parse the watch policy" });
			return;
		}
		this.watching = policy.enable !== false && policy.json === true;
		this.nmea = policy.enable !== false && policy.nmea === true;
		this.say({ class: "DEVICES", devices: [{ class: "DEVICE", path: device, driver: "NMEA0183" }] });
		this.say({ class: "WATCH", enable: this.watching || this.nmea, json: this.watching, nmea: this.nmea });
	}

	say(message: object): void {
		this.write(`${JSON.stringify(message)}\r\n`);
	}

	/** A client that does not read is not waited for: it loses reports, as with a real receiver. */
	write(text: string): void {
		if (this.socket.writable && this.socket.writableLength < 65_536) this.socket.write(text);
	}
}

const listen = (server: Server, port: number): Promise<number> =>
	new Promise((resolve, reject) => {
		server.once("error", (cause) =>
			reject(new KerbError("LINK_FAILED", "the simulated gpsd cannot listen on 127.0.0.1; is the port taken?", { cause })),
		);
		server.listen(port, "127.0.0.1", () => {
			const address = server.address();
			resolve(typeof address === "object" && address !== null ? address.port : port);
		});
	});

/**
 * Starts the receiver: it reports from now on, whether anybody listens or not.
 *
 * @throws KerbError LINK_FAILED when the port is taken, CONFIG_INVALID for an empty route.
 */
export const startGnssReceiver = async (options: GnssReceiverOptions): Promise<GnssReceiver> => {
	const { route, clock, periodMs = 1_000, searchingMs = 0 } = options;
	routeAt(route, 0);
	const clients = new Set<Client>();
	const stopped = new AbortController();
	let reports = 0;
	const server = createServer((socket) => {
		socket.on("error", () => socket.destroy());
		if (clients.size >= maxClients) return void socket.destroy();
		const client = new Client(socket);
		clients.add(client);
		socket.on("close", () => clients.delete(client));
		socket.on("data", (bytes) => client.hear(bytes.toString("latin1")));
		client.say({ class: "VERSION", release: "3.22", rev: "simulated", proto_major: 3, proto_minor: 14 });
	});
	const port = await listen(server, options.port ?? 0);

	const report = (elapsedMs: number): void => {
		const nowMs = Math.round(clock.nowMs());
		const point = elapsedMs < searchingMs ? undefined : routeAt(route, elapsedMs - searchingMs);
		reports++;
		const json = `${gpsdTpv(point, nowMs, device)}\r\n`;
		for (const client of clients) {
			if (client.watching) client.write(json);
			if (client.nmea) client.write(nmeaCycle(point, nowMs));
		}
	};
	const run = async (): Promise<void> => {
		const startMs = clock.bootMs();
		while (!stopped.signal.aborted) {
			const elapsedMs = clock.bootMs() - startMs;
			report(elapsedMs);
			await clock.sleep(Math.max(1, periodMs - (elapsedMs % periodMs)), stopped.signal);
		}
	};
	const running = run();

	return {
		port,
		reports: () => reports,
		drop: () => {
			for (const client of clients) client.socket.destroy();
		},
		close: async () => {
			stopped.abort();
			for (const client of clients) client.socket.destroy();
			await new Promise<void>((resolve) => server.close(() => resolve()));
			await running;
		},
	};
};
