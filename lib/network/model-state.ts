import { setMaxListeners } from 'node:events';
import { ConvforgeError } from '../errors.js';
import { readStores, type WeightHolder, type WeightStore } from '../layers/weight-store.js';
import { currentEngine } from '../program/current-engine.js';
import type { ProgramDescription, Shape } from '../program/description.js';
import type { Engine, OptimizerState, Program, Snapshot } from '../program/engine.js';
import { nextSeed } from '../random/index.js';
import { RecentPrograms } from './recent-programs.js';

/** A model claimed for training. */
export interface TrainingClaim {
  /** Opens the weights to others until `during` has ended, as no step is under way. */
  pause<T>(during: () => Promise<T>): Promise<T>;
  /** Resolves when a model that was disposed of meanwhile has given its weights back. */
  end(): Promise<void>;
}

/** What a model computes, and the stores of its weights in the order in which the program reads and writes them. */
export interface DescribedModel {
  /** Of the description's inputs. */
  inputShapes: readonly Shape[];
  description: ProgramDescription;
  stores: readonly WeightStore[];
  /** The nodes that give what layers give, by the layers' names: see Lowering. */
  layerValues: ReadonlyMap<string, number>;
}

/**
 * Describes a model for inputs of these shapes, or of any that fit; with `training` false as its layers predict, also where they are run in
 * training.
 */
type DescribeModel = (inputShapes?: readonly Shape[], training?: false) => DescribedModel;

/** Programs, which share their weights, with what they were made from. */
interface LivePrograms {
  programs: RecentPrograms;
  stores: readonly WeightStore[];
  /** The version of each store's values that the programs have. */
  versions: number[];
  /** Whether layers draw at random in evaluation and prediction too. */
  draws: boolean;
}

/**
 * The program that runs a model (several, for inputs of several shapes, where the model leaves sizes open), and the model's part in its
 * layers' weights. A model that trains holds the newest values of all its
 * layers; one that only predicts holds those that no other model holds, and copies the others' when they have changed. When
 * layers or loss change, the values go back to their stores and the next program gets them.
 */
export class ModelState implements WeightHolder {
  readonly #modelName: string;
  readonly #describe: DescribeModel;
  #engine?: Engine;
  #live?: LivePrograms;
  #training: 'no' | 'running' | 'paused' = 'no';
  /** Disposed of while it trained: when the weights are back. */
  #left = Promise.resolve();
  readonly #disposal = new AbortController();

  /** `describe` is asked whenever a new program is needed: for inputs of these shapes, or of any that fit. */
  constructor(modelName: string, describe: DescribeModel) {
    this.#modelName = modelName;
    this.#describe = describe;
    // As many as there are jobs that wait.
    setMaxListeners(0, this.#disposal.signal);
  }

  /** The engine that the model was first run with, or the one in use now. */
  get engine(): Engine {
    this.#engine ??= currentEngine();
    return this.#engine;
  }

  /**
   * The program that was used last, made if there is none, with the newest weights. Throws DISPOSED; MODEL_BUSY while another model
   * trains some of them.
   */
  get program(): Program {
    return this.#newest().programs.latest;
  }

  /** The same, for inputs of these shapes. */
  programFor(inputShapes: readonly Shape[]): Program {
    return this.#newest(inputShapes).programs.get(inputShapes);
  }

  /**
   * Another program with the newest weights, for the caller to release: one that differs from that for these shapes in its outputs or in
   * what its nodes without weights do. Throws as `programFor` does.
   */
  otherProgram(inputShapes: readonly Shape[], description: ProgramDescription): Program {
    return this.engine.createProgram(description, this.#newest(inputShapes).programs.latest);
  }

  /** `programFor`, or `program`, about to change its weights: it holds them from now on. */
  programToTrain(inputShapes?: readonly Shape[]): Program {
    const program = inputShapes ? this.programFor(inputShapes) : this.program;
    const { stores, versions } = this.#live as LivePrograms;
    for (const [i, store] of stores.entries()) {
      if (store.holder !== this) store.moveTo(this);
      store.version++;
      versions[i] = store.version;
    }
    return program;
  }

  /** For an evaluation or prediction by the present programs: from the global generator where layers draw in it, else 0. */
  runSeed(): number {
    return this.#live?.draws ? nextSeed() : 0;
  }

  /** Gives the weights back and lets the programs go; their evaluations and predictions go on to the end. Throws MODEL_BUSY while training. */
  renewProgram(): void {
    this.checkIdle();
    const live = this.#live;
    if (!live) return;
    for (const [store, values] of this.readHeld()) store.keep(values);
    this.#live = undefined;
    live.programs.release();
  }

  #newest(inputShapes?: readonly Shape[]): LivePrograms {
    this.checkUsable();
    this.#live ??= this.#createPrograms(inputShapes);
    this.#copyNewer(this.#live);
    return this.#live;
  }

  readHeld(): ReadonlyMap<WeightStore, Float32Array[]> {
    this.checkWeightsOpen();
    const held = new Map<WeightStore, Float32Array[]>();
    if (!this.#live) return held;
    const { programs, stores } = this.#live;
    if (!stores.some((store) => store.holder === this)) return held;
    const values = programs.latest.readWeights();
    let first = 0;
    for (const store of stores) {
      if (store.holder === this) held.set(store, values.slice(first, first + store.specs.length));
      first += store.specs.length;
    }
    return held;
  }

  writeHeld(values: ReadonlyMap<WeightStore, readonly Float32Array[]>): void {
    this.checkWeightsOpen();
    this.#replace(this.#live as LivePrograms, values);
  }

  /** Weights in the order of `weightStores`, and the optimizer's state, at one moment; allowed while training. */
  async snapshot(): Promise<Snapshot> {
    this.checkUsable();
    if (this.#training === 'running' && this.#live) return this.#live.programs.latest.snapshot();
    return this.#live ? this.program.snapshot() : { weights: readStores(this.weightStores).flat() };
  }

  /** In the order in which the program reads and writes them. */
  get weightStores(): readonly WeightStore[] {
    return this.#live?.stores ?? this.#describe().stores;
  }

  /**
   * What a program for inputs of these shapes computes; default: of those that the model was run with last, or of any that fit. Throws
   * DISPOSED, SHAPE_MISMATCH.
   */
  describe(inputShapes = this.#live?.programs.latestShapes): ProgramDescription {
    return this.describeWhole(inputShapes).description;
  }

  /** The same with the weights' stores and the places of layers in it; with `training` false as layers predict. */
  describeWhole(inputShapes?: readonly Shape[], training?: false): DescribedModel {
    this.checkUsable();
    return this.#describe(inputShapes, training);
  }

  writeOptimizer(state: OptimizerState): void {
    this.program.writeOptimizer(state);
  }

  /** Training steps that the present program has made. */
  get iterations(): number {
    return this.#live?.programs.latest.iterations ?? 0;
  }

  setLearningRate(rate: number): void {
    this.#live?.programs.latest.setLearningRate(rate);
  }

  /** Throws MODEL_BUSY if the model is claimed already, or if another trains some of its layers. */
  beginTraining(): TrainingClaim {
    this.checkIdle();
    // From now on the weights are this model's: also those of a layer alone are closed to others.
    this.programToTrain();
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
        return this.#left;
      },
    };
  }

  /** Throws MODEL_BUSY from the beginning of a training to its end. */
  checkIdle(): void {
    this.checkUsable();
    if (this.#training !== 'no') this.#failBusy();
  }

  checkUsable(): void {
    if (this.#disposal.signal.aborted) throw this.#disposedError();
  }

  #disposedError(): ConvforgeError {
    return new ConvforgeError('DISPOSED', `${this.#modelName} was disposed; make or load the model again.`);
  }

  /** Fires when the model is disposed of, its reason the error to reject with: for those who wait for what isn't a job of the engine. */
  get disposal(): AbortSignal {
    return this.#disposal.signal;
  }

  /** Running jobs reject with DISPOSED. Idempotent. `stores`: those of the model's layers. */
  dispose(stores: ReadonlySet<WeightStore>): void {
    if (this.#disposal.signal.aborted) return;
    const live = this.#live;
    const shared = [...stores].filter((store) => store.holder === this && store.models > 1);
    for (const store of stores) {
      store.models--;
      if (!store.holder && store.models <= 0) store.moveTo(this);
    }
    if (live && shared.length > 0 && this.#training === 'running') {
      this.#leaveAfterStep(live, shared);
    } else {
      const held = shared.length > 0 ? this.readHeld() : undefined;
      for (const store of shared) store.keep(held?.get(store) as Float32Array[]);
      live?.programs.dispose();
    }
    this.#live = undefined;
    this.#disposal.abort(this.#disposedError());
  }

  /** Lets the programs go once the step that runs is over, and the values of these stores go back; others are told that they are busy. */
  #leaveAfterStep({ programs, stores }: LivePrograms, shared: readonly WeightStore[]): void {
    let refuse = (): never => this.#failBusy();
    const holder: WeightHolder = { readHeld: () => refuse(), writeHeld: () => refuse() };
    for (const store of shared) store.holder = holder;
    const giveBack = ({ weights }: Snapshot) => {
      let first = 0;
      for (const store of stores) {
        const values = weights.slice(first, first + store.specs.length);
        if (store.holder === holder) store.keep(values);
        first += store.specs.length;
      }
    };
    const fail = (cause: unknown) => {
      refuse = () => {
        throw cause;
      };
    };
    this.#left = programs.latest
      .snapshot()
      .then(giveBack)
      .catch(fail)
      .finally(() => programs.dispose());
  }

  /** Throws MODEL_BUSY while a step may be under way. */
  checkWeightsOpen(): void {
    this.checkUsable();
    if (this.#training === 'running') this.#failBusy();
  }

  #failBusy(): never {
    throw new ConvforgeError(
      'MODEL_BUSY',
      `${this.#modelName} is training; wait for fit to end, or abort it through its signal.`,
    );
  }

  #createPrograms(wanted?: readonly Shape[]): LivePrograms {
    const { inputShapes, description, stores } = this.#describe(wanted);
    const program = this.engine.createProgram(description);
    try {
      program.writeWeights(this.#newestValues(stores).flat());
    } catch (error) {
      program.dispose();
      throw error;
    }
    for (const store of stores) if (!store.holder) store.moveTo(this);
    const programs = new RecentPrograms(inputShapes, program, (shapes, sharing) =>
      this.engine.createProgram(this.#describe(shapes).description, sharing),
    );
    const draws = description.graph.nodes.some(
      ({ attributes }) => 'stream' in attributes && attributes.always,
    );
    return { programs, stores, versions: stores.map((store) => store.version), draws };
  }

  /** Without copies of those that no model holds yet. */
  #newestValues(stores: readonly WeightStore[]): Float32Array[][] {
    const held = stores.filter((store) => store.holder);
    const values = new Map(readStores(held).map((arrays, i) => [held[i], arrays]));
    return stores.map((store) => values.get(store) ?? store.own());
  }

  /** Copies what other models have changed. */
  #copyNewer(live: LivePrograms): void {
    const { stores, versions } = live;
    const changed = stores.filter((store, i) => store.version !== versions[i]);
    if (changed.length > 0) {
      const values = this.#newestValues(changed);
      this.#replace(live, new Map(changed.map((store, i) => [store, values[i]])));
    }
    for (const [i, store] of stores.entries()) {
      versions[i] = store.version;
      if (!store.holder) store.moveTo(this);
    }
  }

  #replace(
    { programs, stores }: LivePrograms,
    values: ReadonlyMap<WeightStore, readonly Float32Array[]>,
  ): void {
    const program = programs.latest;
    const all = values.size < stores.length ? program.readWeights() : [];
    let first = 0;
    for (const store of stores) {
      const replaced = values.get(store);
      for (const [i, array] of replaced?.entries() ?? []) all[first + i] = array;
      first += store.specs.length;
    }
    program.writeWeights(all);
  }
}
