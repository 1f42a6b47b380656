/**
 * A process with a real spool and a real uploader, to be killed by a test: `node spool-uploader.ts SPOOL BROKER_URL COUNT`. It seals envelopes
 * until COUNT were appended in all its lives, prints the number of each after it is durable, and uploads them meanwhile.
 */
import { systemClock } from "../../agent/host/clock.ts";
import { systemLinks } from "../../agent/host/links.ts";
import { openSpool } from "../../agent/spool/spool.ts";
import { startUploader } from "../../agent/upload/uploader.ts";
import { anOutlet } from "./rig.ts";
import { outletId, sealed, unitId } from "./sealed.ts";

const [path = "", brokerUrl = "", count = "0"] = process.argv.slice(2);
const spool = openSpool(path, { maxBytes: 1e8, maxEnvelopes: 1e5, floors: {}, reserve: () => undefined });
const uploader = startUploader({
	unitId,
	outlet: anOutlet(brokerUrl, { maxInFlight: 8 }),
	outbox: spool,
	links: systemLinks,
	credentials: () => undefined,
	clock: systemClock,
	random: Math.random,
	emit: () => undefined,
	onConnection: () => undefined,
	times: { backoff: { minMs: 10, maxMs: 50 } },
});
for (;;) {
	const sequence = spool.nextSequence(outletId);
	if (sequence > Number(count)) break;
	const { bytes, categoryId } = sealed(sequence);
	spool.append([
		{
			outletId,
			sequence,
			categoryId,
			purpose: "fleet-health",
			level: "general",
			priority: 1,
			records: 3,
			sealedAtMs: systemClock.nowMs(),
			bytes,
		},
	]);
	process.stdout.write(`${sequence}\n`);
	uploader.wake();
	await systemClock.sleep(2);
}
await uploader.drained();
await uploader.stop({ drainMs: 1_000 });
spool.close();
