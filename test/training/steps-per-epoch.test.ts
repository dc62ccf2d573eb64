import { beforeEach, describe, expect, it } from 'vitest';
import { setEngine } from '../../lib/index.js';
import { epochOrder, epochPart } from '../../lib/training/shuffle.js';
import { expectError } from '../support/convforge-error.js';
import { ENGINES } from '../support/engines.js';
import { compiledClassifier, tinySet, values } from '../support/tiny.js';

describe('epochPart', () => {
  it('goes on through pass after pass, each in an order of its own', () => {
    const part = (epoch: number) => [...epochPart(10, 5, epoch, { length: 4, shuffle: true })];
    const passes = [0, 1].flatMap((pass) => [...epochOrder(10, 5, pass, true)]);
    expect([0, 1, 2, 3, 4].flatMap(part)).toEqual(passes);
    expect([...epochPart(3, 5, 1, { length: 7, shuffle: false })]).toEqual([1, 2, 0, 1, 2, 0, 1]);
  });
});

describe.each(ENGINES)('stepsPerEpoch on %s', (engine) => {
  beforeEach(() => setEngine(engine));

  const { x, y } = tinySet(12);
  const options = { verbose: 0, batchSize: 4, seed: 3 } as const;

  it('cuts passes into epochs: the same steps, other epochs', async () => {
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

  it('goes on with initialEpoch where it was, and validates each epoch', async () => {
    const once = compiledClassifier();
    const twice = compiledClassifier();
    const all = { ...options, stepsPerEpoch: 5, validationData: [x, y] as const };
    const { history } = await once.fit(x, y, { ...all, epochs: 2 });
    expect(history.val_loss).toHaveLength(2);
    await twice.fit(x, y, { ...all, epochs: 1 });
    await twice.fit(x, y, { ...all, epochs: 2, initialEpoch: 1 });
    expect(values(twice.getWeights())).toEqual(values(once.getWeights()));
  });

  it('is a whole number', async () => {
    await expectError(
      () => compiledClassifier().fit(x, y, { ...options, stepsPerEpoch: 0 }),
      'INVALID_ARGUMENT',
      /stepsPerEpoch is 0/,
    );
  });
});
