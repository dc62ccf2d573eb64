import type { Model } from '../network/model.js';
import type { DataLike } from '../network/ports.js';
import { sampleShapes } from '../program/samples.js';
import { elementCount } from '../layers/shapes.js';
import {
  type LabelledSource,
  labelledSource,
  loadLabelledSamples,
  rangeOf,
} from '../training/labelled-data.js';
import { predictSamples } from '../training/predict.js';
import type { ValidationSet } from '../training/validation-set.js';

/** Values of outputs to predict at once, which are looked at in milliseconds; and in all. */
const PART_VALUES = 2 ** 18;
const MOST_VALUES = 2 ** 27;

/** Samples with what the model says of them. */
export interface PredictedPart {
  /** Index of the first sample. */
  first: number;
  source: LabelledSource;
  /** For each output of the model, row-major. */
  outputs: readonly Float32Array[];
}

/** Predicts the validation samples part by part, until the outputs have 2^27 values. */
export async function* predictions(model: Model, set: ValidationSet): AsyncGenerator<PredictedPart, void> {
  const reader = set.open();
  let first = 0;
  let values = 0;
  try {
    for (let sets = 0; sets < set.maxSets && values < MOST_VALUES; sets++) {
      const samples = await reader.next();
      if (!samples) return;
      samples.dispose();
      const { source } = samples;
      const perSample = valuesPerSample(model, source);
      const length = Math.max(1, Math.floor(PART_VALUES / perSample));
      for (let start = 0; start < source.count && values < MOST_VALUES; start += length) {
        const part = rangeOf(source, start, Math.min(start + length, source.count));
        yield { first, source: part, outputs: await predict(model, part) };
        first += part.count;
        values += perSample * part.count;
      }
    }
  } finally {
    reader.close();
  }
}

/** The samples x and targets y as one set, which is not in the engine's memory. Throws as labelledSource does. */
export function wholeSet(model: Model, [x, y]: readonly [DataLike, DataLike]): ValidationSet {
  const source = labelledSource(model, { x, y }, ['data[0]', 'data[1]']);
  const samples = { x: [], y: [], count: source.count, batchSize: source.count, source, dispose: () => {} };
  return {
    maxSets: 1,
    steps: 1,
    open: () => ({ next: async () => samples, readAhead: () => {}, close: () => {} }),
    seedOf: (seed) => seed,
  };
}

function valuesPerSample(model: Model, { x }: LabelledSource): number {
  const ports = model.outputsFor(sampleShapes(x));
  return ports.reduce((sum, { shape }) => sum + elementCount(shape), 0);
}

async function predict(model: Model, part: LabelledSource): Promise<Float32Array[]> {
  const samples = await loadLabelledSamples(model.state.engine, part, {
    batchSize: Math.min(part.count, 64),
  });
  try {
    const tensors = await predictSamples(model, samples, { seed: 0 });
    return tensors.map((tensor) => tensor.dataSync() as Float32Array);
  } finally {
    samples.dispose();
  }
}
