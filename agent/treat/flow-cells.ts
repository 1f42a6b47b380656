/**
 * Who passed which cell in one span of time, counted so that nobody counts twice.
 *
 * One road user may be told of by many senders, and each sender numbers those it perceives in its own way. So the count is the largest number that
 * cannot hide one road user twice: of the senders that were there themselves, or of what one sender perceived there, itself included.
 */

/** A hash of whom it is, under a salt that is forgotten with the span. */
export type SubjectHash = number;

interface Passage {
	speedSum: number;
	speeds: number;
}
type Passages = Map<SubjectHash, Passage>;

interface Cell {
	readonly senders: Passages;
	/** By sender. */
	readonly perceived: Map<SubjectHash, Passages>;
}

export interface CellCount {
	readonly subjects: number;
	/** Mean over subjects of the mean of each; undefined where fewer than `least` had a speed. */
	readonly meanSpeedMps: number | undefined;
}

export interface FlowLimits {
	readonly maxCells: number;
	/** Of all cells together. */
	readonly maxPassages: number;
}

export interface FlowCells {
	/** `object` undefined: the sender itself. What finds no room is not counted: a count is never too high. */
	add(cell: string, sender: SubjectHash, object: SubjectHash | undefined, speedMps: number | undefined): void;
	/** Cells with at least so many subjects, in the order of their names, which tells nothing of when they were first passed. */
	counts(least: number): readonly (readonly [cell: string, count: CellCount])[];
}

export const createFlowCells = ({ maxCells, maxPassages }: FlowLimits): FlowCells => {
	const cells = new Map<string, Cell>();
	let passages = 0;

	const pass = (where: Passages, who: SubjectHash, speedMps: number | undefined): void => {
		let passage = where.get(who);
		if (passage === undefined) {
			if (passages >= maxPassages) return;
			passages += 1;
			passage = { speedSum: 0, speeds: 0 };
			where.set(who, passage);
		}
		if (speedMps === undefined || !Number.isFinite(speedMps)) return;
		passage.speedSum += speedMps;
		passage.speeds += 1;
	};

	return {
		add(name, sender, object, speedMps) {
			let cell = cells.get(name);
			if (cell === undefined) {
				if (cells.size >= maxCells) return;
				cell = { senders: new Map(), perceived: new Map() };
				cells.set(name, cell);
			}
			if (object === undefined) {
				pass(cell.senders, sender, speedMps);
				return;
			}
			let perceived = cell.perceived.get(sender);
			if (perceived === undefined) {
				if (passages >= maxPassages) return;
				perceived = new Map();
				cell.perceived.set(sender, perceived);
			}
			pass(perceived, object, speedMps);
		},
		counts(least) {
			const counted: (readonly [string, CellCount])[] = [];
			for (const [name, { senders, perceived }] of cells) {
				let most: readonly Passage[] = [...senders.values()];
				for (const [sender, objects] of perceived) {
					const itself = senders.get(sender);
					const size = objects.size + (itself === undefined ? 0 : 1);
					if (size > most.length) most = itself === undefined ? [...objects.values()] : [itself, ...objects.values()];
				}
				if (most.length >= least) counted.push([name, { subjects: most.length, meanSpeedMps: meanOf(most, least) }]);
			}
			return counted.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
		},
	};
};

/** To a tenth of a metre per second. */
const meanOf = (passages: readonly Passage[], least: number): number | undefined => {
	const means = passages.filter(({ speeds }) => speeds > 0).map(({ speedSum, speeds }) => speedSum / speeds);
	if (means.length < least) return undefined;
	return Math.round((means.reduce((sum, mean) => sum + mean, 0) / means.length) * 10) / 10;
};
