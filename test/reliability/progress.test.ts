import { afterEach, expect, it } from 'vitest';
import { layers, type Sequential, sequential, setEngine, tensor } from '../../lib/index.js';
import { fitModel } from '../../lib/training/fit.js';
import { readFitOptions } from '../../lib/training/read-fit-options.js';

// What listens to the progress inside of an epoch may throw. It is called while a native job runs.

const X = tensor(new Float32Array(3000 * 200).fill(0.5), [3000, 200]);
const Y = tensor(new Float32Array(3000 * 200), [3000, 200]);

function network(): Sequential {
  const model = sequential({ layers: [layers.dense({ units: 200, inputShape: [200] })] });
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  return model;
}

afterEach(() => setEngine('native'));

it.each(['native', 'reference'] as const)(
  'a listener of progress that throws rejects its fit, with the %s engine',
  async (engine) => {
    await setEngine(engine);
    const samples = engine === 'native' ? 3000 : 40;
    const [x, y] = [X.slice(0, samples), Y.slice(0, samples)];
    const model = network();
    const thrown = new RangeError('of the caller');
    let calls = 0;
    const listener = () => {
      calls++;
      throw thrown;
    };
    const settings = readFitOptions({ batchSize: 1, epochs: 3, verbose: 0 });
    const fit = fitModel(model, x, y, settings, listener);
    await expect(fit).rejects.toBe(thrown);
    // It isn't called again, and the model goes on from where it was.
    expect(calls).toBe(1);
    for (const weight of model.getWeights()) expect(weight.dataSync().every(Number.isFinite)).toBe(true);
    const { history } = await model.fit(x, y, { epochs: 1, verbose: 0 });
    expect(history.loss).toHaveLength(1);
  },
);
