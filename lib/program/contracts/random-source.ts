/**
 * The source of an op's random numbers. Word e of a node in a step is word e % 4 of Philox4x32-10 with the
 * counter [floor(e / 4), stream, step mod 2^32, floor(step / 2^32)] and the key
 * [seed mod 2^32, floor(seed / 2^32)] (Salmon et al.: Parallel random numbers: as easy as 1, 2, 3, 2011).
 *
 * The step is the number of training steps that the program has made so far. In evaluation and prediction it
 * is the number of batches of the run so far.
 */
export interface RandomSource {
  /** A whole number in [0, 2^32). Nodes with the same stream and seed draw the same numbers. */
  stream: number;
  /** A whole number in [0, 2^53). Default: the seed of the run. */
  seed?: number;
  /** Whether the node draws in evaluation and prediction too. Default false. */
  always?: boolean;
}

/** The attributes of RandomSource, for contracts of ops that draw. */
export const RANDOM_SOURCE = { stream: 'required', seed: 'optional', always: 'optional' } as const;
