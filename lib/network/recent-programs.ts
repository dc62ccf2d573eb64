import { shapesKey } from '../layers/shapes.js';
import type { Shape } from '../program/description.js';
import type { Program } from '../program/engine.js';

/** Each has memory for the values of its layers, so they can't all be kept. */
const MOST = 8;

/** Programs of one model for inputs of several shapes, all with the same weights: those that were used last. */
export class RecentPrograms {
  /** By their inputs' shapes, the one that was used last at the end. */
  readonly #programs: Map<string, Program>;
  readonly #create: (inputShapes: readonly Shape[], sharing: Program) => Program;
  /** Shapes of the latest one's inputs. */
  latestShapes: readonly Shape[];

  constructor(
    inputShapes: readonly Shape[],
    first: Program,
    create: (inputShapes: readonly Shape[], sharing: Program) => Program,
  ) {
    this.#programs = new Map([[shapesKey(inputShapes), first]]);
    this.#create = create;
    this.latestShapes = inputShapes;
  }

  /** The one that was used last. */
  get latest(): Program {
    return this.#programs.get(shapesKey(this.latestShapes)) as Program;
  }

  /** The one for inputs of these shapes, made if need be; then the one that wasn't used for longest is let go. */
  get(inputShapes: readonly Shape[]): Program {
    const key = shapesKey(inputShapes);
    const program = this.#programs.get(key) ?? this.#create(inputShapes, this.latest);
    this.#programs.delete(key);
    this.#programs.set(key, program);
    this.latestShapes = inputShapes;
    const [[oldest, unused]] = this.#programs;
    if (this.#programs.size > MOST) {
      this.#programs.delete(oldest);
      unused.release();
    }
    return program;
  }

  /** Lets all go; jobs go on to their end. */
  release(): void {
    for (const program of this.#programs.values()) program.release();
  }

  /** Lets all go, and ends their jobs. */
  dispose(): void {
    for (const program of this.#programs.values()) program.dispose();
  }
}
