import { ConvforgeError } from '../errors.js';
import type { WeightSpec } from '../layers/base-layer.js';
import { elementCount } from '../layers/shapes.js';
import { currentEngine } from '../program/current-engine.js';
import type { ProgramDescription } from '../program/description.js';
import type { Engine, OptimizerState, Pending, Program, Snapshot } from '../program/engine.js';
import { nextSeed, RandomGenerator } from '../random/index.js';

/** A weight with its values, or with the seed that they will be drawn from. */
interface Weight extends WeightSpec {
  layer: string;
  seed: number;
  values?: Float32Array;
}

/** A model claimed for training. */
export interface TrainingClaim {
  /** Opens the weights to others until `during` has ended, as no step is under way. */
  pause<T>(during: () => Promise<T>): Promise<T>;
  end(): void;
}

/**
 * A model's weights and the program that runs them. Weights are here until a program is needed, and in the program from then
 * on; when layers or loss change, they come back and the next program gets them.
 */
export class ModelState {
  readonly #modelName: string;
  readonly #describe: () => ProgramDescription;
  readonly #weights: Weight[] = [];
  /** Evaluations and predictions of the present program. */
  #jobs = new Set<Promise<unknown>>();
  #engine?: Engine;
  #program?: Program;
  #training: 'no' | 'running' | 'paused' = 'no';
  #disposed = false;

  /** `describe` is asked whenever a new program is needed. */
  constructor(modelName: string, describe: () => ProgramDescription) {
    this.#modelName = modelName;
    this.#describe = describe;
  }

  /** Seeds are drawn here, so that results follow the order in which models were made, not that of their use. */
  addWeights(layer: string, specs: readonly WeightSpec[]): void {
    this.renewProgram();
    for (const spec of specs) this.#weights.push({ ...spec, layer, seed: nextSeed() });
  }

  /** The engine that the model was first run with, or the one in use now. */
  get engine(): Engine {
    this.#engine ??= currentEngine();
    return this.#engine;
  }

  /** The program, made and filled with the weights if there is none. Throws DISPOSED. */
  get program(): Program {
    this.checkUsable();
    this.#program ??= this.#createProgram();
    return this.#program;
  }

  /** Starts an evaluation or prediction, which a later change of layers or loss doesn't end. */
  start<T>(begin: (program: Program) => Pending<T>): Pending<T> {
    const pending = begin(this.program);
    const jobs = this.#jobs;
    const ignore = () => undefined;
    const ended: Promise<unknown> = pending.promise.then(ignore, ignore).then(() => jobs.delete(ended));
    jobs.add(ended);
    return pending;
  }

  /** Takes the weights back and lets the program go. Throws MODEL_BUSY while training. */
  renewProgram(): void {
    this.checkIdle();
    const program = this.#program;
    if (!program) return;
    for (const [i, values] of program.readWeights().entries()) this.#weights[i].values = values;
    this.#program = undefined;
    void Promise.all(this.#jobs).then(() => program.dispose());
    this.#jobs = new Set();
  }

  /** In the order of layers. Throws MODEL_BUSY while training, unless it is paused. */
  readWeights(): Float32Array[] {
    this.#checkWeightsOpen();
    return this.#program?.readWeights() ?? this.#copyOwnWeights();
  }

  /** Lengths were checked by the caller. Throws MODEL_BUSY while training, unless it is paused. */
  writeWeights(weights: readonly Float32Array[]): void {
    this.#checkWeightsOpen();
    if (this.#program) this.#program.writeWeights(weights);
    else for (const [i, values] of weights.entries()) this.#weights[i].values = values.slice();
  }

  /** Weights and optimizer state at one moment; allowed while training. */
  async snapshot(): Promise<Snapshot> {
    this.checkUsable();
    return this.#program ? this.#program.snapshot() : { weights: this.#copyOwnWeights() };
  }

  /** What the next program will compute. Throws DISPOSED. */
  describe(): ProgramDescription {
    this.checkUsable();
    return this.#describe();
  }

  writeOptimizer(state: OptimizerState): void {
    this.program.writeOptimizer(state);
  }

  setLearningRate(rate: number): void {
    this.#program?.setLearningRate(rate);
  }

  /** Throws MODEL_BUSY if the model is claimed already. */
  beginTraining(): TrainingClaim {
    this.checkIdle();
    this.#training = 'running';
    return {
      pause: async (during) => {
        this.#training = 'paused';
        try {
          return await during();
        } finally {
          this.#training = 'running';
        }
      },
      end: () => {
        this.#training = 'no';
      },
    };
  }

  /** Throws MODEL_BUSY from the beginning of a training to its end. */
  checkIdle(): void {
    this.checkUsable();
    if (this.#training !== 'no') this.#failBusy();
  }

  checkUsable(): void {
    if (this.#disposed) {
      throw new ConvforgeError('DISPOSED', `${this.#modelName} was disposed; make or load the model again.`);
    }
  }

  /** Running jobs reject with DISPOSED. Idempotent. */
  dispose(): void {
    this.#disposed = true;
    this.#program?.dispose();
    this.#program = undefined;
    this.#weights.length = 0;
  }

  #checkWeightsOpen(): void {
    this.checkUsable();
    if (this.#training === 'running') this.#failBusy();
  }

  #failBusy(): never {
    throw new ConvforgeError(
      'MODEL_BUSY',
      `${this.#modelName} is training; wait for fit to end, or abort it through its signal.`,
    );
  }

  #createProgram(): Program {
    const program = this.engine.createProgram(this.#describe());
    try {
      program.writeWeights(this.#ownWeights());
    } catch (error) {
      program.dispose();
      throw error;
    }
    for (const weight of this.#weights) weight.values = undefined;
    return program;
  }

  #copyOwnWeights(): Float32Array[] {
    return this.#ownWeights().map((values) => values.slice());
  }

  #ownWeights(): Float32Array[] {
    return this.#weights.map((weight) => {
      weight.values ??= drawWeight(weight);
      return weight.values;
    });
  }
}

function drawWeight({ layer, name, shape, initializer, seed }: Weight): Float32Array {
  try {
    return initializer.build(shape, new RandomGenerator(seed));
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new ConvforgeError(
      'OUT_OF_MEMORY',
      `${layer}: no memory for a ${name} of ${elementCount(shape)} elements.`,
      { cause, layer },
    );
  }
}
