import { readLocation } from '../io/locations.js';
import { OptionChecks } from '../options.js';

/** The option `checkpoint` of {@link LayersModel.fit} and {@link LayersModel.fitDataset}. */
export interface CheckpointOptions {
  /**
   * Folder of this training's checkpoints, a path or 'file://path'. It is created if need be. Each training
   * needs a folder of its own.
   */
  dir: string;
  /**
   * Number of training steps from one checkpoint to the next, counted across epochs, from 1 up. Default: one
   * after each epoch. The end of training has one, too.
   */
  everySteps?: number;
  /** Number of checkpoints to keep, the newest ones, from 1 up. Default 2. */
  keep?: number;
}

export interface CheckpointSettings {
  dir: string;
  /** Infinity: one after each epoch. */
  everySteps: number;
  keep: number;
}

/** Reads the options `checkpoint` and `resume`. Throws UNKNOWN_OPTION, INVALID_ARGUMENT, UNSUPPORTED. */
export function readCheckpointOptions(
  checks: OptionChecks,
  { checkpoint, resume = false }: { checkpoint?: CheckpointOptions; resume?: boolean },
): { checkpoint?: CheckpointSettings; resume: boolean } {
  checks.boolean('resume', resume);
  if (checkpoint === undefined) {
    if (!resume) return { resume };
    checks.fail('INVALID_ARGUMENT', "resume needs checkpoint: { dir: '...' }, the folder to resume from.");
  }
  const own = new OptionChecks(`${checks.subject}: checkpoint`);
  own.keys(checkpoint, ['dir', 'everySteps', 'keep']);
  const { dir, everySteps, keep } = checkpoint as CheckpointOptions;
  return {
    checkpoint: {
      dir: readLocation(dir, `${own.subject}: dir`),
      everySteps:
        everySteps === undefined ? Number.POSITIVE_INFINITY : own.whole('everySteps', everySteps, 1),
      keep: own.whole('keep', keep ?? 2, 1),
    },
    resume,
  };
}
