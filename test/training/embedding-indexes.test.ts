import { beforeAll, describe, expect, it } from 'vitest';
import {
  data,
  input,
  layers,
  model,
  type PendingTensor,
  sequential,
  setEngine,
  tensor,
} from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';
import { ENGINES } from '../support/engines.js';

const embed = (inputDim: number, name: string) => layers.embedding({ inputDim, outputDim: 2, name });

/** Three numbers below 5, passed through a reshape and a nested model with a smaller embedding. */
function embedder() {
  const inner = sequential({
    layers: [
      layers.inputLayer({ inputShape: [3] }),
      embed(4, 'small'),
      layers.flatten(),
      layers.dense({ units: 1 }),
    ],
  });
  const x = input({ shape: [3], name: 'x' });
  const other = input({ shape: [2], name: 'other' });
  const far = layers.flatten().apply(embed(9, 'far').apply(layers.reshape({ targetShape: [3, 1] }).apply(x)));
  const joined = layers.concatenate().apply([inner.apply(x), layers.dense({ units: 1 }).apply(far), other]);
  const net = model({ inputs: [x, other], outputs: layers.dense({ units: 1 }).apply(joined) });
  net.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  return net;
}

const OTHER = tensor([0.5, -1, 7.25, 8], [2, 2]);
const Y = tensor([1, 0], [2, 1]);

describe.each(ENGINES)('embedding indices on the %s engine', (engine) => {
  beforeAll(() => setEngine(engine));

  it.each([
    ['too large', [0, 1, 2, 3, 4, 0], 'element 4 of x\\[0\\] is 4'],
    ['negative', [0, -1, 2, 3, 3, 0], 'element 1 of x\\[0\\] is -1'],
    ['not whole', [0, 1, 2, 0.5, 3, 0], 'element 3 of x\\[0\\] is 0.5'],
    ['no number', [0, 1, 2, 3, 3, Number.NaN], 'element 5 of x\\[0\\] is NaN'],
  ])('%s: refused by all methods', async (_, values, message) => {
    const net = embedder();
    const x = tensor(values, [2, 3]);
    const wanted = new RegExp(`small: ${message}.*4 vectors.*\\[0, 4\\)`);
    const ways = {
      fit: () => net.fit([x, OTHER], Y, { verbose: 0 }),
      evaluate: () => net.evaluate<PendingTensor>([x, OTHER], Y).dataSync(),
      predict: () => net.predict([x, OTHER]).dataSync(),
      predictOnBatch: () => net.predictOnBatch([x, OTHER]).dataSync(),
      trainOnBatch: () => net.trainOnBatch([x, OTHER], Y),
      gradients: () => net.gradients([x, OTHER], Y),
    };
    for (const [name, way] of Object.entries(ways)) {
      const error = await expectError(way, 'INVALID_INDEX', wanted).catch((cause) => {
        throw new Error(name, { cause });
      });
      expect(error.layer).toBe('small');
    }
    const batches = data.array([{ xs: { x, other: OTHER }, ys: Y }]);
    await expectError(
      () => net.fitDataset(batches, { epochs: 1, verbose: 0 }),
      'INVALID_INDEX',
      new RegExp(message.replace('x\\[0\\]', '.*batch 0 of the dataset.*')),
    );
    // The model is still usable.
    const good = tensor([0, 1, 2, 3, 3, 0], [2, 3]);
    expect(await net.trainOnBatch([good, OTHER], Y)).toBeGreaterThan(0);
  });

  it('accepts bytes and integers, and checks them, too', async () => {
    const net = sequential({ layers: [layers.inputLayer({ inputShape: [2] }), embed(200, 'rows')] });
    expect(net.predict(tensor(Uint8Array.of(199, 0), [1, 2])).dataSync()).toHaveLength(4);
    expect(net.predict(tensor(Int32Array.of(199, 0), [1, 2], 'int32')).dataSync()).toHaveLength(4);
    await expectError(
      () => net.predict(tensor(Uint8Array.of(7, 200), [1, 2])),
      'INVALID_INDEX',
      /rows: element 1 of x is 200/,
    );
  });

  it('takes integers of an int32 input up to 2^24, and refuses larger ones', async () => {
    const ids = input({ shape: [2], dtype: 'int32', name: 'ids' });
    const net = model({ inputs: ids, outputs: layers.rescaling({ scale: 1 }).apply(ids) });
    net.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const whole = (...values: number[]) => tensor(Int32Array.from(values), [1, 2], 'int32');
    expect([...net.predict(whole(2 ** 24, -(2 ** 24))).dataSync()]).toEqual([2 ** 24, -(2 ** 24)]);
    for (const way of [
      () => net.predict(whole(0, 2 ** 24 + 1)).dataSync(),
      () => net.fit(whole(0, 2 ** 24 + 1), tensor([1, 2], [1, 2]), { verbose: 0 }),
    ]) {
      const error = await expectError(way, 'INVALID_ARGUMENT', /ids: element 1 of x is 16777217.*2\^24/);
      expect(error.layer).toBe('ids');
    }
    // A float32 tensor holds what it holds.
    expect([...net.predict(tensor([0.5, 2 ** 25], [1, 2])).dataSync()]).toEqual([0.5, 2 ** 25]);
  });

  it('gives NaN for invalid indices that the model computes', () => {
    const net = sequential({
      layers: [layers.rescaling({ scale: 2, offset: 0, inputShape: [2] }), embed(4, 'rows')],
    });
    const y = net.predict(tensor([2, 1], [1, 2])).dataSync();
    expect(Array.from(y, Number.isNaN)).toEqual([true, true, false, false]);
  });
});

it('an embedding of more rows than float32 can index is refused', () =>
  expectError(() => layers.embedding({ inputDim: 2 ** 24 + 1, outputDim: 1 }), 'TOO_LARGE', /2\^24/));
