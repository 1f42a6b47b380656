/**
 * PSM, SRM, SSM and TIM in the ODE's plain JSON (schema version 8; TIM also as in version 3). Needs ode-common.
 */
import { jsonFlags } from "../json-flags.ts";

const slices = Array.from({ length: 16 }, (_, index) => {
	const degrees = (at: number): string => (at * 22.5).toFixed(1).padStart(5, "0").replace(".", "-");
	return `from${degrees(index)}to${degrees(index + 1)}degrees`;
}).join(" ");

export const odeOther = `
# --- PSM: a person on foot or on a bicycle. Its heading is in units of 0.0125 degrees and its speed in units of 0.02 m/s, unlike in other messages.
OdePsmData = seq {
	basicType: Word @class, secMark?: int 0..65535 @time, msgCnt?: int 0..127, id?: visible 0..32 @id, position: OdePosition,
	accuracy?: OdeAccuracy, speed?: real @speed*0.02, heading?: int 0..28800 @heading*0.0125, accelSet?: OdeAcceleration,
	pathHistory?: OdePathHistory, pathPrediction?: OdePathPrediction,
	propulsion?: seq { human?: Word @class, animal?: Word @class, motor?: Word @class }, useState?: Word, crossRequest?: bool,
	crossState?: bool, clusterSize?: Word @size, clusterRadius?: int @size, eventResponderType?: Word @class, activityType?: Word @class,
	activitySubType?: Word @class, assistType?: Word @class, sizing?: Word @size, attachment?: Word @class, attachmentRadius?: int @size,
	animalType?: Word @class
} @own-position

# --- SRM: a vehicle asks for a signal
OdeSignalRequest = seq {
	request?: seq {
		id?: OdeReference, requestID?: int @id, requestType?: Word, inBoundLane?: OdeLaneRef, outBoundLane?: OdeLaneRef
	},
	minute?: int @time*60000, second?: int @time, duration?: int
}
OdeSrmData = seq {
	timeStamp?: int @time*60000, second?: int @time, sequenceNumber?: int 0..127,
	requests?: seq { signalRequestPackage?: list 0..32 of OdeSignalRequest },
	requestor: seq {
		id?: OdeRequestorId, type?: OdeRequestorType,
		position?: seq { position?: OdePosition, heading?: real 0..360 @heading, speed?: OdeTransmissionAndSpeed } @own-position,
		name?: utf8 0..63 @text, routeName?: utf8 0..63 @text, transitStatus?: Word, transitOccupancy?: Word, transitSchedule?: int @time*10000
	}
}

# --- SSM: what became of the requests
OdeSignalStatus = seq {
	requester?: seq {
		id?: seq { entityID?: visible 0..64 @object-id, stationID?: int 0.. @object-id }, request?: int @object-id, sequenceNumber?: int, role?: Word @class, typeData?: OdeRequestorType
	},
	inboundOn?: OdeLaneRef, outboundOn?: OdeLaneRef, minute?: int @time*60000, second?: int @time, duration?: int, status?: Word
} @object
OdeSsmData = seq {
	timeStamp?: int @time*60000, second?: int @time, sequenceNumber?: int 0..127,
	status: seq {
		signalStatus?: list 0..32 of seq {
			sequenceNumber?: int, id?: OdeReference, sigStatus?: seq { signalStatusPackage?: list 0..32 of OdeSignalStatus }
		}
	}
}

# --- TIM: tenths of a microdegree
OdeHeadings = ${jsonFlags(slices)}
OdeTimPosition = seq { lat?: int @lat*1e-7, long?: int @lon*1e-7, elevation?: int @elevation*0.1 }
OdeTimXY = seq { x?: int @dx*0.01, y?: int @dy*0.01 }
OdeTimLL = seq { lon?: int @dlon*1e-7, lat?: int @dlat*1e-7 }
OdeTimNodeXY = seq {
	delta?: seq {
		node-XY1?: OdeTimXY, node-XY2?: OdeTimXY, node-XY3?: OdeTimXY, node-XY4?: OdeTimXY, node-XY5?: OdeTimXY, node-XY6?: OdeTimXY,
		node-LatLon?: seq { lon?: int @lon*1e-7, lat?: int @lat*1e-7 }
	}
}
OdeTimNodeLL = seq {
	delta?: seq {
		node-LL1?: OdeTimLL, node-LL2?: OdeTimLL, node-LL3?: OdeTimLL, node-LL4?: OdeTimLL, node-LL5?: OdeTimLL, node-LL6?: OdeTimLL,
		node-LatLon?: seq { lon?: int @lon*1e-7, lat?: int @lat*1e-7 }
	}
}
OdeTimCircle = seq { center?: OdeTimPosition, radius?: int @size, units?: Word }
OdeTimRegion = seq {
	name?: utf8 0..255 @text, id?: OdeReference, anchor?: OdeTimPosition, laneWidth?: int @size*0.01, directionality?: Word, closedPath?: bool,
	direction?: OdeHeadings,
	description?: seq {
		path?: seq {
			scale?: int,
			offset?: seq {
				xy?: seq { nodes?: list 0..63 of OdeTimNodeXY }, ll?: seq { nodes?: list 0..63 of OdeTimNodeLL }
			}
		},
		geometry?: seq { direction?: OdeHeadings, extent?: Word, laneWidth?: int @size*0.01, circle?: OdeTimCircle }
	}
} @map-geometry
OdeTimItems = list 0..100 of seq { item?: seq { itis?: int, text?: utf8 0..500 @text } }
OdeTimFrame = seq {
	doNotUse1?: int, sspTimRights?: int, frameType?: Word,
	msgId?: seq {
		furtherInfoID?: visible 0..16,
		roadSignID?: seq { position?: OdeTimPosition, viewAngle?: OdeHeadings, mutcdCode?: Word, crc?: visible 0..16 } @map-geometry
	},
	startYear?: int @time, startTime?: int @time*60000, durationTime?: int, priority?: int 0..7, doNotUse2?: int, sspLocationRights?: int,
	regions?: list 0..16 of OdeTimRegion, doNotUse3?: int, sspMsgRights1?: int, doNotUse4?: int, sspMsgRights2?: int,
	content?: seq {
		advisory?: OdeTimItems, workZone?: OdeTimItems, genericSign?: OdeTimItems, speedLimit?: OdeTimItems, exitService?: OdeTimItems
	},
	url?: utf8 0..255 @text
}
OdeTimData = seq {
	msgCnt?: int 0..127, timeStamp?: int @time*60000, packetID?: visible 0..32 @id, urlB?: utf8 0..255 @text,
	dataFrames: list 0..8 of OdeTimFrame
}

# --- TIM of version 3: degrees
OdeOldNode = seq { delta?: Word, nodeLat?: real @dlat, nodeLong?: real @dlon, x?: real @dx*0.01, y?: real @dy*0.01 }
OdeOldRegion = seq {
	name?: utf8 0..255 @text, regulatorID?: int, segmentID?: int, anchorPosition?: OdePosition, laneWidth?: real @size, directionality?: int,
	closedPath?: bool, direction?: visible 0..16, description?: Word,
	path?: seq { scale?: int, type?: Word, nodes?: list 0..63 of OdeOldNode }
} @map-geometry
OdeOldFrame = seq {
	sspTimRights?: int, frameType?: int, msgID?: Word, position?: OdePosition @map-geometry, viewAngle?: visible 0..16, mutcd?: int,
	crc?: visible 0..32, startDateTime?: Stamp @time, durationTime?: int, priority?: int, sspLocationRights?: int,
	regions?: list 0..16 of OdeOldRegion, sspMsgTypes?: int, sspMsgContent?: int, content?: Word, items?: list 0..100 of utf8 0..500 @text,
	url?: utf8 0..255 @text
}
OdeOldTimData = seq {
	msgCnt?: int 0..127, timeStamp?: Stamp @time, packetID?: int @id, urlB?: utf8 0..255 @text, dataframes: list 0..8 of OdeOldFrame,
	index?: int
}
`;
