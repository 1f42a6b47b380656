/**
 * Dotted names of parts of a message, such as `coreData.size`, followed while a type is walked from its root.
 */

export interface PathState {
	/** Equal for states that behave the same. */
	readonly key: string;
	/** One of the paths ends with the last step. */
	readonly ends: boolean;
	/** Path by path, how many of its names the last steps match; zero is left out. */
	readonly matched: readonly (readonly [path: number, names: number])[];
}

export interface FieldPaths {
	readonly start: PathState;
	step(state: PathState, name: string): PathState;
}

/** A path matches wherever its names follow each other; it need not begin at the root. */
export const compileFieldPaths = (paths: readonly string[]): FieldPaths => {
	const names = paths.map((path) => path.split("."));
	return {
		start: nothing,
		step(state, name) {
			if (names.length === 0) return nothing;
			let ends = false;
			const matched: (readonly [number, number])[] = [];
			const advance = (path: number, count: number): void => {
				if (names[path]?.[count] !== name) return;
				if (count + 1 === names[path].length) ends = true;
				else matched.push([path, count + 1]);
			};
			for (const [path, count] of state.matched) advance(path, count);
			for (let path = 0; path < names.length; path += 1) advance(path, 0);
			return matched.length === 0 && !ends ? nothing : { key: matched.join(";"), ends, matched };
		},
	};
};

const nothing: PathState = { key: "", ends: false, matched: [] };
