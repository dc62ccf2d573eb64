import { expect, it } from 'vitest';
import { layers, type LayersModel, ones, sequential, setEngine, zeros } from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';
import { compiledClassifier, tinySet } from '../support/tiny.js';

// Runs that wait behind another model's prediction, which takes far longer than the test may and ends by an abort.

setEngine('native');

/** Its prediction of 2,000 images takes some 10^12 multiplications. */
function slowModel(): LayersModel {
  const conv = { filters: 64, kernelSize: 5, padding: 'same' } as const;
  return sequential({
    layers: [
      layers.conv2d({ ...conv, inputShape: [64, 64, 1] }),
      layers.conv2d(conv),
      layers.globalAveragePooling2d(),
    ],
  });
}

/** Runs `work` while the compute thread is busy with a prediction. */
async function behindPrediction(work: () => Promise<void>): Promise<void> {
  const model = slowModel();
  // Plans for whole batches, so that nothing goes ahead of what follows: jobs pass one that is still being planned.
  await model.predict(zeros([32, 64, 64, 1]));
  const stop = new AbortController();
  let isRunning = true;
  const busy = model.predict(ones([2_000, 64, 64, 1]), {
    signal: stop.signal,
  }) as unknown as Promise<unknown>;
  const ended = expectError(() => busy, 'ABORTED', /prediction was aborted after \d+ batches/).then(() => {
    isRunning = false;
  });
  try {
    await work();
    expect(isRunning).toBe(true);
  } finally {
    stop.abort();
    await ended;
  }
}

const { x, y } = tinySet(30);

it.each(['predict', 'evaluate', 'fit'] as const)('%s that waits its turn rejects at once', async (run) => {
  const model = compiledClassifier();
  await model.predict(x);
  const before = model.getWeights().map((weight) => weight.arraySync());
  await behindPrediction(async () => {
    const stop = new AbortController();
    const { signal } = stop;
    const start = {
      predict: async () => await model.predict(x, { signal }),
      evaluate: async () => await model.evaluate(x, y, { signal }),
      fit: async () => await model.fit(x, y, { signal, verbose: 0 }),
    };
    const waiting = expectError(start[run], 'ABORTED');
    setTimeout(() => stop.abort(), 30);
    await waiting;
  });
  // What was aborted has left nothing behind.
  expect(model.getWeights().map((weight) => weight.arraySync())).toEqual(before);
  const { history } = await model.fit(x, y, { verbose: 0 });
  expect(history.loss).toHaveLength(1);
});
