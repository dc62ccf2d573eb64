import { expect, test } from 'vitest';
import { runChild } from '../native/child.js';

// A process ends, or is asked to end, while a training step runs that takes a good part of a second.

/** Trains on one batch. Prints 'begun' before the step and 'ended' after it. END says how the process ends in between. */
const trainOneBatch = async (tf: typeof import('../../lib/index.js')) => {
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ filters: 64, kernelSize: 5, padding: 'same', inputShape: [48, 48, 16] }),
      tf.layers.globalAveragePooling2d(),
    ],
  });
  model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
  const [x, y] = [tf.ones([256, 48, 48, 16]), tf.ones([256, 64])];
  // Plans, so that what follows is a step.
  await model.trainOnBatch(x.slice(0, 1), y.slice(0, 1));
  const stop = new AbortController();
  process.on('SIGUSR2', () => stop.abort());
  const end = () => {
    if (process.env.END === 'exit') process.exit(7);
    if (process.env.END === 'error') throw new Error('of the caller');
    process.kill(process.pid, process.env.END);
  };
  const callbacks = {
    onBatchBegin: () => {
      console.log('begun');
      setTimeout(end, 60);
    },
    onBatchEnd: () => console.log('ended'),
  };
  const options = { batchSize: 256, epochs: 2, verbose: 0, callbacks, signal: stop.signal } as const;
  await model.fit(x, y, options).catch(({ code }) => console.log(code));
  const weights = model.getWeights().map((weight) => weight.dataSync());
  console.log(weights.every((values) => values.every(Number.isFinite)));
};

test('process.exit in the middle of a step ends the process', async () => {
  const { code, signal, out, err } = await runChild(trainOneBatch, { env: { END: 'exit' } });
  expect({ code, signal, out, err }).toEqual({ code: 7, signal: null, out: 'begun\n', err: '' });
});

test('an uncaught error in the middle of a step ends the process', async () => {
  const { code, signal, out, err } = await runChild(trainOneBatch, { env: { END: 'error' } });
  expect({ code, signal, out }).toEqual({ code: 1, signal: null, out: 'begun\n' });
  expect(err).toContain('of the caller');
});

test.each(['SIGTERM', 'SIGINT', 'SIGKILL'])('%s in the middle of a step ends the process', async (end) => {
  const { code, signal, out } = await runChild(trainOneBatch, { env: { END: end } });
  expect({ code, signal, out }).toEqual({ code: null, signal: end, out: 'begun\n' });
});

test('a handler of a signal aborts the fit, and the model stays usable', async () => {
  const { code, signal, out, err } = await runChild(trainOneBatch, { env: { END: 'SIGUSR2' } });
  expect({ code, signal, err }).toEqual({ code: 0, signal: null, err: '' });
  // The step that has begun may go on to its end.
  expect(out).toMatch(/^begun\n(ended\nbegun\n)?ABORTED\ntrue\n$/);
});
