/**
 * Damaged JPEGs. `KERB_JPEG_MUTATIONS=1000000` makes as many, `KERB_JPEG_SEED` makes others.
 */
import { describe, expect, it } from "vitest";
import { checkRedaction } from "../../agent/formats/jpeg-check.ts";
import { maskJpeg } from "../../agent/formats/jpeg-mask.ts";
import { refusalOf } from "../../agent/formats/jpeg-refusal.ts";
import { JpegScratch } from "../../agent/formats/jpeg-scratch.ts";
import { mutate } from "../fakes/jpeg-mutations.ts";
import { drawBoxes, drawFrom, drawPicture, pick } from "../fakes/jpeg-pictures.ts";
import { readJpeg } from "../fakes/jpeg-reader.ts";
import { codeStyles } from "../fakes/jpeg-tables.ts";
import { writeJpeg } from "../fakes/jpeg-writer.ts";

const runs = Number(process.env.KERB_JPEG_MUTATIONS ?? 5_000);
const seed = Number(process.env.KERB_JPEG_SEED ?? 1);

/** Headers and tables, and for each masked MCU its codes: of the input's bits nothing can become more than this. */
const mostBytes = (input: Uint8Array, mcus: number): number => 4_000 + 2 * input.length + mcus * 10 * 8;

const originals = Array.from({ length: 60 }, (_, index) => {
	const draw = drawFrom(seed * 1_000 + index);
	const exif = [
		0xff, 0xe1, 0, 34, 0x45, 0x78, 0x69, 0x66, 0, 0, 0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0,
	];
	const adobe = [0xff, 0xee, 0, 14, 0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0, 1];
	const segments = [...(draw() < 0.3 ? exif : []), ...(draw() < 0.3 ? adobe : [])];
	return writeJpeg(drawPicture(draw, { maxWidthPx: 40, maxHeightPx: 32 }), { codes: pick(draw, codeStyles), segments });
});

describe("maskJpeg and checkRedaction on damaged files", () => {
	it(
		`never fail otherwise than by a refusal, and what is taken is redacted (${runs} files)`,
		() => {
			const counts: Record<string, number> = { taken: 0, masked: 0 };
			const scratch = new JpegScratch();
			const draw = drawFrom(seed);
			for (let run = 0; run < runs; run++) {
				const input = mutate(draw, pick(draw, originals));
				const boxes = drawBoxes(draw, 40, 32);
				try {
					const { jpeg, mcus } = maskJpeg(input, boxes, { scratch });
					counts.taken = (counts.taken ?? 0) + 1;
					if (mcus > 0) counts.masked = (counts.masked ?? 0) + 1;
					if (jpeg.length > mostBytes(input, mcus)) throw new Error(`run ${run}: ${jpeg.length} bytes from ${input.length}`);
					const problems = checkRedaction(jpeg, input, boxes);
					if (problems.length > 0) throw new Error(`run ${run}: ${problems.join("; ")}`);
					// The slow reader on some: it knows nothing of the agent.
					if (run % 50 === 0) expect(readJpeg(jpeg).trailing).toBe(0);
				} catch (error) {
					const refusal = refusalOf(error);
					if (refusal === undefined) throw error;
					counts[refusal] = (counts[refusal] ?? 0) + 1;
				}
				// The check must stand any bytes.
				if (run % 4 === 0) checkRedaction(input, pick(draw, originals), boxes);
			}
			if (runs > 5_000) console.log(JSON.stringify(counts));
			expect(
				Object.keys(counts).filter((name) => !["taken", "masked", "not-baseline", "damaged", "oriented", "too-large"].includes(name)),
			).toEqual([]);
			expect(counts.taken).toBeGreaterThan(runs / 20);
			expect(counts.masked).toBeGreaterThan(runs / 40);
			expect(counts.damaged).toBeGreaterThan(runs / 20);
		},
		Math.max(60_000, runs * 5),
	);

	it("never find an unmasked or damaged file to be the redaction of another, when the damage is in what is masked", () => {
		const all = { xPx: 0, yPx: 0, widthPx: 100, heightPx: 100 };
		const draw = drawFrom(seed + 1);
		for (const input of originals) {
			const { jpeg } = maskJpeg(input, [all]);
			const before = readJpeg(jpeg);
			for (let run = 0; run < 40; run++) {
				const mutated = mutate(draw, jpeg);
				if (checkRedaction(mutated, input, [all]).length > 0) continue;
				expect(readJpeg(mutated).mcus).toEqual(before.mcus);
			}
		}
	});
});
