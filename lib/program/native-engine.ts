import { ConvforgeError } from '../errors.js';
import { inThisRealm } from '../realms.js';
import { VERSION } from '../version.js';
import {
  type AddonJob,
  type AddonNodes,
  type AddonProgram,
  type AddonSamples,
  asConvforgeError,
  type EngineInfo,
  guard,
  loadedAddon,
} from './addon.js';
import type { ProgramDescription, Shape } from './description.js';
import type {
  BatchGradients,
  Engine,
  EvaluateRun,
  GradientRun,
  OptimizerState,
  PredictRun,
  Program,
  SampleArray,
  Samples,
  SampleType,
  Snapshot,
  Totals,
  TrainRun,
  ValueGradientRun,
  ValueGradients,
} from './engine.js';
import { disposeSamples, writeInSlices } from './samples.js';
import { SlicedWork } from './sliced-work.js';
import { failedPending, mapPending, type Pending } from '../tensor/pending-tensor.js';
import type { ProgramExplanation, RunMode } from './explanation.js';

/** Describes the native engine on this machine. Throws ADDON_UNAVAILABLE. */
export function engineInfo(): EngineInfo {
  return { version: VERSION, ...inThisRealm(loadedAddon().info()) };
}

/**
 * Sets the number of compute threads from the next job on. Results don't depend on it. Default:
 * CONVFORGE_THREADS, else OMP_NUM_THREADS, else the number of processors that this process may use.
 */
export function setThreads(threads: number): void {
  guard(() => loadedAddon().setThreads(threads));
}

/**
 * Sets the bytes that the native engine may take for weights, optimizers, samples and values of layers, in all
 * threads of the process together. What would exceed them is refused with TOO_LARGE before it is taken. What
 * is in use already stays. Default: CONVFORGE_MEMORY (a number of bytes, or one like 512M or 2G), else 90 % of
 * the machine's memory or of its container's limit.
 */
export function setMemoryBudget(bytes: number): void {
  guard(() => loadedAddon().setMemoryBudget(bytes));
}

/**
 * Measures the peak GFLOP/s of fused multiply-adds on registers, which no dense computation can exceed. It
 * uses this number of threads, at most those that compute now. Returns the result of each of `runs` runs of
 * 20 ms.
 */
export function measurePeak(threads: number, runs = 9): Promise<number[]> {
  return follow(() => loadedAddon().measurePeak(threads, runs)).promise;
}

/**
 * Measures the GB/s of memcpy between arrays larger than any cache, in the same way. It counts both bytes
 * read and bytes written.
 */
export function measureCopy(threads: number, runs = 9): Promise<number[]> {
  return follow(() => loadedAddon().measureCopy(threads, runs)).promise;
}

class NativeSamples implements Samples {
  readonly handle: AddonSamples;

  constructor(
    readonly shape: Shape,
    readonly dtype: SampleType,
  ) {
    this.handle = guard(() => new (loadedAddon().Samples)(shape, dtype));
  }

  write(values: SampleArray, offset: number): void {
    guard(() => this.handle.write(values, offset));
  }

  dispose(): void {
    this.handle.dispose();
  }
}

function handleOf(samples: Samples): AddonSamples {
  if (samples instanceof NativeSamples) return samples.handle;
  throw new ConvforgeError('INVALID_ARGUMENT', 'The native engine runs on samples that it allocated itself.');
}

type AddonSets = [x: AddonSamples[], y: AddonSamples[], sampleWeights: AddonSamples[] | null];

function handlesOf({ x, y, sampleWeights }: Pick<EvaluateRun, 'x' | 'y' | 'sampleWeights'>): AddonSets {
  return [x.map(handleOf), y.map(handleOf), sampleWeights?.map(handleOf) ?? null];
}

/**
 * Arrays for results. The engine writes into them, since JavaScript's allocation fails with an error where the
 * addon's would end the process. Throws OUT_OF_MEMORY.
 */
function newArrays(lengths: readonly number[]): Float32Array[] {
  try {
    return lengths.map((length) => new Float32Array(length));
  } catch (cause) {
    const bytes = 4 * lengths.reduce((sum, length) => sum + length, 0);
    throw new ConvforgeError(
      'OUT_OF_MEMORY',
      `no memory for results of ${bytes.toLocaleString('en-US')} bytes; ask for fewer samples at once`,
      { cause },
    );
  }
}

/**
 * Follows a job: converts its errors to ConvforgeErrors, and cancels it if the signal fires. `nothing` is the
 * message if the signal fired before the start.
 */
function follow<T>(start: () => AddonJob<T>, nothing = '', signal?: AbortSignal): Pending<T> {
  if (signal?.aborted) return failedPending(new ConvforgeError('ABORTED', nothing, { cause: signal.reason }));
  const job = guard(start);
  const abort = () => job.cancel();
  signal?.addEventListener('abort', abort, { once: true });
  const convert = (error: unknown) => {
    const converted = asConvforgeError(error);
    if (!(converted instanceof ConvforgeError) || converted.code !== 'ABORTED' || !signal?.aborted)
      return converted;
    return new ConvforgeError('ABORTED', converted.message, { cause: signal.reason });
  };
  let outcome: { value: T } | undefined;
  let promise: Promise<T> | undefined;
  const end = (result: T) => {
    const value = inThisRealm(result);
    outcome = { value };
    signal?.removeEventListener('abort', abort);
    return value;
  };
  const failEnd = (error: unknown): never => {
    signal?.removeEventListener('abort', abort);
    throw convert(error);
  };
  const pending = {
    get promise() {
      // Promise.resolve makes a promise of this realm; one that is of it stays as it is.
      promise ??= outcome
        ? Promise.resolve(outcome.value)
        : Promise.resolve(job.promise()).then(end, failEnd);
      return promise;
    },
    wait() {
      try {
        return outcome ? outcome.value : end(job.wait());
      } catch (error) {
        return failEnd(error);
      }
    },
  };
  // Awaits the job even if nobody asks for its result, to remove the signal's listener when it ends.
  if (signal) pending.promise.catch(() => undefined);
  return pending;
}

class NativeProgram implements Program {
  private readonly handle: AddonProgram;
  #knownSizes?: ReturnType<AddonProgram['sizes']>;

  /** `nodes` are those of the description, if the addon has read them already. */
  constructor(description: ProgramDescription, sharing?: Program, nodes?: AddonNodes) {
    if (sharing && !(sharing instanceof NativeProgram)) {
      throw new ConvforgeError('INVALID_ARGUMENT', "The native engine can't share another engine's weights.");
    }
    this.handle = guard(() => new (loadedAddon().Program)(description, sharing?.handle, nodes));
  }

  get #sizes(): ReturnType<AddonProgram['sizes']> {
    this.#knownSizes ??= guard(() => this.handle.sizes());
    return this.#knownSizes;
  }

  #outputLengths(samples: number): number[] {
    return this.#sizes.outputs.map((size) => samples * size);
  }

  /** Arrays for the optimizer's slots. Throws NOT_COMPILED. */
  #newSlots(): Float32Array[][] {
    const { slots, parameters } = this.#sizes;
    if (slots) return slots.map(() => newArrays(parameters));
    throw new ConvforgeError('NOT_COMPILED', 'This model has no optimizer yet; call compile first.');
  }

  #named(slots: Float32Array[][]): Record<string, Float32Array[]> {
    return Object.fromEntries(slots.map((arrays, i) => [this.#sizes.slots?.[i], arrays]));
  }

  async train(run: TrainRun): Promise<Totals> {
    const { batchSize, order, seed, onProgress, collective, signal } = run;
    const how = [run.stopAtNonFinite, run.rematerialize, run.totals, run.shards, collective] as const;
    let job: AddonJob<Totals> | undefined;
    let failure: { error: unknown } | undefined;
    const report = (totals: Totals) => {
      try {
        if (!failure) onProgress?.(inThisRealm(totals));
      } catch (error) {
        failure = { error };
        job?.cancel();
      }
    };
    const start = () => {
      const sets = handlesOf(run);
      const progress = onProgress && report;
      job = this.handle.train(batchSize, ...sets, order, seed, progress, ...how);
      return job;
    };
    // Other ranks count on this one: the job tells them that it is cancelled.
    if (collective && signal?.aborted) guard(start).cancel();
    const pending = follow(start, 'training was aborted after 0 steps', signal);
    const totals = await pending.promise.catch((error: unknown) => {
      throw failure ? failure.error : error;
    });
    if (failure) throw failure.error;
    return totals;
  }

  evaluate(run: EvaluateRun): Pending<Totals> {
    return follow(
      () => this.handle.evaluate(run.batchSize, ...handlesOf(run), run.seed),
      'evaluation was aborted after 0 batches',
      run.signal,
    );
  }

  predict({ x, batchSize, seed, signal }: PredictRun): Pending<Float32Array[]> {
    const outputs = signal?.aborted ? [] : newArrays(this.#outputLengths(x[0]?.shape[0] ?? 0));
    const start = () => this.handle.predict(batchSize, x.map(handleOf), seed ?? 0, outputs);
    return mapPending(follow(start, 'prediction was aborted after 0 batches', signal), () => outputs);
  }

  runHere(inputs: readonly Float32Array[], samples: number): Float32Array[] {
    const outputs = newArrays(this.#outputLengths(samples));
    guard(() => this.handle.runHere(inputs, samples, outputs));
    return outputs;
  }

  async gradients(run: GradientRun): Promise<BatchGradients> {
    // Without inputs the addon throws an error that says how many it needs.
    const samples = run.x[0]?.shape[0] ?? 1;
    const gradients = newArrays(this.#sizes.parameters);
    const totals = await follow(
      () => this.handle.gradients(samples, ...handlesOf(run), run.seed, gradients),
      'a computation of gradients was aborted after 0 batches',
      run.signal,
    ).promise;
    return { totals, gradients };
  }

  async valueGradients(run: ValueGradientRun): Promise<ValueGradients> {
    const samples = run.x[0]?.shape[0] ?? 1;
    const outputs = newArrays(this.#outputLengths(samples));
    const gradients = newArrays(this.#sizes.gradients.map((size) => samples * size));
    const totals = await follow(
      () => this.handle.valueGradients(samples, ...handlesOf(run), run.seed, outputs, gradients),
      'a computation of gradients was aborted after 0 batches',
      run.signal,
    ).promise;
    return { totals, outputs, gradients };
  }

  async applyGradients(gradients: readonly Float32Array[]): Promise<void> {
    return follow(() => this.handle.update(gradients)).promise;
  }

  async makeStep(): Promise<void> {
    return follow(() => this.handle.update(null)).promise;
  }

  readWeights(): Float32Array[] {
    const weights = newArrays(this.#sizes.parameters);
    guard(() => this.handle.read(weights, null));
    return weights;
  }

  writeWeights(weights: readonly Float32Array[]): void {
    guard(() => this.handle.write(weights));
  }

  *writeInSlices(weights: readonly Float32Array[] | null, optimizer?: OptimizerState): Generator<void, void> {
    const slots = optimizer && (this.#sizes.slots ?? []).map((name) => optimizer.slots[name] ?? []);
    const staged: NativeSamples[] = [];
    const handles: AddonSamples[][] = [];
    try {
      for (const arrays of [weights ?? [], ...(slots ?? [])]) {
        const first = staged.length;
        for (const values of arrays) {
          const samples = new NativeSamples([1, values.length], 'float32');
          staged.push(samples);
          yield* writeInSlices(samples, values);
        }
        handles.push(staged.slice(first).map(handleOf));
      }
      const [weightHandles, ...slotHandles] = handles;
      const { promise } = follow(() =>
        this.handle.writeStaged(
          weights && weightHandles,
          optimizer?.iterations ?? null,
          slots ? slotHandles : null,
        ),
      );
      // It fails only if the program is disposed of first.
      promise.catch(() => undefined);
    } finally {
      disposeSamples(staged);
    }
  }

  readOptimizer(): OptimizerState {
    const slots = this.#newSlots();
    const iterations = guard(() => this.handle.read(null, slots));
    return { iterations, slots: this.#named(slots) };
  }

  writeOptimizer(state: OptimizerState): void {
    new SlicedWork(this.writeInSlices(null, state)).wait();
  }

  async copyWeights(): Promise<Float32Array[]> {
    const weights = newArrays(this.#sizes.parameters);
    await follow(() => this.handle.snapshot(weights, null)).promise;
    return weights;
  }

  async snapshot(): Promise<Snapshot> {
    const weights = newArrays(this.#sizes.parameters);
    const slots = this.#sizes.slots && this.#newSlots();
    const iterations = await follow(() => this.handle.snapshot(weights, slots ?? null)).promise;
    return slots ? { weights, optimizer: { iterations, slots: this.#named(slots) } } : { weights };
  }

  get iterations(): number {
    return guard(() => this.handle.iterations());
  }

  setLearningRate(rate: number): void {
    guard(() => this.handle.setLearningRate(rate));
  }

  explain(mode: RunMode, batchSize?: number, rematerialize?: boolean): Pending<ProgramExplanation> {
    if (batchSize !== undefined) checkBatchSize(batchSize);
    return follow(() => this.handle.explain(mode, batchSize ?? 0, rematerialize));
  }

  profile(on: boolean): void {
    guard(() => this.handle.profile(on));
  }

  release(): void {
    this.handle.release();
  }

  dispose(): void {
    this.handle.dispose();
  }
}

/** Nodes that the addon reads in one go: a millisecond or two. */
const NODES_AT_ONCE = 100;

function* createInSlices(description: ProgramDescription): Generator<void, Program> {
  const { nodes } = description.graph;
  if (nodes.length <= NODES_AT_ONCE) return new NativeProgram(description);
  const read = guard(() => new (loadedAddon().Nodes)());
  for (let first = 0; first < nodes.length; first += NODES_AT_ONCE) {
    guard(() => read.add(nodes.slice(first, first + NODES_AT_ONCE)));
    yield;
  }
  const program = new NativeProgram(description, undefined, read);
  yield;
  return program;
}

function checkBatchSize(batchSize: number): void {
  if (Number.isSafeInteger(batchSize) && batchSize >= 1) return;
  throw new ConvforgeError(
    'INVALID_ARGUMENT',
    `batchSize is ${batchSize}; it must be a whole number from 1 up.`,
  );
}

const engine: Engine = {
  name: 'native',
  createProgram: (description, sharing) => new NativeProgram(description, sharing),
  createProgramInSlices: createInSlices,
  allocateSamples: (shape, dtype) => new NativeSamples(shape, dtype),
  machine: () => {
    const { isa, threads } = loadedAddon().info();
    return { isa, threads, measurePeak: async () => Math.max(...(await measurePeak(threads))) };
  },
};

/** The native engine. Throws ADDON_UNAVAILABLE if the addon can't be loaded. */
export function nativeEngine(): Engine {
  loadedAddon();
  return engine;
}
