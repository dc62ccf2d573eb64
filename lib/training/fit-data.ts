import { ConvforgeError } from '../errors.js';
import { OptionChecks } from '../options.js';
import type { Model } from '../network/model.js';
import type { Tensor } from '../tensor/index.js';
import { CustomScores, targetTensors } from './custom-metrics.js';
import type { FitSettings } from './fit-options.js';
import { weighClasses } from './class-weights.js';
import {
  type LabelledData,
  type LabelledSamples,
  type LoadedSamples,
  loadLabelledSamples,
  type LabelledSource,
  labelledSource,
  rangeOf,
  trainedOutputs,
} from './labelled-data.js';
import type { DataLike } from '../network/ports.js';

export interface FitData {
  training: LabelledSamples;
  validation?: LabelledSamples;
  custom?: CustomScores;
  /** Copies of the validation targets, for `custom`. */
  targets?: readonly Tensor[];
  dispose(): void;
}

/** Copies training and validation data into the engine's memory, in slices. */
export async function loadFitData(
  model: Model,
  x: DataLike,
  y: DataLike,
  settings: FitSettings,
): Promise<FitData> {
  const sources = splitSources(model, x, y, settings);
  const { engine } = model.state;
  const custom = customScores(model, settings, sources.validation);
  const loaded: LoadedSamples[] = [];
  const dispose = () => {
    for (const samples of loaded) samples.dispose();
  };
  const load = async (source: LabelledSource) => {
    const samples = await loadLabelledSamples(engine, source, settings.signal);
    loaded.push(samples);
    return samples;
  };
  try {
    const data: FitData = { training: await load(sources.training), dispose };
    if (sources.validation) data.validation = await load(sources.validation);
    if (custom && sources.validation) {
      data.custom = custom;
      data.targets = targetTensors(sources.validation);
    }
    return data;
  } catch (error) {
    dispose();
    throw error;
  }
}

function customScores(
  model: Model,
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
  return new CustomScores(checks, customMetrics, model);
}

function splitSources(
  model: Model,
  x: DataLike,
  y: DataLike,
  settings: FitSettings,
): { training: LabelledSource; validation?: LabelledSource } {
  const { sampleWeight, classWeight } = settings;
  const all = labelledSource(model, { x, y, sampleWeight });
  const weighed = (source: LabelledSource) =>
    classWeight === undefined ? source : weighClasses(source, classWeight, trainedOutputs(model, source.x));
  if (settings.validationData) {
    const [validationX, validationY, validationWeight] = settings.validationData;
    const data: LabelledData = { x: validationX, y: validationY, sampleWeight: validationWeight };
    const names = ['validationData[0]', 'validationData[1]'] as const;
    return { training: weighed(all), validation: labelledSource(model, data, names) };
  }
  if (settings.validationSplit === 0) return { training: weighed(all) };
  const { count } = all;
  const first = Math.floor(count * (1 - settings.validationSplit));
  if (first === 0 || first === count) {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `fit: validationSplit ${settings.validationSplit} of ${count} samples leaves ${first} for training and ${count - first} for validation; each needs one or more.`,
    );
  }
  return { training: weighed(rangeOf(all, 0, first)), validation: rangeOf(all, first, count) };
}
