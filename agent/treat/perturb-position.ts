/**
 * Moves a position at random, so that nobody can tell two places near each other apart: with `epsilonPerM` e, a place and another d metres away give
 * any one output with probabilities whose ratio is at most e^(e d) (planar-laplace.ts). The mean displacement is 2 / e metres: 200 m at 0.01.
 *
 * What a subject's positions say together adds up. Each costs its epsilon, and a subject that has spent `budgetPerM` within `windowMs` is withheld
 * until its oldest spending is a window old. The subject of fixes is the unit; of messages whoever sends them, known by the first id that the
 * message gives, or all of a path where it gives none. A sender that changes its id opens a new account: rotation has to be slower than the window, or
 * the budget is per pseudonym.
 *
 * The displaced position is written on a grid of at most a hundredth of 1 / e; what is done to the output alone costs nothing. The guarantee is for
 * distances over which the earth is flat. It needs a source of randomness that cannot be predicted, which is what `Facilities.random` promises.
 *
 * What would give the position back goes: speed, course, height, accuracy. In a message all positions but the sender's own go as well, since they tell it
 * by what they are near to, and messages whose own position is not known are withheld.
 */
import * as v from "valibot";
import { compileLowering, type LowerFields } from "../formats/v2x/message-lowering.ts";
import { type Degrees, movePairs } from "../formats/v2x/message-pair-lowering.ts";
import { positionsOf } from "../formats/v2x/message-positions.ts";
import { isAccuracy, isMotion } from "../formats/v2x/message-roles.ts";
import { compileFirst } from "../formats/v2x/message-values.ts";
import { perShape, type TaggedMessage, withContent } from "./message-steps.ts";
import { drawPlanarLaplace } from "./planar-laplace.ts";
import { openPrivacyAccount } from "./privacy-account.ts";
import { defineTreatment } from "./treatment.ts";

const range = "expected 0.0001 to 1 per metre";
const maxSpendings = 1000;
const maxIdLength = 64;
/** Mean length of a degree of latitude, WGS 84. */
const metresPerDegree = 111_195;

export default defineTreatment({
	type: "perturb-position",
	options: v.pipe(
		v.strictObject({
			type: v.literal("perturb-position"),
			/** Per metre. Places 1 / epsilonPerM metres apart differ by a factor of e at the most. */
			epsilonPerM: v.pipe(v.number(), v.minValue(0.0001, range), v.maxValue(1, range)),
			/** Sum of the epsilons of one subject in any span of `windowMs`. */
			budgetPerM: v.pipe(
				v.number(),
				v.minValue(0.0001, "expected 0.0001 to 1000 per metre"),
				v.maxValue(1000, "expected 0.0001 to 1000 per metre"),
			),
			windowMs: v.pipe(
				v.number(),
				v.integer(),
				v.minValue(60_000, "expected 60000 to 31622400000"),
				v.maxValue(31_622_400_000, "expected 60000 to 31622400000"),
			),
		}),
		v.check(
			({ epsilonPerM, budgetPerM }) => spendings(epsilonPerM, budgetPerM) >= 1 && spendings(epsilonPerM, budgetPerM) <= maxSpendings,
			`expected a budgetPerM of 1 to ${maxSpendings} times epsilonPerM`,
		),
	),
	appliesTo: ["fix", "message"],
	outcome: "coarsened",
	compile({ epsilonPerM, budgetPerM, windowMs }, { random }) {
		const account = openPrivacyAccount(spendings(epsilonPerM, budgetPerM), windowMs);
		const decimals = Math.max(0, Math.ceil(Math.log10(metresPerDegree * epsilonPerM * 100)));
		const move = (latDeg: number, lonDeg: number): Degrees => {
			const { radiusM, angleRad } = drawPlanarLaplace(epsilonPerM, random);
			return displace(latDeg, lonDeg, radiusM, angleRad, 10 ** decimals);
		};
		const shapes = perShape((shape) => ({
			shape,
			senderOf: compileFirst(shape.type, "id"),
			lower: compileLowering(
				shape.type,
				(place) => {
					const { role } = place.type;
					if (role !== undefined && others.has(role)) return "erase";
					if (isMotion(place.type)) return "erase";
					// Of anything else there is no account.
					const isOwn = role === "own-position" || place.within[0] === "own-position";
					return movePairs(place, isOwn ? move : nowhere) ?? (isAccuracy(place) ? "erase-if-possible" : "keep");
				},
				{ form: shape.form },
			) as LowerFields<undefined>,
		}));

		return (reading) => {
			if (reading.kind === "fix") {
				if (reading.datum === "local" || !(Math.abs(reading.latDeg) <= 90 && Math.abs(reading.lonDeg) <= 180)) return undefined;
				if (!account.spend("fix", reading)) return undefined;
				const { accuracyM: _accuracyM, altitudeM: _altitudeM, speedMps: _speedMps, courseDeg: _courseDeg, ...rest } = reading;
				// Without its altitude a fix is one of two dimensions.
				return { ...rest, ...move(reading.latDeg, reading.lonDeg), mode: 2 };
			}
			return reading.kind === "message" && reading.datum !== "local" ? perturbMessage(reading) : undefined;
		};

		function perturbMessage(reading: TaggedMessage): TaggedMessage | undefined {
			const known = shapes(reading);
			if (known === undefined) return undefined;
			const own = positionsOf(known.shape, reading.content).filter(({ isOwn }) => isOwn);
			// Two draws would tell more than one, and cost as much.
			if (own.length !== 1 || own[0]?.isKnown !== true || own[0].by !== "degrees") return undefined;
			const sender = JSON.stringify(known.senderOf(reading.content)?.value ?? null).slice(0, maxIdLength);
			return account.spend(`${reading.path} ${sender}`, reading)
				? withContent(reading, known.lower(reading.content, undefined))
				: undefined;
		}
	},
});

const nowhere = (): undefined => undefined;

/** A hair more, so that a budget of three times 0.1 is three. */
const spendings = (epsilonPerM: number, budgetPerM: number): number => Math.floor((budgetPerM / epsilonPerM) * (1 + 1e-12));

const others: ReadonlySet<string> = new Set([
	"path-history",
	"path-prediction",
	"object",
	"event-position",
	"map-geometry",
	"receiver-position",
	"copy",
]);

const displace = (latDeg: number, lonDeg: number, radiusM: number, angleRad: number, perDegree: number): Degrees => {
	// Near a pole the plane has no east; there a degree of longitude is taken for a metre at least.
	const lonMetres = Math.max(1, metresPerDegree * Math.cos((latDeg * Math.PI) / 180));
	let lat = latDeg + (radiusM * Math.cos(angleRad)) / metresPerDegree;
	let lon = lonDeg + (radiusM * Math.sin(angleRad)) / lonMetres;
	// Over the pole and down on the other side.
	if (Math.abs(lat) > 90) {
		lat = Math.sign(lat) * 180 - lat;
		lon += 180;
	}
	const print = (deg: number): number => Math.round(deg * perDegree) / perDegree + 0;
	return { latDeg: print(lat), lonDeg: print(((((lon + 180) % 360) + 360) % 360) - 180) };
};
