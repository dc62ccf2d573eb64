import { createRequire } from 'node:module';
import path from 'node:path';
import loadAddon from 'node-gyp-build';
import { KEEP_EXTERNAL } from '../bundled.js';
import { ConvforgeError, type ErrorCode } from '../errors.js';
import { memoryBudget, threadCount } from './machine-share.js';
import { isError } from '../realms.js';
import { addonUnavailable } from './addon-unavailable.js';
import type { NodeDescription, ProgramDescription, Shape } from './description.js';
import type { SampleArray, SampleType, Totals } from './engine.js';
import type { ProgramExplanation, RunMode } from './explanation.js';
import { findPackage, isPackage } from './find-package.js';

/** The native engine on this machine. */
export interface EngineInfo {
  /** Version of convforge. */
  version: string;
  /** Instruction set in use: avx512, avx2, neon or scalar. */
  isa: string;
  /** Why that instruction set is in use. */
  isaReason: string;
  /** Instruction sets that this machine supports, best first. */
  supported: string[];
  /** Number of compute threads. */
  threads: number;
  /** Bytes that the native engine may take: see setMemoryBudget. */
  memoryBudget: number;
  /** Bytes that it has: weights, optimizers' slots, samples, and values of layers. */
  memoryUsed: number;
  /** The threading library, such as "OpenMP (libgomp)". */
  parallel: string;
  /** The compiler of the addon. */
  compiler: string;
  /** The Node-API version that the addon requires. */
  napi: number;
}

/** What the addon exports (native/binding/). */
export interface Addon {
  /** `nodes` stand for the description's own. */
  Program: new (
    description: ProgramDescription,
    sharing?: AddonProgram,
    nodes?: AddonNodes,
  ) => AddonProgram;
  Nodes: new () => AddonNodes;
  Samples: new (shape: Shape, dtype: SampleType) => AddonSamples;
  info(): Omit<EngineInfo, 'version'>;
  setThreads(threads: number): void;
  setMemoryBudget(bytes: number): void;
  measurePeak(threads: number, runs: number): AddonJob<number[]>;
  measureCopy(threads: number, runs: number): AddonJob<number[]>;
}

/** Nodes of a program that is about to be made. Program takes them, and leaves none. */
export interface AddonNodes {
  add(nodes: readonly NodeDescription[]): void;
}

export interface AddonSamples {
  write(values: SampleArray, offset: number): void;
  dispose(): void;
}

export interface AddonJob<T> {
  /** Must be called at most once, and before `wait`. */
  promise(): Promise<T>;
  /** Must be called at most once. */
  wait(): T;
  cancel(): void;
}

export interface AddonProgram {
  train(
    batchSize: number,
    x: AddonSamples[],
    y: AddonSamples[],
    sampleWeights: AddonSamples[] | null,
    order: Uint32Array,
    seed: number,
    onProgress?: (totals: Totals) => void,
    stopAtNonFinite?: boolean,
    rematerialize?: boolean,
    totals?: Totals,
    shards?: number,
    collective?: object,
  ): AddonJob<Totals>;
  evaluate(
    batchSize: number,
    x: AddonSamples[],
    y: AddonSamples[],
    sampleWeights: AddonSamples[] | null,
    seed?: number,
  ): AddonJob<Totals>;
  /** The values of a sample for each output and gradient, those of each weight, and the optimizer's slots. */
  sizes(): { outputs: number[]; gradients: number[]; parameters: number[]; slots?: string[] };
  /** Writes the values of all samples to `outputs`. */
  predict(batchSize: number, x: AddonSamples[], seed: number, outputs: Float32Array[]): AddonJob<void>;
  gradients(
    batchSize: number,
    x: AddonSamples[],
    y: AddonSamples[],
    sampleWeights: AddonSamples[] | null,
    seed: number,
    gradients: Float32Array[],
  ): AddonJob<Totals>;
  valueGradients(
    batchSize: number,
    x: AddonSamples[],
    y: AddonSamples[],
    sampleWeights: AddonSamples[] | null,
    seed: number,
    outputs: Float32Array[],
    gradients: Float32Array[],
  ): AddonJob<Totals>;
  update(gradients: readonly Float32Array[] | null): AddonJob<void>;
  /** Writes weights and slots to these arrays. The result is the number of steps. */
  snapshot(weights: Float32Array[] | null, slots: Float32Array[][] | null): AddonJob<number>;
  runHere(values: readonly Float32Array[], samples: number, outputs: Float32Array[]): void;
  read(weights: Float32Array[] | null, slots: Float32Array[][] | null): number;
  write(weights: readonly Float32Array[]): void;
  writeStaged(
    weights: AddonSamples[] | null,
    iterations: number | null,
    slots: AddonSamples[][] | null,
  ): AddonJob<void>;
  iterations(): number;
  setLearningRate(rate: number): void;
  explain(mode: RunMode, batchSize: number, rematerialize?: boolean): AddonJob<ProgramExplanation>;
  profile(on: boolean): void;
  release(): void;
  dispose(): void;
}

let addon: Addon | undefined;

/** Loads the addon on first use. Throws ADDON_UNAVAILABLE. */
export function loadedAddon(): Addon {
  if (addon) return addon;
  const loaded = findAddon();
  guard(() => loaded.info());
  loaded.setThreads(threadCount(process.env));
  loaded.setMemoryBudget(memoryBudget(process.env));
  addon = loaded;
  return loaded;
}

/** The bytes that may be taken, as setMemoryBudget or the environment says. Needs no addon. */
export function currentMemoryBudget(): number {
  return addon ? addon.info().memoryBudget : memoryBudget(process.env);
}

/**
 * Loads the addon of this package. Code in a bundle loads that of the installed package. Throws
 * ADDON_UNAVAILABLE.
 */
function findAddon(): Addon {
  // Both in the sources and in the built package, package.json lies two folders up. Tools that trace files
  // (@vercel/nft) find the addon by this call, and by its argument, which must be made of __dirname.
  const load = () => loadAddon(path.join(__dirname, '..', '..'));
  const own = typeof __dirname === 'string' ? path.join(__dirname, '..', '..') : undefined;
  if (own !== undefined && isPackage(own)) return loadFrom(own, load);
  const installed = findPackage();
  if (installed === undefined) throw new ConvforgeError('ADDON_UNAVAILABLE', KEEP_EXTERNAL);
  // Bundlers replace the `require` that node-gyp-build calls.
  const require = createRequire(path.join(installed, 'package.json'));
  return loadFrom(installed, () => require(loadAddon.path(installed)));
}

function loadFrom(folder: string, load: () => unknown): Addon {
  try {
    return load() as Addon;
  } catch (cause) {
    throw addonUnavailable(folder, cause as Error);
  }
}

/** Turns an error of the addon, which carries `code` and `layer`, into a ConvforgeError. */
export function asConvforgeError(error: unknown): unknown {
  const {
    code = codeOf(error),
    layer,
    message,
  } = error as { code?: string; layer?: string; message: string };
  if (error instanceof ConvforgeError || !isError(error) || code === undefined) return error;
  return new ConvforgeError(code as ErrorCode, message, { cause: error, layer });
}

/** Where the addon couldn't even make its error object, C++ says why. */
function codeOf(error: unknown): ErrorCode | undefined {
  return (error as Error)?.message === 'std::bad_alloc' ? 'OUT_OF_MEMORY' : undefined;
}

export function guard<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw asConvforgeError(error);
  }
}
