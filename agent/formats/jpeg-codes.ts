/**
 * Marker codes of T.81, Table B.1: the byte after 0xFF.
 */
export const jpegMarkers = {
	sof0: 0xc0,
	sof1: 0xc1,
	dht: 0xc4,
	dac: 0xcc,
	rst0: 0xd0,
	rst7: 0xd7,
	soi: 0xd8,
	eoi: 0xd9,
	sos: 0xda,
	dqt: 0xdb,
	dri: 0xdd,
	app0: 0xe0,
	app1: 0xe1,
	app14: 0xee,
	app15: 0xef,
	com: 0xfe,
} as const;

/** As people write it, for messages: `FFC2`. */
export const markerName = (marker: number): string => `FF${marker.toString(16).toUpperCase().padStart(2, "0")}`;

/** APPn and COM: what applications add; no decoder needs them except APP0 and APP14 for the colours. */
export const isApplicationMarker = (marker: number): boolean =>
	(marker >= jpegMarkers.app0 && marker <= jpegMarkers.app15) || marker === jpegMarkers.com;

/** Frames of any process, and what only other processes than the sequential Huffman one use: progressive, lossless, arithmetic, hierarchical. */
export const isOtherProcess = (marker: number): boolean =>
	(marker >= 0xc2 && marker <= 0xcf && marker !== jpegMarkers.dht) || marker === 0xdc || marker === 0xde || marker === 0xdf;
