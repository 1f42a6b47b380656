/**
 * ETSI TS 103 301 v2.1.1, infrastructure services: MAPEM and SPATEM, which are an ITS PDU header before the messages of ISO TS 19091. Needs
 * etsi-cdd and etsi-dsrc.
 */
export const etsiInfrastructure = `
MAPEM = seq { header: ItsPduHeader, map: MapData }
SPATEM = seq { header: ItsPduHeader, spat: SPAT }
`;
