import type { LayersModel } from '../models/layers-model.js';
import { nextSeed } from '../random/index.js';
import { type LabelledData, labelledSource, withLabelledSamples } from './labelled-data.js';
import { toScores } from './logs.js';
import { epochOrder } from './shuffle.js';

/** One training step on all samples given: see LayersModel.trainOnBatch. */
export async function trainOnBatch(model: LayersModel, data: LabelledData): Promise<number[]> {
  const { state } = model;
  const claim = state.beginTraining();
  try {
    const source = labelledSource(model, data);
    const batchSize = source.count;
    const seed = nextSeed();
    const order = epochOrder(batchSize, seed, 0, false);
    const totals = await withLabelledSamples(state.engine, source, (sets) =>
      state.programToTrain.train({ ...sets, batchSize, order, seed }),
    );
    return toScores(totals, model.compiled);
  } finally {
    await claim.end();
  }
}
