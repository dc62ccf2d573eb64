import type { Callback, CallbackParams } from '../../lib/callbacks/index.js';
import type { LayersModel, Logs } from '../../lib/index.js';

/** The parts of a model that callbacks use. */
export interface FakeModel {
  stopTraining: boolean;
  optimizer: { learningRate: number };
}

export const fakeModel = (learningRate = 1): FakeModel => ({
  stopTraining: false,
  optimizer: { learningRate },
});

export const params = (metrics: readonly string[], more: Partial<CallbackParams> = {}): CallbackParams => ({
  epochs: 100,
  initialEpoch: 0,
  samples: 10,
  steps: 1,
  batchSize: 10,
  verbose: 0,
  doValidation: metrics.some((key) => key.startsWith('val_')),
  metrics,
  mayHaveOthers: false,
  ...more,
});

/**
 * Runs a callback on epochs with these logs until it stops them. Returns the logs as the callback left them.
 */
export async function simulate(
  callback: Callback,
  epochs: readonly Logs[],
  model: FakeModel = fakeModel(),
): Promise<Logs[]> {
  callback.setModel(model as unknown as LayersModel);
  callback.setParams(params(Object.keys(epochs[0])));
  model.stopTraining = false;
  await callback.onTrainBegin({});
  const seen: Logs[] = [];
  for (const [epoch, given] of epochs.entries()) {
    if (model.stopTraining) break;
    const logs = { ...given };
    await callback.onEpochBegin(epoch, {});
    await callback.onEpochEnd(epoch, logs);
    seen.push(logs);
  }
  await callback.onTrainEnd({});
  return seen;
}
