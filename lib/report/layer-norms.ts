import { trainedWeights } from '../network/file-names.js';
import type { Model } from '../network/model.js';
import { SlicedWork } from '../program/sliced-work.js';
import { sampleShapes } from '../program/samples.js';
import { type LabelledSource, rangeOf, withLabelledSamples } from '../training/labelled-data.js';

/** L2 norms of a layer's trainable weights, and of the gradients of the loss by them. */
export interface LayerNorm {
  layer: string;
  weights: number;
  /** Null without samples. */
  gradients: number | null;
}

/** Number of samples whose mean loss is differentiated. */
const SAMPLES = 64;

/** Number of values between two turns of the event loop: about a millisecond of work. */
const SLICE = 2 ** 20;

/**
 * The norms of each layer with trainable weights, of the mean loss over the first samples of `source`.
 * Changes nothing, moving statistics included. No step may run meanwhile.
 */
export async function layerNorms(model: Model, source?: LabelledSource): Promise<LayerNorm[]> {
  const { state } = model;
  const trained = trainedWeights(model);
  const { weights } = await state.snapshot();
  const gradients = source && (await gradientsOf(model, source));
  // The program computed as in training, and so moved the statistics.
  if (gradients && weights.length > trained.length) await state.writeTrained(weights);
  const layers = new Map<string, number[]>();
  for (const { name, programIndex } of trained) {
    const layer = name.slice(0, name.lastIndexOf('/'));
    layers.set(layer, [...(layers.get(layer) ?? []), programIndex]);
  }
  const norms: LayerNorm[] = [];
  for (const [layer, indexes] of layers) {
    const ofLayer = (arrays: readonly Float32Array[]) =>
      new SlicedWork(l2Norm(indexes.map((index) => arrays[index]))).promise;
    norms.push({
      layer,
      weights: await ofLayer(weights),
      gradients: gradients ? await ofLayer(gradients) : null,
    });
  }
  return norms;
}

async function gradientsOf(model: Model, source: LabelledSource): Promise<readonly Float32Array[]> {
  const { state } = model;
  const part = rangeOf(source, 0, Math.min(SAMPLES, source.count));
  // The seed is constant, so that dropout keeps the same units in all epochs.
  const { gradients } = await withLabelledSamples(state.engine, part, (sets) =>
    state.programToTrain(sampleShapes(part.x)).gradients({ ...sets, seed: 0 }),
  );
  return gradients;
}

function* l2Norm(arrays: readonly Float32Array[]): Generator<void, number> {
  let sum = 0;
  for (const values of arrays) {
    for (let first = 0; first < values.length; first += SLICE) {
      const end = Math.min(first + SLICE, values.length);
      // An iterator takes ten times as long.
      for (let i = first; i < end; i++) sum += values[i] * values[i];
      yield;
    }
  }
  return Math.sqrt(sum);
}
