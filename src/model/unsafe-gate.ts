/** The sentence about a gate that is set unsafe, apart from the schema of the config, because `tend status` loads no schema library. */

/** Said wherever problems are shown, so that nobody forgets it. */
export const UNSAFE_GATE = 'gate.unsafe is true: gate.allow also covers commands that tend refuses by itself';
