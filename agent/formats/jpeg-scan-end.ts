/**
 * Where the entropy-coded data of a scan ends: at the first marker that is not a restart. Restart markers must come as often and in the order that
 * the restart interval says (T.81, B.1.1.5 and E.1.4); that there are no others bounds every later loop over them.
 */
import { isOtherProcess, jpegMarkers, markerName } from "./jpeg-codes.ts";
import { jpegRefusal } from "./jpeg-refusal.ts";

/** `mcus` of the whole scan, `restartInterval` in MCUs, 0 for none. @throws KerbError FORMAT_INVALID `damaged`, or `not-baseline` for what other processes go on with */
export const findScanEnd = (bytes: Uint8Array, start: number, mcus: number, restartInterval: number): number => {
	const restarts = restartInterval === 0 ? 0 : Math.ceil(mcus / restartInterval) - 1;
	let seen = 0;
	for (let at = start; ; ) {
		const found = bytes.indexOf(0xff, at);
		let code = found;
		// Any number of 0xFF may come before a marker (T.81, B.1.1.2).
		while (found >= 0 && bytes[code] === 0xff) code++;
		const marker = bytes[code];
		if (found < 0 || marker === undefined) throw jpegRefusal("damaged", "it ends before its end-of-image marker");
		at = code + 1;
		if (marker === 0 && code === found + 1) continue;
		if (marker >= jpegMarkers.rst0 && marker <= jpegMarkers.rst7) {
			if (seen === restarts || marker !== jpegMarkers.rst0 + (seen & 7)) {
				throw jpegRefusal("damaged", `restart marker ${seen + 1} is out of order, or one too many`);
			}
			seen++;
			continue;
		}
		if (marker === jpegMarkers.sos || isOtherProcess(marker) || marker === jpegMarkers.sof0 || marker === jpegMarkers.sof1) {
			throw jpegRefusal("not-baseline", `expected one scan, got ${markerName(marker)} after it`);
		}
		if (marker !== jpegMarkers.eoi) throw jpegRefusal("damaged", `expected the end of the image after its scan, got ${markerName(marker)}`);
		if (seen !== restarts) throw jpegRefusal("damaged", `expected ${restarts} restart markers, got ${seen}`);
		return found;
	}
};
