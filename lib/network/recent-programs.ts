import { shapesKey } from '../layers/shapes.js';
import type { Shape } from '../program/description.js';
import type { Program } from '../program/engine.js';

/** Maximum number of programs to keep, as each has memory for all values of the graph. */
const MAX_PROGRAMS = 8;

/** The most recently used programs of a model, for inputs of several shapes. All share the same weights. */
export class RecentPrograms {
  /** Programs by input shapes, the most recently used last. */
  readonly #programs: Map<string, Program>;
  readonly #create: (inputShapes: readonly Shape[], sharing: Program) => Program;
  /** Input shapes of the latest program. */
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

  /** The most recently used program. */
  get latest(): Program {
    return this.#programs.get(shapesKey(this.latestShapes)) as Program;
  }

  /**
   * The program for inputs of these shapes, created if need be. Releases the least recently used one if there
   * are too many.
   */
  get(inputShapes: readonly Shape[]): Program {
    const key = shapesKey(inputShapes);
    const program = this.#programs.get(key) ?? this.#create(inputShapes, this.latest);
    this.#programs.delete(key);
    this.#programs.set(key, program);
    this.latestShapes = inputShapes;
    const [[oldest, unused]] = this.#programs;
    if (this.#programs.size > MAX_PROGRAMS) {
      this.#programs.delete(oldest);
      unused.release();
    }
    return program;
  }

  /** Releases all programs; their jobs run to the end. */
  release(): void {
    for (const program of this.#programs.values()) program.release();
  }

  /** Disposes all programs and ends their jobs. */
  dispose(): void {
    for (const program of this.#programs.values()) program.dispose();
  }
}
