import { describe, expect, it } from 'vitest';
import { layers, losses, metrics, sequential, tensor } from '../../lib/index.js';
import { getMetric, type MetricIdentifier } from '../../lib/metrics/registry.js';
import { expectError } from '../support/convforge-error.js';

const mse = losses.meanSquaredError();
const get = (identifier: MetricIdentifier, loss = mse, shape = [3]) => getMetric(identifier, loss, shape);

describe('names', () => {
  it.each([
    ['mae', 'mae', 'meanAbsoluteError'],
    ['AUC', 'auc', 'auc'],
    ['Precision', 'precision', 'precision'],
    ['F1Score', 'f1Score', 'f1Score'],
    ['f1_score', 'f1Score', 'f1Score'],
    ['top_k_categorical_accuracy', 'topKCategoricalAccuracy', 'topKCategoricalAccuracy'],
    ['RootMeanSquaredError', 'rmse', 'rootMeanSquaredError'],
    ['kld', 'klDivergence', 'klDivergence'],
  ])("'%s' is '%s' in logs", (name, logKey, made) => {
    expect(get(name as MetricIdentifier)).toMatchObject({ logKey, name: made });
  });

  it('functions, metrics, and class names with configs are accepted', () => {
    expect(get(metrics.recall).logKey).toBe('recall');
    const second = metrics.recall({ classId: 1, name: 'found' });
    expect(get(second)).toBe(second);
    const again = get({
      className: second.getClassName(),
      config: { ...second.getConfig(), dtype: 'float32' },
    });
    expect(again).toEqual(second);
    expect(again.getConfig()).toEqual({ name: 'found', thresholds: 0.5, classId: 1 });
  });

  it("'accuracy' and 'crossentropy' depend on loss and outputs", () => {
    const binary = losses.binaryCrossentropy();
    expect(get('accuracy', binary).description).toEqual({ kind: 'binaryAccuracy', threshold: 0.5 });
    const logits = losses.binaryCrossentropy({ fromLogits: true });
    expect(get('acc', logits).description).toEqual({ kind: 'binaryAccuracy', threshold: 0 });
    expect(get('ce', losses.sparseCategoricalCrossentropy({ fromLogits: true }))).toMatchObject({
      name: 'sparseCategoricalCrossentropy',
      description: { loss: { fromLogits: true } },
    });
    expect(get('crossentropy', mse, [1]).name).toBe('binaryCrossentropy');
  });

  it("unknown metrics, and metrics that don't fit the outputs, are refused", async () => {
    await expectError(() => get('precission' as 'precision'), 'UNSUPPORTED', /did you mean 'precision'/);
    await expectError(() => get('confusionMatrix' as 'auc'), 'UNSUPPORTED');
    await expectError(() => get((() => 1) as never), 'INVALID_ARGUMENT', /metrics has/);
    await expectError(() => get(metrics.recall({ classId: 3 })), 'INVALID_ARGUMENT', /there are 3 classes/);
    await expectError(
      () => metrics.f1Score({ average: 'none' as never }),
      'INVALID_ARGUMENT',
      /micro, macro/,
    );
    await expectError(() => metrics.auc({ curve: 'RPC' as never }), 'INVALID_ARGUMENT', /'ROC' or 'PR'/);
    await expectError(() => metrics.auc({ numThresholds: 1 }), 'INVALID_ARGUMENT', /numThresholds is 1/);
    await expectError(() => metrics.topKCategoricalAccuracy({ k: 0 }), 'INVALID_ARGUMENT', /k is 0/);
    await expectError(
      () => metrics.binaryAccuracy({ treshold: 1 } as never),
      'UNKNOWN_OPTION',
      /did you mean 'threshold'/,
    );
    await expectError(
      () => get('topKCategoricalAccuracy', losses.sparseCategoricalCrossentropy()),
      'INVALID_ARGUMENT',
    );
  });
});

describe('values from counts', () => {
  // [true positives, false positives, false negatives] of three classes.
  const counts = [4, 1, 0, 1, 3, 2, 0, 0, 0];

  it('precision and recall, of all or one class', () => {
    expect(metrics.precision().result(counts)).toBeCloseTo(5 / 9, 12);
    expect(metrics.recall().result(counts)).toBeCloseTo(5 / 7, 12);
    expect(metrics.precision({ classId: 1 }).result(counts)).toBe(0.25);
    expect(metrics.recall({ classId: 2 }).result(counts)).toBe(0);
  });

  it('F1 by average', () => {
    const scores = [8 / 9, 2 / 7, 0];
    expect(metrics.f1Score().result(counts)).toBeCloseTo((scores[0] + scores[1]) / 3, 12);
    expect(metrics.f1Score({ average: 'micro' }).result(counts)).toBeCloseTo(10 / 16, 12);
    const weighted = (4 * scores[0] + 3 * scores[1]) / 7;
    expect(metrics.f1Score({ average: 'weighted' }).result(counts)).toBeCloseTo(weighted, 12);
  });

  it("AUC: Keras's own example, scores 0, 0.5, 0.3, 0.9 of 0, 0, 1, 1 at three thresholds", () => {
    // In (0, 0.5]: 0, 0.5 and 0.3; in (0.5, 1]: 0.9.
    const ranges = [1, 2, 1, 0];
    expect(metrics.auc({ numThresholds: 3 }).result(ranges)).toBeCloseTo(0.75, 12);
    // From (recall 0.5, 1 of 1) on, 2 of 4: precision (1 + a) / (1 + 3 a) over recall's second half.
    const expected = 0.5 + (1 / 2) * (1 / 3) * (1 + (2 / 3) * Math.log(4));
    expect(metrics.auc({ numThresholds: 3, curve: 'PR' }).result(ranges)).toBeCloseTo(expected, 12);
    expect(metrics.auc().result(new Array(398).fill(0))).toBe(0);
  });

  it('roots and signs', () => {
    expect(metrics.rootMeanSquaredError().result([18, 2])).toBe(3);
    expect(metrics.cosineSimilarity().result([-3, 4])).toBe(0.75);
    expect(metrics.mae().result([0, 0])).toBe(0);
  });
});

describe('confusionMatrix', () => {
  it('has a row per true class', () => {
    const matrix = metrics.confusionMatrix([0, 1, 2, 1], [0, 2, 2, 1]);
    expect(matrix.shape).toEqual([3, 3]);
    expect(Array.from(matrix.dataSync())).toEqual([1, 0, 0, 0, 1, 1, 0, 0, 1]);
  });

  it('takes one-hot rows and scores, and a number of classes', () => {
    const scores = [
      [0.1, 0.7, 0.2],
      [0.5, 0.4, 0.1],
    ];
    const matrix = metrics.confusionMatrix([1, 2], scores);
    expect(Array.from(matrix.dataSync())).toEqual([0, 0, 0, 0, 1, 0, 1, 0, 0]);
    expect(metrics.confusionMatrix([1], [0], 4).shape).toEqual([4, 4]);
  });

  it('refuses what does not fit', async () => {
    await expectError(() => metrics.confusionMatrix([0, 1], [0]), 'SHAPE_MISMATCH', /2 labels, but 1/);
    await expectError(() => metrics.confusionMatrix([0, 5], [0, 1], 3), 'INVALID_LABEL', /labels have 5/);
    await expectError(() => metrics.confusionMatrix([[[1]]], [0]), 'SHAPE_MISMATCH', /give \[n\] or/);
  });
});

it('metrics from counts are exact over all batches', async () => {
  const model = sequential({ layers: [layers.dense({ units: 2, inputShape: [2], useBias: false })] });
  model.setWeights([
    tensor([
      [1, 0],
      [0, 1],
    ]),
  ]);
  model.compile({
    optimizer: 'sgd',
    loss: 'meanSquaredError',
    metrics: ['precision', metrics.recall({ thresholds: 0.6 }), 'f1Score', 'rmse'],
  });
  const x = [
    [0.9, 0.1],
    [0.55, 0.6],
    [0.2, 0.8],
  ];
  const y = [
    [1, 0],
    [0, 1],
    [1, 0],
  ];
  const scores = await (model.evaluate(x, y, { batchSize: 2 }) as PromiseLike<
    { dataSync(): Float32Array }[]
  >);
  const [loss, precision, recall, f1, rmse] = scores.map((score) => score.dataSync()[0]);
  // Above 0.5: 0.9 (true), 0.55, 0.6 (true) and 0.8; above 0.6 only 0.9 and 0.8.
  expect(precision).toBeCloseTo(2 / 4, 6);
  expect(recall).toBeCloseTo(1 / 3, 6);
  // By the largest: classes 0, 1, 1 for 0, 1, 0.
  expect(f1).toBeCloseTo((2 / 3 + 2 / 3) / 2, 6);
  expect(rmse).toBeCloseTo(Math.sqrt(loss), 6);
});
