import { describe, expect, it } from 'vitest';
import { metrics, type Tensor, tensor } from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';

const rounded = (values: Tensor) => [...values.dataSync()].map((each) => Number(each.toFixed(5)));

describe('metrics of true values and predictions', () => {
  const truth = tensor([
    [1, 0, 0],
    [0, 1, 0],
  ]);
  const scores = tensor([
    [0.6, 0.3, 0.1],
    [0.5, 0.2, 0.3],
  ]);

  it('are computed by row', () => {
    expect(rounded(metrics.categoricalAccuracy(truth, scores))).toEqual([1, 0]);
    expect(rounded(metrics.sparseCategoricalAccuracy([0, 1], scores))).toEqual([1, 0]);
    expect(rounded(metrics.sparseCategoricalAccuracy([[0], [0]], scores))).toEqual([1, 1]);
    expect(rounded(metrics.binaryAccuracy(truth, scores))).toEqual([1, 0.66667]);
    expect(rounded(metrics.topKCategoricalAccuracy(truth, scores))).toEqual([1, 1]);
    expect(rounded(metrics.meanSquaredError(truth, scores))).toEqual([0.08667, 0.32667]);
    expect(rounded(metrics.mae(truth, scores))).toEqual([0.26667, 0.53333]);
    expect(rounded(metrics.categoricalCrossentropy(truth, scores))).toEqual([0.51083, 1.60944]);
    expect(rounded(metrics.cosineProximity([[1, 1]], [[2, 2]]))).toEqual([-1]);
    expect(rounded(metrics.cosineSimilarity([[1, 1]], [[2, 2]]))).toEqual([1]);
    expect(metrics.categoricalAccuracy(truth, scores).shape).toEqual([2]);
    expect(metrics.binaryAccuracy([1, 0], [0.9, 0.8]).arraySync()).toBe(0.5);
  });

  it('are computed over all rows if undefined for a single one', () => {
    const predicted = [
      [0, 1],
      [1, 1],
      [0, 0],
    ];
    expect(
      metrics
        .precision(
          [
            [0, 1],
            [1, 0],
            [1, 0],
          ],
          predicted,
        )
        .arraySync(),
    ).toBeCloseTo(2 / 3, 6);
    expect(
      metrics
        .recall(
          [
            [0, 1],
            [1, 0],
            [1, 0],
          ],
          predicted,
        )
        .arraySync(),
    ).toBeCloseTo(2 / 3, 6);
    expect(metrics.recall([1, 0, 0], predicted).arraySync()).toBeCloseTo(2 / 3, 6);
    expect(metrics.recall([0, 1, 1], predicted).arraySync()).toBeCloseTo(1 / 3, 6);
    expect(metrics.auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]).arraySync()).toBeCloseTo(0.75, 6);
  });

  it('refuse other shapes', async () => {
    await expectError(() => metrics.categoricalAccuracy([0, 1], scores), 'SHAPE_MISMATCH', /yTrue is \[2\]/);
    await expectError(
      () => metrics.sparseCategoricalAccuracy([0, 5], scores),
      'INVALID_LABEL',
      /label 1 is 5/,
    );
  });
});
