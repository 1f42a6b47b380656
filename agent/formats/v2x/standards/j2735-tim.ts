/**
 * TravelerInformation of SAE J2735 (2024-09), clause 5: signs and advice with the roads for which they hold. Needs j2735-common and j2735-nodes.
 */
export const j2735Tim = `
# Offsets in tenths of a microdegree; where a zoom is given they count 2^zoom times as much
Node-LL-24B = seq { lon: int -2048..2047 @dlon*1e-7, lat: int -2048..2047 @dlat*1e-7 }
Node-LL-28B = seq { lon: int -8192..8191 @dlon*1e-7, lat: int -8192..8191 @dlat*1e-7 }
Node-LL-32B = seq { lon: int -32768..32767 @dlon*1e-7, lat: int -32768..32767 @dlat*1e-7 }
Node-LL-36B = seq { lon: int -131072..131071 @dlon*1e-7, lat: int -131072..131071 @dlat*1e-7 }
Node-LL-44B = seq { lon: int -2097152..2097151 @dlon*1e-7, lat: int -2097152..2097151 @dlat*1e-7 }
Node-LL-48B = seq { lon: int -8388608..8388607 @dlon*1e-7, lat: int -8388608..8388607 @dlat*1e-7 }
NodeOffsetPointLL = choice {
	node-LL1: Node-LL-24B, node-LL2: Node-LL-28B, node-LL3: Node-LL-32B, node-LL4: Node-LL-36B, node-LL5: Node-LL-44B, node-LL6: Node-LL-48B,
	node-LatLon: Node-LLmD-64b, regional: RegionalExtension
}
NodeLL = seq { delta: NodeOffsetPointLL, attributes?: NodeAttributeSet, ... }
NodeListLL = choice { nodes: list 2..63 of NodeLL, ... } @map-geometry
Zoom = int 0..15
OffsetSystem = seq { scale?: Zoom, offset: choice { xy: NodeListXY, ll: NodeListLL } }

TimPosition = Position3D @map-geometry
DistanceUnits = enum centimeter cm2-5 decimeter meter kilometer foot yard mile
Circle = seq { center: Position3D, radius: int 0..4095, units: DistanceUnits } @map-geometry
GeometricProjection = seq { direction: HeadingSlice, extent?: Extent, laneWidth?: LaneWidth, circle: Circle, regional?: Regional, ... }
DirectionOfUse = enum unavailable forward reverse both !unavailable
ShapePointSet = seq { anchor?: TimPosition, laneWidth?: LaneWidth, directionality?: DirectionOfUse, nodeList: NodeListXY, ... }
RegionOffsets = seq {
	xOffset: int -32768..32767 @dlon*1e-7, yOffset: int -32768..32767 @dlat*1e-7, zOffset?: int -32768..32767 @delevation*0.1
} @map-geometry
RegionPointSet = seq { anchor?: TimPosition, scale?: Zoom, nodeList: list 1..64 of RegionOffsets, ... }
ValidRegion = seq {
	direction: HeadingSlice, extent?: Extent, area: choice { shapePointSet: ShapePointSet, circle: Circle, regionPointSet: RegionPointSet }
}
GeographicalPath = seq {
	name?: DescriptiveName, id?: RoadSegmentReferenceID, anchor?: TimPosition, laneWidth?: LaneWidth, directionality?: DirectionOfUse,
	closedPath?: bool, direction?: HeadingSlice,
	description?: choice { path: OffsetSystem, geometry: GeometricProjection, oldRegion: ValidRegion, ... }, regional?: Regional, ...
}

RoadSignID = seq {
	position: TimPosition, viewAngle: HeadingSlice,
	mutcdCode?: enum none regulatory warning maintenance motoristService guide rec ..., crc?: octets 2
}
# Codes of J2540-2, or text
CodeOrPhrase = seq { item: choice { itis: ITIScodes, text: ia5 1..16 @text } }
CodeOrText = seq { item: choice { itis: ITIScodes, text: ia5 1..500 @text } }
CodesAndPhrases = list 1..16 of CodeOrPhrase

RoadSurfaceType = enum newSharp traveled trafficPolished ...
MeanVariation = int 0..25000
VariationStdDev = int 0..2500
FrictionInformation = seq {
	roadSurfaceDescription: choice {
		portlandCement: seq { type: RoadSurfaceType, ... }, asphaltOrTar: seq { type: enum newSharp traveled trafficPolished excessTar ..., ... },
		gravel: seq { type: enum packedOiled loose ..., ... }, grass: seq { type: enum lessThan30Mph ..., ... }, cinders: seq { type: enum packed ..., ... },
		rock: seq { type: enum crushed ..., ... }, ice: seq { type: enum smooth ..., ... }, snow: seq { type: enum packed loose ..., ... }, ...
	},
	dryOrWet?: enum dry wet ...,
	roadRoughness?: seq {
		meanVerticalVariation: MeanVariation, verticalVariationStdDev?: VariationStdDev, meanHorizontalVariation?: MeanVariation,
		horizontalVariationStdDev?: VariationStdDev, ...
	},
	...
}

TravelerDataFrame = seq {
	# part I: the header
	doNotUse1: int 0..31, frameType: enum unknown advisory roadSignage commercialSignage ...,
	msgId: choice { furtherInfoID: octets 2, roadSignID: RoadSignID }, startYear?: int 0..4095 !0, startTime: MinuteOfTheYear,
	durationTime: int 0..32000, priority: int 0..7,
	# part II: where it holds
	doNotUse2: int 0..31, regions: list 1..16 of GeographicalPath,
	# part III: what it says
	doNotUse3: int 0..31, doNotUse4: int 0..31,
	content: choice {
		advisory: list 1..100 of CodeOrText, workZone: CodesAndPhrases, genericSign: CodesAndPhrases, speedLimit: CodesAndPhrases,
		exitService: CodesAndPhrases
	},
	url?: ia5 1..15 @text,
	...,
	contentNew: choice { frictionInfo: FrictionInformation, ... }           # since 2023
}
TravelerInformation = seq {
	msgCnt: MsgCount, timeStamp?: MinuteOfTheYear, packetID?: octets 9 @id, urlB?: ia5 1..45 @text, dataFrames: list 1..8 of TravelerDataFrame,
	regional?: Regional, ...
}
`;
