/**
 * The names of the MQTT interface. `schemas/asyncapi.yaml` describes the same for people and generators.
 *
 * | Topic | From, to | What |
 * |---|---|---|
 * | `kerb/v1/<unit>/up/<outlet>/<category>` | unit to collector | one envelope, QoS 1, not retained |
 * | `kerb/v1/<unit>/status/<outlet>` | unit to operator | retained: which law the unit obeys (unit-status.ts), QoS 1 |
 * | `kerb/v1/fleet/law` | operator to units | retained notice that the law changed: units look at once |
 * | `kerb/v1/law/<repository>/<path>` | operator to units | one file of the law's repository, retained, for units that have MQTT alone |
 *
 * The category stands in the name so that a broker or a gateway can route, count and refuse a class of data without opening anything; it says
 * no more than the envelope's label, which is readable too. All else that a name could tell is kept out (regulations T-24): segments are
 * ids from the signed law or a pseudonymous unit id, so no VIN, plate, coordinate or time can stand in one.
 */
import { KerbError } from "./errors.ts";

const root = "kerb/v1";
const longestTopic = 400;

/** What a collector subscribes to for every unit, outlet and category. */
export const uploadFilter = `${root}/+/up/#`;

/** What an operator subscribes to for the status of every unit. */
export const statusFilter = `${root}/+/status/+`;

/** The longest notice and status that anybody reads. */
export const maxNoticeBytes = 4_096;

/** Retained notice that the law changed; its content matters only in that another content is news. `fleet` can therefore not be a unit id. */
export const lawNoticeTopic = `${root}/fleet/law`;

/**
 * Where a file of a law repository is retained, such as `kerb/v1/law/main/metadata/timestamp.json`. `law` can therefore not be a unit id.
 *
 * @throws KerbError CONFIG_INVALID when the repository is not an id or the path is not one of a repository's files.
 */
export const lawFileTopic = (repository: string, path: string): string => {
	const isFile = /^(?:root\.json|metadata\/(?:\d{1,9}\.)?[a-z]{1,40}\.json|targets\/[a-z]{1,40}\/[0-9a-f]{64}\.[a-z0-9._-]{1,100})$/.test(
		path,
	);
	if (!isLawId(repository, 60) || !isFile) throw new KerbError("CONFIG_INVALID", "no topic can be made for this file of a law repository");
	return `${root}/law/${repository}/${path}`;
};

export interface UploadTopic {
	readonly unitId: string;
	readonly outletId: string;
	readonly categoryId: string;
}

/** ISO 3779: 17 characters, never I, O or Q. Letters in either case, since a name is easily put in lower case. */
const looksLikeVin = (text: string): boolean => /^[A-HJ-NPR-Z0-9]{17}$/i.test(text);

/**
 * True for an id that may stand for a unit in topics, client ids, file names and labels: 3 to 64 lower-case letters, digits and single
 * hyphens, with at least one letter (an IMEI, an ICCID or a telephone number has none), and nothing that has the shape of a VIN, whole,
 * between hyphens or with the hyphens taken out.
 */
export const isUnitId = (text: string): boolean =>
	text.length >= 3 &&
	text.length <= 64 &&
	text !== "fleet" &&
	text !== "law" &&
	/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(text) &&
	/[a-z]/.test(text) &&
	!looksLikeVin(text.replaceAll("-", "")) &&
	!text.split("-").some(looksLikeVin);

/** The form of the ids that the law gives to outlets (60) and categories (120). A topic level, so never `/`, `+`, `#` or NUL. */
const isLawId = (text: string, longest: number): boolean => text.length <= longest && /^[a-z0-9]+(?:[-.][a-z0-9]+)*$/.test(text);

const checked = (unitId: string, outletId: string): void => {
	if (!isUnitId(unitId)) {
		throw new KerbError("CONFIG_INVALID", "a unit id is 3 to 64 lower-case letters, digits and hyphens, and never a VIN; set another one");
	}
	if (!isLawId(outletId, 60)) throw new KerbError("CONFIG_INVALID", "an outlet id is lower-case words joined by '-' and '.'");
};

/**
 * The topic of an envelope.
 *
 * @throws KerbError CONFIG_INVALID when a part is not an id of its kind. The message does not repeat it: a wrong unit id may be a VIN.
 */
export const uploadTopic = ({ unitId, outletId, categoryId }: UploadTopic): string => {
	checked(unitId, outletId);
	if (!isLawId(categoryId, 120)) throw new KerbError("CONFIG_INVALID", "a category id is lower-case words joined by '-' and '.'");
	return `${root}/${unitId}/up/${outletId}/${categoryId}`;
};

/** The parts of an upload topic, or undefined when it is not exactly one. */
export const parseUploadTopic = (topic: string): UploadTopic | undefined => {
	if (topic.length > longestTopic) return undefined;
	const [kerb, version, unitId = "", up, outletId = "", categoryId = "", ...more] = topic.split("/");
	const whole = more.length === 0 && `${kerb}/${version}` === root && up === "up";
	return whole && isUnitId(unitId) && isLawId(outletId, 60) && isLawId(categoryId, 120) ? { unitId, outletId, categoryId } : undefined;
};

/** Every file of a repository that a broker retains. @throws KerbError CONFIG_INVALID when the repository is not an id. */
export const lawFileFilter = (repository: string): string => lawFileTopic(repository, "root.json").replace(/root\.json$/, "#");

/**
 * Where the status of a unit is retained.
 *
 * @throws KerbError CONFIG_INVALID as `uploadTopic` does.
 */
export const statusTopic = (unitId: string, outletId: string): string => {
	checked(unitId, outletId);
	return `${root}/${unitId}/status/${outletId}`;
};

/** The MQTT client id of a unit that reads law: no unit is called "law", so it is nobody's at an outlet. @throws as `uploadTopic`. */
export const lawClientIdOf = (unitId: string): string => {
	checked(unitId, "law");
	return `law.${unitId}`;
};

/**
 * The MQTT client id of a unit at an outlet. A unit id has no '.', so no two pairs share one: a second session under the same id would
 * throw the first one out (MQTT 5 section 3.1.4).
 *
 * @throws KerbError CONFIG_INVALID as `uploadTopic` does.
 */
export const clientIdOf = (unitId: string, outletId: string): string => {
	checked(unitId, outletId);
	return `${unitId}.${outletId}`;
};
