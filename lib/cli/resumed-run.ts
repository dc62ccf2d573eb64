import { Callback } from '../callbacks/index.js';
import { ConvforgeError } from '../errors.js';
import { CheckpointFolder } from '../io/checkpoint-folder.js';
import { isObject } from '../io/read-model-json.js';
import { readFitState } from '../training/fit-state.js';
import { count } from '../machine.js';

/** Keeps the seed of the command in checkpoints, and learns how many steps were made before. */
export class ResumedRun extends Callback {
  /** The optimizer's steps when this process began to train. */
  iterations: number;
  readonly #seed: number;
  readonly #before: number;
  readonly #print: (line: string) => void;

  /** `before` is the number of steps that the optimizer had made before the training, resumed or not. */
  constructor(seed: number, before: number, print: (line: string) => void) {
    super();
    this.#seed = seed;
    this.#before = before;
    this.iterations = before;
    this.#print = print;
  }

  override getState(): unknown {
    return { seed: this.#seed };
  }

  override setState({ seed }: { seed: number }): void {
    if (this.#seed !== seed) {
      throw new ConvforgeError(
        'INVALID_ARGUMENT',
        `--seed is ${this.#seed}, and the checkpoint's is ${seed}; leave it out, or leave out --resume to begin anew.`,
      );
    }
    this.iterations = this.model.optimizer.iterations;
    this.#print(`Resumed after ${count(this.iterations - this.#before, 'step')}; seed ${seed}`);
  }
}

/**
 * The seed that a `ResumedRun` has kept in the newest checkpoint of a folder; undefined if there is none. Rejects
 * as CheckpointFolder.readNewest.
 */
export async function seedOfCheckpoint(folder: string): Promise<number | undefined> {
  const newest = await new CheckpointFolder(folder, 1).readNewest();
  if (!newest) return undefined;
  const { callbacks } = readFitState(newest.path, newest.data);
  const state = callbacks.find(({ callback }) => callback === ResumedRun.name)?.state;
  return isObject(state) && Number.isSafeInteger(state.seed) ? (state.seed as number) : undefined;
}
