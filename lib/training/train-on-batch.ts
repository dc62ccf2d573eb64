import type { Model } from '../network/model.js';
import { sampleShapes } from '../program/samples.js';
import { nextSeed } from '../random/index.js';
import { warn } from '../warnings.js';
import type { Compiled } from '../network/compile.js';
import { type LabelledData, labelledSource, withLabelledSamples } from './labelled-data.js';
import { adviseOnLosses } from './loss-advice.js';
import { toScores } from './logs.js';
import { findNonFinite } from './non-finite.js';
import { epochOrder } from './shuffle.js';

/** Of models whose last batch had a loss that is no finite number: they have told of it. */
const toldOf = new WeakSet<Compiled>();

/** One training step on all samples given: see LayersModel.trainOnBatch. */
export async function trainOnBatch(model: Model, data: LabelledData): Promise<number[]> {
  const { state, compiled } = model;
  const claim = state.beginTraining();
  try {
    const source = labelledSource(model, data);
    adviseOnLosses(model);
    const batchSize = source.count;
    const seed = nextSeed();
    const order = epochOrder(batchSize, seed, 0, false);
    const stopAtNonFinite = !toldOf.has(compiled);
    const totals = await withLabelledSamples(state.engine, source, (sets) =>
      state
        .programToTrain(sampleShapes(source.x))
        .train({ ...sets, batchSize, order, seed, stopAtNonFinite }),
    );
    if (totals.firstNonFinite === undefined) toldOf.delete(compiled);
    else if (stopAtNonFinite) {
      toldOf.add(compiled);
      const { description } = await findNonFinite(model, source.x, order);
      warn(`${model.name}: the loss of trainOnBatch is no finite number: ${description}.`);
      await state.programToTrain(sampleShapes(source.x)).makeStep();
    }
    return toScores(totals, compiled);
  } finally {
    await claim.end();
  }
}
