import { ConvforgeError } from '../errors.js';
import { OptionChecks } from '../options.js';
import type { LayersModel } from '../models/layers-model.js';
import type { Samples } from '../program/engine.js';
import { copySamplesInSlices, type SampleSource } from '../program/samples.js';
import { CustomScores } from './custom-metrics.js';
import type { FitSettings } from './fit-options.js';
import { type LabelledData, type LabelledSource, labelledSource, rangeOf } from './labelled-data.js';
import type { DataLike } from './ports.js';

/** Samples with their targets and weights, in the engine's memory, as a run takes them. */
export interface LabelledSamples {
  x: readonly Samples[];
  y: readonly Samples[];
  sampleWeights?: readonly Samples[];
  count: number;
  /** In the caller's memory. */
  source: LabelledSource;
}

export interface FitData {
  training: LabelledSamples;
  validation?: LabelledSamples;
  custom?: CustomScores;
  dispose(): void;
}

/** Copies training and validation data into the engine's memory, in slices. */
export async function loadFitData(
  model: LayersModel,
  x: DataLike,
  y: DataLike,
  settings: FitSettings,
): Promise<FitData> {
  const { training, validation } = splitSources(model, x, y, settings);
  const all: Samples[] = [];
  const dispose = () => {
    for (const set of all) set.dispose();
  };
  const copy = async (sources: readonly SampleSource[]) => {
    const copies: Samples[] = [];
    for (const source of sources) {
      const samples = await copySamplesInSlices(model.state.engine, source, settings.signal);
      all.push(samples);
      copies.push(samples);
    }
    return copies;
  };
  const load = async (source: LabelledSource): Promise<LabelledSamples> => {
    const { x, y, weights, count } = source;
    const samples: LabelledSamples = { x: await copy(x), y: await copy(y), count, source };
    if (weights.length > 0) samples.sampleWeights = await copy(weights);
    return samples;
  };
  const custom = customScores(model, settings, validation);
  try {
    const data: FitData = { training: await load(training), dispose };
    if (validation) data.validation = await load(validation);
    if (custom) data.custom = custom;
    return data;
  } catch (error) {
    dispose();
    throw error;
  }
}

function customScores(
  model: LayersModel,
  { customMetrics }: FitSettings,
  validation: LabelledSource | undefined,
): CustomScores | undefined {
  if (!customMetrics) return undefined;
  const checks = new OptionChecks('fit');
  if (!validation)
    return checks.fail(
      'INVALID_ARGUMENT',
      'customMetrics are evaluated on validation data; give validationData or validationSplit.',
    );
  return new CustomScores(checks, customMetrics, model, validation);
}

function splitSources(
  model: LayersModel,
  x: DataLike,
  y: DataLike,
  settings: FitSettings,
): { training: LabelledSource; validation?: LabelledSource } {
  const { sampleWeight, classWeight } = settings;
  const all = labelledSource(model, { x, y, sampleWeight, classWeight });
  if (settings.validationData) {
    const [validationX, validationY, validationWeight] = settings.validationData;
    const data: LabelledData = { x: validationX, y: validationY, sampleWeight: validationWeight };
    const names = ['validationData[0]', 'validationData[1]'] as const;
    return { training: all, validation: labelledSource(model, data, names) };
  }
  if (settings.validationSplit === 0) return { training: all };
  const { count } = all;
  const first = Math.floor(count * (1 - settings.validationSplit));
  if (first === 0 || first === count) {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `fit: validationSplit ${settings.validationSplit} of ${count} samples leaves ${first} for training and ${count - first} for validation; each needs one or more.`,
    );
  }
  return { training: rangeOf(all, 0, first), validation: rangeOf(all, first, count) };
}
