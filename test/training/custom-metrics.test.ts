import { beforeEach, describe, expect, it } from 'vitest';
import {
  callbacks,
  type CustomMetric,
  input,
  layers,
  model,
  setEngine,
  type Tensor,
} from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';
import { ENGINES } from '../support/engines.js';
import { compiledClassifier, tinySet } from '../support/tiny.js';

/** The share of samples whose class has the highest probability. */
const hits: CustomMetric = (yTrue, yPred) => {
  const [n, classes] = yPred.shape;
  const p = yPred.dataSync();
  const isHit = (label: number, i: number) =>
    [...p.subarray(i * classes, (i + 1) * classes)].every((each) => each <= p[i * classes + label]);
  return [...yTrue.dataSync()].filter(isHit).length / n;
};

describe.each(ENGINES)('customMetrics on %s', (engine) => {
  beforeEach(() => setEngine(engine));

  const { x, y } = tinySet(30);
  const options = { epochs: 3, verbose: 0, validationSplit: 0.4 } as const;

  it('are evaluated on the validation data after each epoch', async () => {
    const seen: Tensor[][] = [];
    const spy: CustomMetric = async (...tensors) => seen.push(tensors);
    const { history } = await compiledClassifier().fit(x, y, { ...options, customMetrics: { hits, spy } });
    expect(Object.keys(history)).toEqual(['loss', 'acc', 'val_loss', 'val_acc', 'val_hits', 'val_spy']);
    expect(history.val_spy).toEqual([1, 2, 3]);
    expect(history.val_hits.map((value) => value.toFixed(5))).toEqual(
      history.val_acc.map((value) => value.toFixed(5)),
    );
    const [yTrue, yPred] = seen[2];
    expect([yTrue.shape, yTrue.dtype, yPred.shape]).toEqual([[12], 'int32', [12, 3]]);
    expect([...yTrue.dataSync()]).toEqual([...y.dataSync().subarray(18)]);
  });

  it('can be monitored', async () => {
    const stopping = callbacks.earlyStopping({ monitor: 'val_score', mode: 'max' });
    const scores = [1, 2, 2];
    const customMetrics = { score: () => scores.shift() as number };
    const { epoch } = await compiledClassifier().fit(x, y, {
      ...options,
      epochs: 9,
      customMetrics,
      callbacks: stopping,
    });
    expect(epoch).toEqual([0, 1, 2]);
  });

  it('are computed for each output with a loss', async () => {
    const inputs = input({ shape: [4] });
    const outputs = ['a', 'b', 'c'].map((name, i) => layers.dense({ units: i + 1, name }).apply(inputs));
    const several = model({ inputs, outputs });
    several.compile({ optimizer: 'sgd', loss: { a: 'meanSquaredError', c: 'meanSquaredError' } });
    const { ones } = await import('../../lib/index.js');
    const targets = { a: ones([30, 1]), c: ones([30, 3]) };
    const width: CustomMetric = (yTrue, yPred) => yTrue.shape[1] * 10 + yPred.shape[1];
    const { history } = await several.fit(x, targets, { ...options, epochs: 1, customMetrics: { width } });
    expect([history.val_a_width, history.val_c_width]).toEqual([[11], [33]]);
    expect(history).not.toHaveProperty('val_b_width');
  });

  it("that throw or don't return a number end fit; an abort ends the wait for one", async () => {
    const net = compiledClassifier();
    const train = (metric: unknown, more: object = {}) =>
      net.fit(x, y, { ...options, customMetrics: { odd: metric as CustomMetric }, ...more });
    const failing = () => {
      throw new RangeError('from the metric');
    };
    await expect(train(failing)).rejects.toThrow(new RangeError('from the metric'));
    await expectError(() => train(() => 'much'), 'INVALID_ARGUMENT', /'val_odd' gave 'much'/);
    const abort = new AbortController();
    const never = () => {
      setTimeout(() => abort.abort(), 1);
      return new Promise(() => {});
    };
    await expectError(() => train(never, { signal: abort.signal }), 'ABORTED');
    expect((await net.fit(x, y, options)).epoch).toHaveLength(3);
  });

  it('are refused without validation data, if not functions, and under a name in use', async () => {
    const train = (more: object) => () => compiledClassifier().fit(x, y, { ...options, ...more });
    await expectError(
      train({ customMetrics: { hits }, validationSplit: 0 }),
      'INVALID_ARGUMENT',
      /validationData/,
    );
    await expectError(train({ customMetrics: { hits: 3 } }), 'INVALID_ARGUMENT', /customMetrics.hits is 3/);
    await expectError(train({ customMetrics: hits }), 'INVALID_ARGUMENT', /functions by name/);
    await expectError(train({ customMetrics: { acc: hits } }), 'INVALID_ARGUMENT', /'val_acc' already/);
  });
});
