/**
 * The server's link to a broker: tells units that the law changed, and hears what they say of themselves. A broker that is away is waited
 * for; nothing else waits for it.
 */
import { connect } from "mqtt";
import * as v from "valibot";
import { isUnitId, lawNoticeTopic } from "../../shared/topics.ts";
import { type UnitReport, UnitReportSchema } from "./units.ts";

export interface LinkOptions {
	readonly url: string;
	readonly clientId: string;
	readonly tls?: { readonly ca: string; readonly cert?: string; readonly key?: string };
	readonly onReport: (unitId: string, report: UnitReport) => void;
	readonly onProblem: (error: unknown) => void;
}

/** What every unit reads: where the repository is and how new its newest snapshot is. */
export interface LawNotice {
	readonly repository: string;
	readonly snapshotVersion: number;
}

export interface Link {
	/** Publishes the retained notice as soon as there is a connection; of several only the newest. */
	announce(notice: LawNotice): void;
	close(): Promise<void>;
}

const maxStatusBytes = 65_536;
/** A unit may say more of itself than concerns the law. */
const StatusSchema = v.object(UnitReportSchema.entries);

/** Unit and report of a status message; undefined when it is none. */
export const parseStatus = (topic: string, payload: Uint8Array): { readonly unitId: string; readonly report: UnitReport } | undefined => {
	const [kerb, version, unitId = "", status, outlet, ...more] = topic.split("/");
	if (`${kerb}/${version}/${status}` !== "kerb/v1/status" || outlet === undefined || more.length > 0 || !isUnitId(unitId)) return undefined;
	if (payload.length === 0 || payload.length > maxStatusBytes) return undefined;
	try {
		const parsed = v.safeParse(StatusSchema, JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload)));
		return parsed.success ? { unitId, report: parsed.output } : undefined;
	} catch {
		return undefined;
	}
};

export const openLink = ({ url, clientId, tls, onReport, onProblem }: LinkOptions): Link => {
	const client = connect(url, { ...tls, clientId, protocolVersion: 4, clean: true, reconnectPeriod: 1_000, queueQoSZero: false });
	let newest: LawNotice | undefined;
	const send = (): void => {
		if (newest === undefined || !client.connected) return;
		client.publishAsync(lawNoticeTopic, JSON.stringify(newest), { qos: 1, retain: true }).catch(onProblem);
	};
	client.on("error", onProblem);
	client.on("connect", () => {
		client.subscribeAsync("kerb/v1/+/status/+", { qos: 1 }).catch(onProblem);
		send();
	});
	client.on("message", (topic, payload) => {
		const said = parseStatus(topic, payload);
		if (said === undefined) return;
		try {
			onReport(said.unitId, said.report);
		} catch (error) {
			onProblem(error);
		}
	});
	return {
		announce(notice) {
			newest = notice;
			send();
		},
		close: () => client.endAsync(!client.connected),
	};
};
