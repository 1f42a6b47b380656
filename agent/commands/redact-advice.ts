/** What a person can do about a picture that was not redacted, by the code that status counts. */
import type { RedactionRefusal } from "../../shared/frame.ts";

export const redactionAdvice: Readonly<Record<RedactionRefusal, string>> = {
	"no-detector": "nothing looks for both faces and plates: add a face model and a plate model, or the built-in detectors, or deliver boxes",
	"model-missing": 'a model is not in the folder: put it there with "kerbstone model add"',
	"model-hash": "a model is not the one that the policy names: compare its SHA-256 with the policy's",
	"model-unfit": 'a model cannot be used here: see "kerbstone model verify"',
	"self-test": 'a model does not compute what it must, or was never added: see "kerbstone model verify"',
	"detector-failed": "a detector failed while it looked: try again, then another model",
	"detector-late":
		"there is no time for as many looks as the size rule asks for: allow a longer deadline, a smaller frame or a larger network",
	"detector-nonsense": "a network answered with what cannot be: use another model",
	"worker-dead": "the redaction worker died: is there enough memory?",
	"boxes-missing": "no boxes came with the frame: give them with --boxes",
	"boxes-not-looked": "the perception stack did not say that it looked",
	"boxes-stale": "the boxes are older than the rule allows",
	"boxes-other-frame": "the boxes are for a frame of another size",
	"boxes-gap": "the boxes are for another frame",
	"too-many-boxes": "more was found than the rule allows: a threshold may be too low for the model",
	"too-much-masked": "more of the frame would be masked than the rule allows",
	"not-baseline": "the picture is no baseline JPEG: convert it (jpegtran without -progressive, or cjpeg -baseline)",
	damaged: "the picture is damaged or ends too early",
	oriented: "the picture is to be turned before it is shown: turn it for good (jpegtran -rotate) and remove the EXIF",
	"too-large": "the frame is larger than the rule allows",
	"too-often": "frames come more often than the rule allows",
	"output-check": "the redacted picture did not pass its check: please report it with how the picture was made",
	"residual-object": "a second detector still finds something: lower the threshold or widen the margin",
	busy: "frames come faster than they can be redacted",
	stopped: "collection outside the vehicle is stopped",
};
