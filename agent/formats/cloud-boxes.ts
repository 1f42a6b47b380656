/**
 * Which points lie in one of many boxes, in about the same time however many boxes there are.
 */
import type { CloudBox } from "../../shared/cloud.ts";
import type { CloudAxes } from "./cloud-columns.ts";

/** More road users than a sensor can tell apart. */
export const maxCloudBoxes = 1_024;

/** A few turns; beyond it nobody meant an angle. */
const maxYawRad = 100;

/** Cells of the grid over all boxes, per side. */
const gridSide = 64;

/** In metres; coordinates of every map grid are below it. */
const maxCoordinateM = 1e8;

/** True when every number of a box is finite and of this world, and no size is negative. */
export const isSoundBox = ({ centreM, sizeM, yawRad }: CloudBox): boolean =>
	centreM.every((value) => Math.abs(value) <= maxCoordinateM) &&
	sizeM.every((size) => size >= 0 && size <= maxCoordinateM) &&
	Math.abs(yawRad) <= maxYawRad;

interface Prepared {
	readonly centreM: CloudBox["centreM"];
	readonly half: readonly [number, number, number];
	readonly cos: number;
	readonly sin: number;
	/** Half the sides of the upright rectangle around the turned one. */
	readonly reachX: number;
	readonly reachY: number;
}

/**
 * Sets `marks[i]` to 0 for each point inside a box that was grown by `marginM` on every side, edges included. At most `maxCloudBoxes` boxes, each sound
 * (`isSoundBox`). Points without a finite position are in no box.
 */
export const unmarkInside = (axes: CloudAxes, boxes: readonly CloudBox[], marginM: number, marks: Uint8Array): void => {
	if (boxes.length === 0) return;
	const prepared = boxes.map(({ centreM, sizeM, yawRad }): Prepared => {
		const [hx, hy, hz] = [sizeM[0] / 2 + marginM, sizeM[1] / 2 + marginM, sizeM[2] / 2 + marginM];
		const [cos, sin] = [Math.cos(yawRad), Math.sin(yawRad)];
		// Rounding must not leave a corner of the box outside its own rectangle.
		const reachX = (Math.abs(hx * cos) + Math.abs(hy * sin)) * (1 + 1e-9) + 1e-9;
		const reachY = (Math.abs(hx * sin) + Math.abs(hy * cos)) * (1 + 1e-9) + 1e-9;
		return { centreM, half: [hx, hy, hz], cos, sin, reachX, reachY };
	});
	const minX = Math.min(...prepared.map(({ centreM, reachX }) => centreM[0] - reachX));
	const maxX = Math.max(...prepared.map(({ centreM, reachX }) => centreM[0] + reachX));
	const minY = Math.min(...prepared.map(({ centreM, reachY }) => centreM[1] - reachY));
	const maxY = Math.max(...prepared.map(({ centreM, reachY }) => centreM[1] + reachY));
	const perX = gridSide / Math.max(maxX - minX, 1e-6);
	const perY = gridSide / Math.max(maxY - minY, 1e-6);
	const cellX = (x: number): number => Math.min(gridSide - 1, Math.max(0, Math.floor((x - minX) * perX)));
	const cellY = (y: number): number => Math.min(gridSide - 1, Math.max(0, Math.floor((y - minY) * perY)));
	const cells: Prepared[][] = Array.from({ length: gridSide * gridSide });
	for (const box of prepared) {
		const [fromX, toX] = [cellX(box.centreM[0] - box.reachX), cellX(box.centreM[0] + box.reachX)];
		const [fromY, toY] = [cellY(box.centreM[1] - box.reachY), cellY(box.centreM[1] + box.reachY)];
		for (let row = fromY; row <= toY; row++) {
			for (let column = fromX; column <= toX; column++) {
				const at = row * gridSide + column;
				const cell = cells[at];
				if (cell === undefined) cells[at] = [box];
				else cell.push(box);
			}
		}
	}
	const { x, y, z } = axes;
	for (let i = 0; i < x.length; i++) {
		const px = x[i] ?? Number.NaN;
		const py = y[i] ?? Number.NaN;
		if (!(px >= minX && px <= maxX && py >= minY && py <= maxY)) continue;
		const near = cells[cellY(py) * gridSide + cellX(px)];
		if (near === undefined) continue;
		const pz = z[i] ?? Number.NaN;
		for (const box of near) {
			if (isInside(box, px, py, pz)) {
				marks[i] = 0;
				break;
			}
		}
	}
};

const isInside = ({ centreM, half, cos, sin }: Prepared, px: number, py: number, pz: number): boolean => {
	const dx = px - centreM[0];
	const dy = py - centreM[1];
	return Math.abs(dx * cos + dy * sin) <= half[0] && Math.abs(dy * cos - dx * sin) <= half[1] && Math.abs(pz - centreM[2]) <= half[2];
};
