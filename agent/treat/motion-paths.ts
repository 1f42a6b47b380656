/**
 * Which signals tell where the unit is or how it moves. Speed, turn rate and odometer rebuild a track as well as positions do, so whatever
 * hides positions hides these with them (formats-and-oracles section 4, rows P4 and P6).
 *
 * Counted in besides those rows: what moves with the wheels (wheel and axle speeds, engine and motor speed with the gear, torque, pedals, the
 * old OBD branch), what falls with the distance driven (ranges, time left, distance to service), and the place of charging. A path outside
 * VSS, and one of a newer release whose last name speaks of motion, counts in, too: what is not known is hidden.
 */

const branches =
	/^Vehicle\.(?:Acceleration|AngularVelocity|CurrentLocation|MotionManagement|OBD|ADAS|Chassis\.(?:Accelerator|Brake|SteeringWheel)|Powertrain\.Transmission|Powertrain\.TractionBattery\.Charging\.Location|Cabin\.Infotainment\.Navigation)\./;

const leaves =
	/^Vehicle\.(?:IsMoving|StartTime|TripDuration|TripMeterReading|CurrentOverallWeight|Powertrain\.(?:.*\.)?(?:Power|CurrentPower|TimeRemaining|TimeSinceStart|TimeInUse|AverageConsumption|InstantConsumption|ConsumptionSinceStart|ConsumptionSinceLastRefuel|AccumulatedConsumed\w+))$/;

/** In the last name of a path. Fans in the cabin and covers on the body have speeds and positions of their own. */
const words = /Speed|Velocity|Acceler|Odometer|Distance|Mileage|Yaw|Steer|Heading|Latitude|Longitude|Altitude|Torque|Range|Gear|Trip/;
const ownMotion = /^Vehicle\.(?:Cabin|Body)\./;

const driverMonitoring = /^Vehicle\.ADAS\.DMS\./;

/** True for a signal that must go wherever the unit's position goes. `path` is that of the tag: VSS of any release, or a source's own name. */
export const isMotionPath = (path: string): boolean =>
	!path.startsWith("Vehicle.") || ((branches.test(path) || leaves.test(path) || speaksOfMotion(path)) && !driverMonitoring.test(path));

const speaksOfMotion = (path: string): boolean => words.test(path.slice(path.lastIndexOf(".") + 1)) && !ownMotion.test(path);
