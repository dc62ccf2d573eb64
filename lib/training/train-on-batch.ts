import type { LayersModel } from '../models/layers-model.js';
import { withSamples } from '../program/samples.js';
import { nextSeed } from '../random/index.js';
import type { TensorLike } from '../tensor/index.js';
import { labelledSource } from './fit-data.js';
import { toScores } from './logs.js';
import { epochOrder } from './shuffle.js';

/** One training step on all samples given: see LayersModel.trainOnBatch. */
export async function trainOnBatch(model: LayersModel, x: TensorLike, y: TensorLike): Promise<number[]> {
  const { state } = model;
  const claim = state.beginTraining();
  try {
    const source = labelledSource(model, x, y);
    const batchSize = source.x.count;
    const seed = nextSeed();
    const order = epochOrder(batchSize, seed, 0, false);
    const totals = await withSamples(state.engine, [source.x, source.y], (samples, targets) =>
      state.program.train({ x: samples, y: targets, batchSize, order, seed }),
    );
    return toScores(totals);
  } finally {
    claim.end();
  }
}
