import { describe, expect, it } from 'vitest';
import {
  input,
  layers,
  loadLayersModel,
  model,
  type models,
  type Sequential,
  sequential,
  setSeed,
  tensor,
} from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { values } from '../support/tiny.js';

const pathOf = temporaryFolder();
const dense = (units: number, name?: string) => layers.dense({ units, ...(name !== undefined && { name }) });
const chain = (name: string): Sequential =>
  sequential({ name, layers: [layers.dense({ units: 2, inputShape: [2] })] });
const X = tensor([1, 2, 3, 4], [2, 2]);
const Y = tensor([1, 0, 0, 1], [2, 2]);
const TRAINED = { optimizer: 'sgd', loss: 'meanSquaredError' } as const;

describe('invalid graphs', () => {
  it("a model can't contain itself, directly or nested", async () => {
    const inner = chain('inner');
    await expectError(() => inner.add(inner), 'INVALID_ARGUMENT', /inner.*itself/);
    const outer = sequential({ name: 'outer', layers: [inner] });
    await expectError(() => inner.add(outer), 'INVALID_ARGUMENT', /inner is a layer of another model/);
    expect(outer.predict(X).dataSync()).toHaveLength(4);
  });

  it("a nested model can't be extended", async () => {
    const inner = chain('inner');
    const outer = sequential({ layers: [inner] });
    await expectError(() => inner.add(dense(7)), 'INVALID_ARGUMENT', /inner is a layer of another model/);
    expect(inner.layers).toHaveLength(1);
    expect(outer.predict(X).shape).toEqual([2, 2]);
  });

  it('values of another graph, missing or unused inputs, and duplicate names', async () => {
    const [a, b] = [input({ shape: [2], name: 'a' }), input({ shape: [2], name: 'b' })];
    const sum = layers.add().apply([a, b]);
    await expectError(() => model({ inputs: a, outputs: sum }), 'INVALID_ARGUMENT', /input 'b'/);
    await expectError(
      () => model({ inputs: [a, b], outputs: dense(1).apply(a) }),
      'INVALID_ARGUMENT',
      /the input 'b'; leave it out/,
    );
    await expectError(
      () => model({ inputs: sum, outputs: sum }),
      'INVALID_ARGUMENT',
      /inputs must be results of/,
    );
    await expectError(() => model({ inputs: [], outputs: sum }), 'INVALID_ARGUMENT', /inputs are none/);
    const twice = [dense(1, 'd').apply(a), dense(1, 'd').apply(a)];
    await expectError(
      () => model({ inputs: a, outputs: twice }),
      'INVALID_ARGUMENT',
      /two layers called 'd'/,
    );
    const c = input({ shape: [2], name: 'a' });
    await expectError(
      () => model({ inputs: [a, c], outputs: layers.add().apply([a, c]) }),
      'INVALID_ARGUMENT',
      /two layers called 'a'/,
    );
  });

  it('names of Object.prototype are names like others', async () => {
    const x = input({ shape: [2], name: 'constructor' });
    const net = model({
      inputs: x,
      outputs: [dense(2, '__proto__').apply(x), dense(2, 'toString').apply(x)],
      name: 'hasOwnProperty',
    });
    net.compile({ optimizer: 'sgd', loss: 'meanSquaredError', metrics: ['mae'] });
    const logs = (await net.fit(X, [Y, Y], { epochs: 1, verbose: 0 })).history;
    expect(Object.keys(logs)).toContain('__proto___loss');
    const { gradients } = await net.gradients(X, [Y, Y]);
    expect(Object.keys(gradients)).toEqual([
      '__proto__/kernel',
      '__proto__/bias',
      'toString/kernel',
      'toString/bias',
    ]);
    await net.save(`file://${pathOf('odd')}`);
    const loaded = await loadLayersModel(pathOf('odd'));
    expect(loaded.getConfig()).toEqual(net.getConfig());
    expect(values(loaded.getWeights())).toEqual(values(net.getWeights()));
    expect(({} as Record<string, unknown>).kernel).toBeUndefined();
  });

  it('a chain of 3000 layers', () => {
    const x = input({ shape: [2] });
    let value = x;
    for (let i = 0; i < 3000; i++) value = layers.rescaling({ scale: 1, offset: 1 }).apply(value);
    const net = model({ inputs: x, outputs: value });
    expect(Array.from(net.predict(X).dataSync())).toEqual([3001, 3002, 3003, 3004]);
  });

  it('nested models as deep as files can hold, and no deeper', async () => {
    let net: models.LayersModel = chain('m0');
    const nest = (i: number) => {
      net = sequential({ name: `m${i}`, layers: [net] });
    };
    for (let i = 1; i <= 32; i++) nest(i);
    await net.save(`file://${pathOf('deep')}`);
    const loaded = await loadLayersModel(pathOf('deep'));
    expect(Array.from(loaded.predict(X).dataSync())).toEqual(Array.from(net.predict(X).dataSync()));
    await expectError(() => nest(33), 'TOO_LARGE', /32/);
  });
});

describe('two models that share a layer', () => {
  /** Both models share the layer 'shared', and have a head each. */
  function pair() {
    setSeed(5);
    const shared = dense(3, 'shared');
    return [1, 2].map((i) => {
      const x = input({ shape: [2] });
      const net = model({
        inputs: x,
        outputs: dense(2, `head_${i}`).apply(shared.apply(x)),
        name: `net_${i}`,
      });
      net.compile(TRAINED);
      return net;
    });
  }

  it('while one trains, the other throws MODEL_BUSY', async () => {
    const [a, b] = pair();
    const before = Array.from(b.predict(X).dataSync());
    const training = a.fit(X, Y, { epochs: 300, verbose: 0 });
    const busy = [
      () => b.fit(X, Y, { verbose: 0 }),
      () => b.trainOnBatch(X, Y),
      () => b.gradients(X, Y),
      () => b.setWeights(b.getWeights()),
      () => b.getLayer('shared').getWeights(),
      () => b.save(`file://${pathOf('busy')}`),
    ];
    for (const use of busy) await expectError(use, 'MODEL_BUSY', /net_1 is training/);
    await training;
    expect(Array.from(b.predict(X).dataSync())).not.toEqual(before);
    await b.fit(X, Y, { epochs: 1, verbose: 0 });
    await b.save(`file://${pathOf('idle')}`);
    expect(values(a.getLayer('shared').getWeights())).toEqual(values(b.getLayer('shared').getWeights()));
  });

  it("a callback of one may train the other on weights that aren't shared", async () => {
    const [a] = pair();
    const other = chain('other');
    other.compile(TRAINED);
    let trained = 0;
    await a.fit(X, Y, {
      epochs: 2,
      verbose: 0,
      callbacks: {
        onEpochEnd: async () => {
          await other.fit(X, Y, { epochs: 1, verbose: 0 });
          trained++;
        },
      },
    });
    expect(trained).toBe(2);
  });

  it('when one is disposed, the other keeps its weights', async () => {
    const [a, b] = pair();
    await a.fit(X, Y, { epochs: 5, verbose: 0 });
    const trained = values(a.getLayer('shared').getWeights());
    a.dispose();
    a.dispose();
    expect(values(b.getLayer('shared').getWeights())).toEqual(trained);
    await expectError(() => a.predict(X), 'DISPOSED', /net_1/);
    await b.fit(X, Y, { epochs: 1, verbose: 0 });
    expect(b.predict(X).dataSync().every(Number.isFinite)).toBe(true);
  });

  it('when one is disposed during its training, the other continues', async () => {
    const [a, b] = pair();
    b.predict(X).dataSync();
    const training = a.fit(X, Y, { epochs: 100_000, verbose: 0 });
    await new Promise((resolve) => setTimeout(resolve, 20));
    a.dispose();
    await expectError(() => training, 'DISPOSED');
    expect(b.predict(X).dataSync().every(Number.isFinite)).toBe(true);
    await b.fit(X, Y, { epochs: 1, verbose: 0 });
  });

  it('saving during training stores the weights between two steps', async () => {
    const [a] = pair();
    const before = values(a.getWeights());
    const training = a.fit(X, Y, { epochs: 500, verbose: 0 });
    await a.save(`file://${pathOf('snapshot')}`);
    await training;
    const loaded = await loadLayersModel(pathOf('snapshot'));
    const saved = values(loaded.getWeights());
    expect(saved.flat().every(Number.isFinite)).toBe(true);
    expect(saved.map(({ length }) => length)).toEqual(before.map(({ length }) => length));
  });
});
