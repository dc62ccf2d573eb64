import { beforeEach, describe, expect, it } from 'vitest';
import { setEngine } from '../../lib/index.js';
import { epochOrder, partOfPasses } from '../../lib/training/shuffle.js';
import { expectError } from '../support/convforge-error.js';
import { ENGINES } from '../support/engines.js';
import { compiledClassifier, tinySet, values } from '../support/tiny.js';

describe('partOfPasses', () => {
  it('continues through passes, each in its own order', () => {
    const part = (start: number) => [...partOfPasses(10, 5, { start, length: 4, shuffle: true })];
    const passes = [0, 1].flatMap((pass) => [...epochOrder(10, 5, pass, true)]);
    expect([0, 4, 8, 12, 16].flatMap(part)).toEqual(passes);
    expect([...partOfPasses(3, 5, { start: 7, length: 7, shuffle: false })]).toEqual([1, 2, 0, 1, 2, 0, 1]);
  });

  it('refuses a batch beyond memory', () =>
    expectError(
      () => partOfPasses(3, 5, { start: 0, length: 2 ** 50, shuffle: false }),
      'OUT_OF_MEMORY',
      /order of 1125899906842624 samples; use a smaller batchSize/,
    ));
});

describe.each(ENGINES)('stepsPerEpoch on %s', (engine) => {
  beforeEach(() => setEngine(engine));

  const { x, y } = tinySet(12);
  const options = { verbose: 0, batchSize: 4, seed: 3 } as const;

  it('divides passes into epochs without changing the steps', async () => {
    const whole = compiledClassifier();
    const parts = compiledClassifier();
    await whole.fit(x, y, { ...options, epochs: 2 });
    let steps = 0;
    const onBatchEnd = () => steps++;
    const { epoch } = await parts.fit(x, y, {
      ...options,
      stepsPerEpoch: 2,
      epochs: 3,
      callbacks: { onBatchEnd },
    });
    expect([epoch, steps]).toEqual([[0, 1, 2], 6]);
    expect(values(parts.getWeights())).toEqual(values(whole.getWeights()));
  });

  it('continues at initialEpoch, and validates each epoch', async () => {
    const once = compiledClassifier();
    const twice = compiledClassifier();
    const all = { ...options, stepsPerEpoch: 5, validationData: [x, y] as const };
    const { history } = await once.fit(x, y, { ...all, epochs: 2 });
    expect(history.val_loss).toHaveLength(2);
    await twice.fit(x, y, { ...all, epochs: 1 });
    await twice.fit(x, y, { ...all, epochs: 2, initialEpoch: 1 });
    expect(values(twice.getWeights())).toEqual(values(once.getWeights()));
  });

  it('must be a whole number', async () => {
    await expectError(
      () => compiledClassifier().fit(x, y, { ...options, stepsPerEpoch: 0 }),
      'INVALID_ARGUMENT',
      /stepsPerEpoch is 0/,
    );
  });

  it('is limited by the memory for the order of samples', async () => {
    const model = compiledClassifier();
    const many = { ...options, stepsPerEpoch: 5e8 };
    for await (const event of model.fitStream(x, y, many)) if (event.type === 'progress') break;
    const control = new AbortController();
    const onBatchEnd = (batch: number) => {
      if (batch === 3) control.abort();
    };
    const training = model.fit(x, y, { ...many, signal: control.signal, callbacks: { onBatchEnd } });
    await expectError(() => training, 'ABORTED');
    await expectError(
      () => model.fit(x, y, { ...options, stepsPerEpoch: 1e9 }),
      'TOO_LARGE',
      /stepsPerEpoch is 1000000000; with a batchSize of 4 that is 4000000000 samples an epoch, and 2\^31 - 1/,
    );
    await expectError(
      () => model.fit(x, y, { ...options, epochs: 1e7, stepsPerEpoch: 5e8 }),
      'TOO_LARGE',
      /2\^53 in all epochs/,
    );
  });
});

it('an epoch of more samples than are ordered at a time equals one ordered at once', async () => {
  setEngine('native');
  const { x, y } = tinySet(10);
  const train = async (stepsPerEpoch: number, epochs: number) => {
    const model = compiledClassifier();
    const samples: number[] = [];
    const options = { verbose: 0, seed: 3, batchSize: 2 ** 18, stepsPerEpoch, epochs } as const;
    for await (const event of model.fitStream(x, y, options))
      if (event.type === 'progress') samples.push(event.samples);
    return { weights: values(model.getWeights()), samples };
  };
  const [once, parts] = [await train(6, 1), await train(2, 3)];
  expect(once.weights).toEqual(parts.weights);
  expect(once.samples).toEqual([...once.samples].sort((a, b) => a - b));
}, 120_000);
