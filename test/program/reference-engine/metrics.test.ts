import { expect, test } from 'vitest';
import type { LossDescription, MetricKind, Shape } from '../../../lib/program/description.js';
import { ReferenceProgram } from '../../../lib/program/reference-engine/index.js';
import { chain, training } from '../../support/chain.js';
import { gradientsOf } from '../../support/one-batch.js';

/** Sum over samples of a metric of outputs equal to these values. */
function metric(
  kind: MetricKind,
  shape: Shape,
  outputs: number[],
  targets: number[],
  loss: LossDescription['kind'] = 'meanSquaredError',
) {
  const program = new ReferenceProgram(chain(shape, [], training(loss, { metrics: [kind] })));
  const y = loss === 'sparseCategoricalCrossentropy' ? Int32Array.from(targets) : Float32Array.from(targets);
  return gradientsOf(program, Float32Array.from(outputs), y, { seed: 0, step: 0 }).metrics;
}

test('categoricalAccuracy: equal first maxima', () => {
  const outputs = [0.1, 0.9, 0, 0.4, 0.4, 0.2, 0, 0, 1];
  expect(metric('categoricalAccuracy', [3], outputs, [0, 1, 0, 1, 0, 0, 0, 1, 0])).toEqual([2]);
  expect(metric('categoricalAccuracy', [3], outputs, [0, 1, 0, 0, 1, 0, 0, 0.3, 0.7])).toEqual([2]);
});

test('sparseCategoricalAccuracy: the class is the first maximum', () => {
  const outputs = [0.1, 0.9, 0, 0.4, 0.4, 0.2, 0, 0, 1];
  expect(
    metric('sparseCategoricalAccuracy', [3], outputs, [1, 1, 2], 'sparseCategoricalCrossentropy'),
  ).toEqual([2]);
});

test("rows of a sample are averaged: three of two samples' four rows are right", () => {
  const outputs = [1, 0, 0, 1, 1, 0, 1, 0];
  expect(
    metric('sparseCategoricalAccuracy', [2, 2], outputs, [0, 1, 0, 1], 'sparseCategoricalCrossentropy'),
  ).toEqual([1.5]);
});

test('binaryAccuracy: the share of elements on the same side of 0.5', () => {
  expect(metric('binaryAccuracy', [2], [0.6, 0.5, 0.4, 0.9], [1, 1, 0, 1])).toEqual([1.5]);
});

test('meanSquaredError, summed over samples', () => {
  expect(metric('meanSquaredError', [2], [1, 2, 3, 4], [0, 2, 3, 1])).toEqual([0.5 + 4.5]);
});
