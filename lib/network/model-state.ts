import { setMaxListeners } from 'node:events';
import { ConvforgeError } from '../errors.js';
import {
  readWeightsInSlices,
  writeStores,
  type WeightHolder,
  type WeightStore,
} from '../layers/weight-store.js';
import { currentEngine } from '../program/current-engine.js';
import type { ProgramDescription, Shape } from '../program/description.js';
import type { Engine, OptimizerState, Program, Snapshot } from '../program/engine.js';
import { SlicedWork } from '../program/sliced-work.js';
import { nextSeed } from '../random/index.js';
import {
  byStore,
  copyNewer,
  createPrograms,
  createProgramsInSlices,
  type DescribedModel,
  type LivePrograms,
  type ModelToRun,
  replaceWeights,
  needsSlices,
} from './live-programs.js';

/** A model claimed for training. */
export interface TrainingClaim {
  /** Gives others access to the weights until `during` has ended. No step may run meanwhile. */
  pause<T>(during: () => Promise<T>): Promise<T>;
  /**
   * Ends the claim. If the model was disposed meanwhile, resolves once its shared weights are back in their
   * stores.
   */
  end(): Promise<void>;
}

/**
 * Owns the programs that run a model, one for each of the latest input shapes, and manages where the weights
 * of its layers live.
 *
 * A training model holds the newest values of all its layers. A model that only predicts holds the weights
 * that no other model holds, and copies the others' when they have changed. When layers or losses change, the
 * values return to their stores, and the next program reads them there.
 */
export class ModelState implements WeightHolder {
  readonly #model: ModelToRun;
  #engine?: Engine;
  #live?: LivePrograms;
  /** Makes #live. */
  #preparation?: SlicedWork<LivePrograms>;
  #training: 'no' | 'running' | 'paused' = 'no';
  /** If the model was disposed while it trained: resolves when its shared weights are back. */
  #left = Promise.resolve();
  readonly #disposal = new AbortController();

  constructor(model: ModelToRun) {
    this.#model = model;
    // Every waiting job adds a listener, so their number has no limit.
    setMaxListeners(0, this.#disposal.signal);
  }

  /** The engine that the model first ran on, or else the current one. */
  get engine(): Engine {
    this.#engine ??= currentEngine();
    return this.#engine;
  }

  /**
   * The most recently used program, created if there is none, with the newest weights. Throws DISPOSED;
   * MODEL_BUSY while another model trains some of them.
   */
  get program(): Program {
    return this.#newest().programs.latest;
  }

  /** The program for inputs of these shapes, with the newest weights. Throws as `program` does. */
  programFor(inputShapes: readonly Shape[]): Program {
    return this.#newest(inputShapes).programs.get(inputShapes);
  }

  /**
   * Creates a further program with the newest weights, which the caller must release. It may differ from the
   * program for these shapes only in its outputs and in what nodes without weights do. Throws as `programFor`
   * does.
   */
  otherProgram(inputShapes: readonly Shape[], description: ProgramDescription): Program {
    return this.engine.createProgram(description, this.#newest(inputShapes).programs.latest);
  }

  /**
   * Like `programFor` or `program`, but this model holds the weights from now on, as the program is about to
   * change them.
   */
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

  /** Seed of an evaluation or prediction: from the global generator if any layer draws in it, else 0. */
  runSeed(): number {
    return this.#live?.draws ? nextSeed() : 0;
  }

  /**
   * Returns the weights to their stores and releases the programs; their evaluations and predictions run to
   * the end. Throws MODEL_BUSY while training.
   */
  renewProgram(): void {
    this.checkIdle();
    this.finishPreparation();
    const live = this.#live;
    if (!live) return;
    for (const [store, values] of this.readWeights()) store.keep(values);
    this.#live = undefined;
    live.programs.release();
  }

  /**
   * Draws the weights and makes the programs, as the next use of a program would, but in slices between which
   * the event loop runs. Undefined if there is little to do: a use then takes moments. Throws and rejects as
   * `program` does. `start` is called as soon as they are there, also if somebody else needs them at once and
   * so finishes the work: before that one goes on. It must not throw.
   */
  prepare(inputShapes?: readonly Shape[], start?: () => void): Promise<unknown> | undefined {
    this.checkUsable();
    if (this.#live) return undefined;
    if (!this.#preparation) {
      if (!needsSlices(this.#model.stores())) return undefined;
      this.#beginPreparation(new SlicedWork(this.#prepareInSlices(inputShapes)));
    }
    if (start) this.#preparation?.onResult(start);
    return this.#preparation?.promise;
  }

  *#prepareInSlices(inputShapes?: readonly Shape[]): Generator<void, LivePrograms> {
    const finish = () => {
      if (!this.#preparation?.isRunning) this.finishPreparation();
    };
    this.#live = yield* createProgramsInSlices(this.#owner, inputShapes, finish);
    return this.#live;
  }

  get #owner() {
    return { engine: this.engine, model: this.#model, holder: this };
  }

  #beginPreparation(preparation: SlicedWork<LivePrograms>): void {
    this.#preparation = preparation;
    const forget = () => {
      if (this.#preparation === preparation) this.#preparation = undefined;
    };
    preparation.promise.then(forget, forget);
  }

  /** Does what is left of a preparation at once. Throws as `program` does. */
  finishPreparation(): void {
    const preparation = this.#preparation;
    this.#preparation = undefined;
    preparation?.wait();
  }

  #newest(inputShapes?: readonly Shape[]): LivePrograms {
    this.checkUsable();
    this.finishPreparation();
    this.#live ??= createPrograms(this.#owner, inputShapes);
    copyNewer(this.#live, this);
    return this.#live;
  }

  readWeights(): ReadonlyMap<WeightStore, Float32Array[]> {
    this.checkWeightsOpen();
    const held = new Map<WeightStore, Float32Array[]>();
    if (!this.#live) return held;
    const { programs, stores } = this.#live;
    if (!stores.some((store) => store.holder === this)) return held;
    for (const [store, values] of byStore(stores, programs.latest.readWeights()))
      if (store.holder === this) held.set(store, values);
    return held;
  }

  writeWeights(values: ReadonlyMap<WeightStore, readonly Float32Array[]>): void {
    this.checkWeightsOpen();
    replaceWeights(this.#live as LivePrograms, values);
  }

  /** Copies all weights, in slices or on the engine's threads. Allowed while training: see `snapshot`. */
  async readAllWeights(): Promise<ReadonlyMap<WeightStore, Float32Array[]>> {
    for (;;) {
      const program = await this.#programToCopy();
      const stores = this.weightStores;
      const weights = await (program ? program.copyWeights() : readWeightsInSlices(stores));
      if (weights) return byStore(stores, weights);
    }
  }

  /**
   * Replaces the values of all stores, in slices between which the event loop runs. Throws MODEL_BUSY while a
   * step may be running.
   */
  async writeAllWeights(values: ReadonlyMap<WeightStore, readonly Float32Array[]>): Promise<void> {
    await this.prepare();
    this.checkWeightsOpen();
    const live = this.#live;
    if (!live || live.stores.some((store) => store.holder !== this)) return writeStores(values);
    const { stores, programs } = live;
    const arrays = stores.flatMap((store) => values.get(store) ?? []);
    await new SlicedWork(programs.latest.writeInSlices(arrays)).promise;
    for (const [i, store] of stores.entries()) {
      store.version++;
      live.versions[i] = store.version;
    }
  }

  /**
   * A consistent copy of the weights, in the order of `weightStores`, and of the optimizer's state. Allowed
   * while training.
   */
  async snapshot(): Promise<Snapshot> {
    for (;;) {
      const program = await this.#programToCopy();
      if (program) return program.snapshot();
      const weights = await readWeightsInSlices(this.weightStores);
      if (weights) return { weights };
    }
  }

  /** The program that has the newest weights, if there is one. */
  async #programToCopy(): Promise<Program | undefined> {
    this.checkUsable();
    if (this.#training !== 'running') await this.#preparation?.promise;
    if (this.#live && this.#training === 'running') return this.#live.programs.latest;
    return this.#live && this.program;
  }

  /** Stores of the weights, in the order in which the program reads and writes them. */
  get weightStores(): readonly WeightStore[] {
    return this.#live?.stores ?? this.#model.stores();
  }

  /**
   * Describes the program for inputs of these shapes; default: those of the last run, or shapes that fit.
   * Throws DISPOSED, SHAPE_MISMATCH.
   */
  describe(inputShapes = this.latestShapes): ProgramDescription {
    return this.describeWhole(inputShapes).description;
  }

  /** The input shapes of the last run. */
  get latestShapes(): readonly Shape[] | undefined {
    return this.#live?.programs.latestShapes;
  }

  /**
   * Like `describe`, with the weights' stores and the layers' nodes. With `training` false, layers compute as
   * in prediction.
   */
  describeWhole(inputShapes?: readonly Shape[], training?: false): DescribedModel {
    return new SlicedWork(this.describeInSlices(inputShapes, training)).wait();
  }

  /** The same in slices. */
  describeInSlices(inputShapes?: readonly Shape[], training?: false): Generator<void, DescribedModel> {
    this.checkUsable();
    return this.#model.describe(inputShapes, training);
  }

  /** Replaces the weights of the program that trains, and the optimizer's state if it is given, in slices. */
  async writeTrained(weights: readonly Float32Array[], optimizer?: OptimizerState): Promise<void> {
    await new SlicedWork(this.programToTrain().writeInSlices(weights, optimizer)).promise;
  }

  /** Replaces the optimizer's state, in slices. */
  async writeOptimizer(state: OptimizerState): Promise<void> {
    await this.prepare();
    await new SlicedWork(this.program.writeInSlices(null, state)).promise;
  }

  /** Number of optimizer steps of the current program. */
  get iterations(): number {
    return this.#live?.programs.latest.iterations ?? 0;
  }

  setLearningRate(rate: number): void {
    this.finishPreparation();
    this.#live?.programs.latest.setLearningRate(rate);
  }

  /**
   * Claims the model for training. Throws MODEL_BUSY if it is claimed already, or if another model trains
   * some of its layers.
   */
  beginTraining(): TrainingClaim {
    this.checkIdle();
    // Take the weights now, so that nobody can access them through a layer alone either.
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

  /** Throws MODEL_BUSY while the model is claimed for training. */
  checkIdle(): void {
    this.checkUsable();
    if (this.#training !== 'no') this.#failBusy();
  }

  checkUsable(): void {
    if (this.#disposal.signal.aborted) throw this.#disposedError();
  }

  #disposedError(): ConvforgeError {
    return new ConvforgeError('DISPOSED', `${this.#model.name} was disposed; make or load the model again.`);
  }

  /**
   * Fires when the model is disposed. Its reason is the error to reject with. For whoever waits for something
   * other than an engine job.
   */
  get disposal(): AbortSignal {
    return this.#disposal.signal;
  }

  /**
   * Disposes the model; running jobs reject with DISPOSED. Idempotent. `stores` are those of the model's
   * layers.
   */
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
      const held = shared.length > 0 ? this.readWeights() : undefined;
      for (const store of shared) store.keep(held?.get(store) as Float32Array[]);
      live?.programs.dispose();
    }
    this.#live = undefined;
    this.#preparation?.cancel(this.#disposedError());
    this.#preparation = undefined;
    this.#disposal.abort(this.#disposedError());
  }

  /**
   * After the current step, returns these stores' values and disposes the programs. Until then, access to the
   * stores throws MODEL_BUSY.
   */
  #leaveAfterStep({ programs, stores }: LivePrograms, shared: readonly WeightStore[]): void {
    let refuse = (): never => this.#failBusy();
    const holder: WeightHolder = { readWeights: () => refuse(), writeWeights: () => refuse() };
    for (const store of shared) store.holder = holder;
    const restoreStores = ({ weights }: Snapshot) => {
      for (const [store, values] of byStore(stores, weights)) if (store.holder === holder) store.keep(values);
    };
    const fail = (cause: unknown) => {
      refuse = () => {
        throw cause;
      };
    };
    this.#left = programs.latest
      .snapshot()
      .then(restoreStores)
      .catch(fail)
      .finally(() => programs.dispose());
  }

  /** Throws MODEL_BUSY while a step may be running. */
  checkWeightsOpen(): void {
    this.checkUsable();
    if (this.#training === 'running') this.#failBusy();
  }

  #failBusy(): never {
    throw new ConvforgeError(
      'MODEL_BUSY',
      `${this.#model.name} is training; wait for fit to end, or abort it through its signal.`,
    );
  }
}
