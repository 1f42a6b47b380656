/**
 * Facts about models that are known, by SHA-256: nothing of them is in the program but their names. Licences are those of the projects that publish them; the
 * operator fetches a model and answers for its use.
 */
import type { ObjectClass } from "../../shared/frame.ts";
import type { SelfTest } from "./self-test.ts";

export interface KnownModel {
	readonly name: string;
	readonly sha256: string;
	readonly bytes: number;
	readonly licence: string;
	/** Where it is published. */
	readonly project: string;
	readonly class: ObjectClass;
	readonly kind: string;
	readonly widthPx: number;
	readonly heightPx: number;
	/** Undefined for a model that is known by its published hash alone; `model add` makes it then. */
	readonly selfTest?: SelfTest | undefined;
}

export const knownModels: readonly KnownModel[] = [
	{
		name: "face_detection_yunet_2023mar.onnx",
		sha256: "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4",
		bytes: 232_589,
		licence: "MIT",
		project: "opencv/opencv_zoo",
		class: "face",
		kind: "yunet",
		widthPx: 640,
		heightPx: 640,
	},
	{
		name: "version-RFB-640.onnx",
		sha256: "8f4c659275977e7a3bfbfa339a9c769ad793df50f9c0baa8c14b11baa1646430",
		bytes: 1_588_012,
		licence: "MIT",
		project: "Linzaer/Ultra-Light-Fast-Generic-Face-Detector-1MB",
		class: "face",
		kind: "ultra-light",
		widthPx: 640,
		heightPx: 480,
		selfTest: {
			widthPx: 640,
			heightPx: 480,
			outputs: [
				{
					name: "boxes",
					dims: [1, 17640, 4],
					samples: [
						0.544481, 0.598184, 0.6657, 0.726403, 0.790668, 0.846735, 0.91483, 0.977019, 0.0433164, 0.0998947, 0.164119, 0.225186, 0.291413,
						0.349949, 0.417092, 0.473904, 0.540788, 0.596362, 0.666893, 0.726713, 0.370228, 0.556308, 0.738746, 0.868091,
					],
				},
				{
					name: "scores",
					dims: [1, 17640, 2],
					samples: [
						0.0878327, 0.0878329, 0.0878327, 0.0878326, 0.0878328, 0.0878328, 0.0878327, 0.0878327, 0.0878326, 0.0878328, 0.0878327,
						0.0878326, 0.0878326, 0.0878327, 0.0878328, 0.0878328, 0.0878328, 0.0878328, 0.0878326, 0.0878328, 0.0776893, 0.065639,
						0.0501649, 0.0304532,
					],
				},
			],
		},
	},
	{
		name: "version-slim-320_simplified.onnx",
		sha256: "0863d8fedffb8692c3fef345193c7befc9b513a66ac4ff87bdecf47452fa272f",
		bytes: 1_047_549,
		licence: "MIT",
		project: "Linzaer/Ultra-Light-Fast-Generic-Face-Detector-1MB",
		class: "face",
		kind: "ultra-light-raw",
		widthPx: 320,
		heightPx: 240,
		selfTest: {
			widthPx: 320,
			heightPx: 240,
			outputs: [
				{
					name: "boxes",
					dims: [1, 4420, 4],
					samples: [
						0.374058, 2.21475, -1.84792, -1.90552, -2.8266, -0.205022, -0.706142, -0.204398, -0.893303, -4.69919, -0.63619, -1.66009,
						-0.51675, 0.335238, 0.130332, -1.99441, -0.919776, -1.59579, -0.419324, -1.19169, -0.0491588, -1.00073, -0.552344, -0.114088,
					],
				},
				{
					name: "scores",
					dims: [1, 4420, 2],
					samples: [
						0.894653, 0.89434, 0.894558, 0.105132, 0.105535, 0.105097, 0.894568, 0.894866, 0.894851, 0.105247, 0.105374, 0.105142, 0.894598,
						0.894818, 0.894543, 0.105336, 0.105221, 0.105462, 0.894927, 0.894565, 0.900283, 0.103236, 0.0262337, 0.0339369,
					],
				},
			],
		},
	},
	{
		name: "y5fu_320x_sim.onnx",
		sha256: "2a985dc63a5cc947ec36d18503d6fc0fd54525b9dba17f2fe29a71e86b44456d",
		bytes: 2_343_161,
		licence: "Apache-2.0",
		project: "szad670401/HyperLPR",
		class: "plate",
		kind: "yolo5-plate",
		widthPx: 320,
		heightPx: 320,
		selfTest: {
			widthPx: 320,
			heightPx: 320,
			outputs: [
				{
					name: "output",
					dims: [1, 6300, 15],
					samples: [
						10.2497, 268.924, 6.04938, 305.477, 9.47282, 24.7593, 11.6124, 62.3972, 8.07059, 101.021, 7.40044, 135.217, 20.8648, 177.878,
						8.98895, 220.388, 9.49128, 266.157, 15.5867, 292.837, 22.1178, 44.3508, 31.8884, 231.366,
					],
				},
			],
		},
	},
	{
		name: "y5fu_640x_sim.onnx",
		sha256: "0306de937471b87f56eb3f5620815e7e7058f8ab7428e0734fc64627cc4d716c",
		bytes: 3_930_791,
		licence: "Apache-2.0",
		project: "szad670401/HyperLPR",
		class: "plate",
		kind: "yolo5-plate",
		widthPx: 640,
		heightPx: 640,
	},
];

export const knownModel = (sha256: string): KnownModel | undefined => knownModels.find((model) => model.sha256 === sha256);
