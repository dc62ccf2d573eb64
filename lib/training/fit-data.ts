import { ConvforgeError } from '../errors.js';
import type { LayersModel } from '../models/layers-model.js';
import type { Samples } from '../program/engine.js';
import { copySamplesInSlices, type SampleSource } from '../program/samples.js';
import type { TensorLike } from '../tensor/index.js';
import type { FitSettings } from './fit-options.js';
import { inputSource } from './inputs.js';
import { targetSource } from './targets.js';

/** Samples with their targets, in the engine's memory. */
export interface LabelledSamples {
  x: Samples;
  y: Samples;
  count: number;
}

export interface FitData {
  training: LabelledSamples;
  validation?: LabelledSamples;
  dispose(): void;
}

interface LabelledSource {
  x: SampleSource;
  y: SampleSource;
}

/** Checks samples and targets against model and loss, without reading them yet. */
export function labelledSource(
  model: LayersModel,
  x: TensorLike,
  y: TensorLike,
  names: readonly [string, string] = ['x', 'y'],
): LabelledSource {
  const { loss } = model.compiled;
  const inputs = inputSource(x, model.signature.input, names[0]);
  const form = { loss, outputShape: model.signature.output, count: inputs.count, names };
  return { x: inputs, y: targetSource(y, form) };
}

/** Copies training and validation data into the engine's memory, in slices. */
export async function loadFitData(
  model: LayersModel,
  x: TensorLike,
  y: TensorLike,
  settings: FitSettings,
): Promise<FitData> {
  const { training, validation } = splitSources(model, x, y, settings);
  const sources = [training.x, training.y, ...(validation ? [validation.x, validation.y] : [])];
  const samples: Samples[] = [];
  const dispose = () => {
    for (const set of samples) set.dispose();
  };
  try {
    for (const source of sources) {
      samples.push(await copySamplesInSlices(model.state.engine, source, settings.signal));
    }
  } catch (error) {
    dispose();
    throw error;
  }
  const data: FitData = { training: { x: samples[0], y: samples[1], count: training.x.count }, dispose };
  if (validation) data.validation = { x: samples[2], y: samples[3], count: validation.x.count };
  return data;
}

function splitSources(
  model: LayersModel,
  x: TensorLike,
  y: TensorLike,
  settings: FitSettings,
): { training: LabelledSource; validation?: LabelledSource } {
  const all = labelledSource(model, x, y);
  if (settings.validationData) {
    const [validationX, validationY] = settings.validationData;
    const names = ['validationData[0]', 'validationData[1]'] as const;
    return { training: all, validation: labelledSource(model, validationX, validationY, names) };
  }
  if (settings.validationSplit === 0) return { training: all };
  const { count } = all.x;
  const first = Math.floor(count * (1 - settings.validationSplit));
  if (first === 0 || first === count) {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `fit: validationSplit ${settings.validationSplit} of ${count} samples leaves ${first} for training and ${count - first} for validation; each needs one or more.`,
    );
  }
  const part = (from: number, to: number) => ({ x: all.x.range(from, to), y: all.y.range(from, to) });
  return { training: part(0, first), validation: part(first, count) };
}
