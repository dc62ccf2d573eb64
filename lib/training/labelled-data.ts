import { ConvforgeError } from '../errors.js';
import type { Model } from '../network/model.js';
import { type DataLike, valuesByPort } from '../network/ports.js';
import type { Engine, Samples } from '../program/engine.js';
import { copySamplesInSlices, type SampleSource, sampleShapes, withSamples } from '../program/samples.js';
import { type ClassWeight, type TrainedOutput, applyClassWeights } from './class-weights.js';
import { inputRules, inputSource } from './inputs.js';
import { type SampleWeight, weightSources } from './sample-weights.js';
import { rowShape, targetSource } from './targets.js';

/** Samples with their targets and weights, in the caller's memory. */
export interface LabelledSource {
  /** One for each input of the model. */
  x: readonly SampleSource[];
  /** One for each output that has a loss. */
  y: readonly SampleSource[];
  /** One for each output that has a loss; empty without weights. */
  weights: readonly SampleSource[];
  count: number;
}

/** Samples with their targets and weights, copied into the engine's memory. */
export interface LabelledSamples {
  x: readonly Samples[];
  y: readonly Samples[];
  sampleWeights?: readonly Samples[];
  count: number;
  /** Number of samples in a batch. */
  batchSize: number;
  /** The originals, in the caller's memory. */
  source: LabelledSource;
}

/** Labelled samples that their loader must dispose. */
export interface LoadedSamples extends LabelledSamples {
  dispose(): void;
}

export interface LabelledData {
  x: DataLike;
  y: DataLike;
  sampleWeight?: SampleWeight;
  classWeight?: ClassWeight;
}

/**
 * Checks samples against a model's inputs without reading their values. Throws SHAPE_MISMATCH,
 * INVALID_ARGUMENT.
 */
export function inputSources(model: Model, x: DataLike, what: string): SampleSource[] {
  const { inputs } = model.signature;
  const rules = inputRules(model);
  const sources = valuesByPort(x, inputs, what).map(({ value, what }, i) =>
    inputSource(value, inputs[i].shape, what, rules[i]),
  );
  const mismatched = sources.find(({ count }) => count !== sources[0].count);
  if (mismatched) {
    throw new ConvforgeError(
      'SHAPE_MISMATCH',
      `${mismatched.what} has ${mismatched.count} samples, but ${sources[0].what} has ${sources[0].count}; all inputs need the same number.`,
    );
  }
  return sources;
}

/**
 * Checks samples, targets and weights against model and losses without reading their values (classWeight
 * reads the targets).
 */
export function labelledSource(
  model: Model,
  { x, y, sampleWeight, classWeight }: LabelledData,
  names: readonly [string, string] = ['x', 'y'],
): LabelledSource {
  const inputs = inputSources(model, x, names[0]);
  const outputs = trainedOutputs(model, inputs);
  const { count } = inputs[0];
  const ports = outputs.map(({ port }) => port);
  const losses = outputs.map(({ compiled }) => compiled.loss);
  const targets = valuesByPort(y, ports, names[1]).map(({ value, what }, i) => {
    const form = { loss: losses[i], outputShape: ports[i].shape, count, model };
    return targetSource(value, { ...form, names: [names[0], what] });
  });
  const rows = targets.map((target, i) => rowShape(target, losses[i]));
  const weights = sampleWeight === undefined ? [] : weightSources(sampleWeight, ports, rows, count);
  const source = { x: inputs, y: targets, weights, count };
  return classWeight === undefined ? source : applyClassWeights(source, classWeight, outputs);
}

/** The outputs that have a loss, with their shapes for these inputs. */
export function trainedOutputs(model: Model, inputs: readonly SampleSource[]): TrainedOutput[] {
  const ports = model.outputsFor(sampleShapes(inputs));
  return model.compiled.outputs.flatMap((output, i) =>
    output ? [{ port: ports[i], compiled: output }] : [],
  );
}

/**
 * Copies samples, targets and weights into the engine's memory and calls `use` with them. The copies live
 * until the jobs that `use` starts have ended.
 */
export function withLabelledSamples<T>(
  engine: Engine,
  source: LabelledSource,
  use: (sets: LabelledSets) => T,
): T {
  return withSamples(engine, sourcesOf(source), (samples) => use(asLabelled(source, samples)));
}

/** What a run takes of samples in the engine's memory. */
type LabelledSets = Pick<LoadedSamples, 'x' | 'y' | 'sampleWeights'>;

/** All sources in one list. */
export function sourcesOf({ x, y, weights }: LabelledSource): SampleSource[] {
  return [...x, ...y, ...weights];
}

/** The samples copied from `sourcesOf(source)`. */
export function asLabelled({ x, y, weights }: LabelledSource, samples: readonly Samples[]): LabelledSets {
  const targets = x.length + y.length;
  const sets = { x: samples.slice(0, x.length), y: samples.slice(x.length, targets) };
  return weights.length > 0 ? { ...sets, sampleWeights: samples.slice(targets) } : sets;
}

/** The samples in [first, end). */
export function rangeOf({ x, y, weights }: LabelledSource, first: number, end: number): LabelledSource {
  const part = (sources: readonly SampleSource[]) => sources.map((source) => source.range(first, end));
  return { x: part(x), y: part(y), weights: part(weights), count: end - first };
}

/**
 * Copies samples, targets and weights into the engine's memory, slice by slice. batchSize defaults to all
 * samples. Rejects with ABORTED if the signal fires.
 */
export async function loadLabelledSamples(
  engine: Engine,
  source: LabelledSource,
  { batchSize = source.count, signal }: { batchSize?: number; signal?: AbortSignal },
): Promise<LoadedSamples> {
  const all: Samples[] = [];
  const dispose = () => {
    for (const set of all) set.dispose();
  };
  const copy = async (sources: readonly SampleSource[]) => {
    const first = all.length;
    for (const each of sources) all.push(await copySamplesInSlices(engine, each, signal));
    return all.slice(first);
  };
  try {
    const { x, y, weights, count } = source;
    const samples: LoadedSamples = { x: await copy(x), y: await copy(y), count, batchSize, source, dispose };
    if (weights.length > 0) samples.sampleWeights = await copy(weights);
    return samples;
  } catch (error) {
    dispose();
    throw error;
  }
}
