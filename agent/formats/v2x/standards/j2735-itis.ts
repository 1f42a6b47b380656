/**
 * Lists of SAE J2540-2 (International Traveler Information Systems phrases) that messages of SAE J2735 (2024-09) name, in the order of their codes.
 */
export const j2735Itis = `
# codes 9217 to 9251
VehicleGroupAffected = enum
	all-vehicles bicycles motorcycles cars light-vehicles cars-and-light-vehicles cars-with-trailers cars-with-recreational-trailers
	vehicles-with-trailers heavy-vehicles trucks buses articulated-buses school-buses vehicles-with-semi-trailers
	vehicles-with-double-trailers high-profile-vehicles wide-vehicles long-vehicles hazardous-loads exceptional-loads abnormal-loads convoys
	maintenance-vehicles delivery-vehicles vehicles-with-even-numbered-license-plates vehicles-with-odd-numbered-license-plates
	vehicles-with-parking-permits vehicles-with-catalytic-converters vehicles-without-catalytic-converters gas-powered-vehicles
	diesel-powered-vehicles lPG-vehicles military-convoys military-vehicles ... @class

# codes 9729 to 9742
ResponderGroupAffected = enum
	emergency-vehicle-units federal-law-enforcement-units state-police-units county-police-units local-police-units ambulance-units
	rescue-units fire-units hAZMAT-units light-tow-unit heavy-tow-unit freeway-service-patrols transportation-response-units
	private-contractor-response-units ... @class

# codes 9985 to 10114, with gaps
IncidentResponseEquipment = enum
	ground-fire-suppression heavy-ground-equipment aircraft marine-equipment support-equipment medical-rescue-unit other
	ground-fire-suppression-other engine truck-or-aerial quint tanker-pumper-combination brush-truck aircraft-rescue-firefighting
	heavy-ground-equipment-other dozer-or-plow tractor tanker-or-tender aircraft-other aircraft-fixed-wing-tanker helitanker helicopter
	marine-equipment-other fire-boat-with-pump boat-no-pump support-apparatus-other breathing-apparatus-support light-and-air-unit
	medical-rescue-unit-other rescue-unit urban-search-rescue-unit high-angle-rescue crash-fire-rescue bLS-unit aLS-unit
	mobile-command-post chief-officer-car hAZMAT-unit type-i-hand-crew type-ii-hand-crew privately-owned-vehicle other-apparatus-resource
	ambulance bomb-squad-van combine-harvester construction-vehicle farm-tractor grass-cutting-machines hAZMAT-containment-tow heavy-tow
	hedge-cutting-machines light-tow mobile-crane refuse-collection-vehicle resurfacing-vehicle road-sweeper
	roadside-litter-collection-crews salvage-vehicle sand-truck snowplow steam-roller swat-team-van track-laying-vehicle unknown-vehicle
	white-lining-vehicle dump-truck supervisor-vehicle snow-blower rotary-snow-blower road-grader steam-truck flatbed-tow ... @class

# codes 7937 to 8033, without 8013
GenericLocations = enum
	on-bridges in-tunnels entering-or-leaving-tunnels on-ramps in-road-construction-area around-a-curve on-minor-roads
	in-the-opposing-lanes adjacent-to-roadway on-bend entire-intersection in-the-median moved-to-side-of-road moved-to-shoulder
	on-the-roadway in-shaded-areas in-low-lying-areas in-the-downtown-area in-the-inner-city-area in-parts in-some-places in-the-ditch
	in-the-valley on-hill-top near-the-foothills at-high-altitudes near-the-lake near-the-shore over-the-crest-of-a-hill
	other-than-on-the-roadway near-the-beach near-beach-access-point lower-level upper-level airport concourse gate baggage-claim
	customs-point station platform dock depot ev-charging-point information-welcome-point at-rest-area at-service-area at-weigh-station
	picnic-areas rest-area service-stations toilets on-the-right on-the-left in-the-center in-the-opposite-direction cross-traffic
	northbound-traffic eastbound-traffic southbound-traffic westbound-traffic north south east west northeast northwest southeast
	southwest mountain-pass reservation-center nearby-basin on-tracks dip traffic-circle park-and-ride-lot to by through area-of under
	over from approaching entering-at exiting-at across-tracks in-street on-curve shoulder crossover cross-road side-road bus-stop
	intersection roadside-park ...
`;
