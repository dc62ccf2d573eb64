import { expect, test } from 'vitest';
import type { LossDescription, MetricDescription, Shape } from '../../../lib/program/description.js';
import { ReferenceProgram } from '../../../lib/program/reference-engine/index.js';
import { chain, training } from '../../support/chain.js';
import { gradientsOf } from '../../support/one-batch.js';

/** A metric of outputs that equal these values, summed over samples. */
function metric(
  description: MetricDescription,
  shape: Shape,
  outputs: number[],
  targets: number[],
  loss: LossDescription['kind'] = 'meanSquaredError',
) {
  const program = new ReferenceProgram(chain(shape, [], training(loss, { metrics: [description] })));
  const y = loss === 'sparseCategoricalCrossentropy' ? Int32Array.from(targets) : Float32Array.from(targets);
  return gradientsOf(program, Float32Array.from(outputs), y, { seed: 0, step: 0 }).metrics;
}

test('categoricalAccuracy compares first maxima', () => {
  const outputs = [0.1, 0.9, 0, 0.4, 0.4, 0.2, 0, 0, 1];
  expect(metric({ kind: 'categoricalAccuracy' }, [3], outputs, [0, 1, 0, 1, 0, 0, 0, 1, 0])).toEqual([
    [2, 3],
  ]);
  expect(metric({ kind: 'categoricalAccuracy' }, [3], outputs, [0, 1, 0, 0, 1, 0, 0, 0.3, 0.7])).toEqual([
    [2, 3],
  ]);
});

test('sparseCategoricalAccuracy compares with the first maximum', () => {
  const outputs = [0.1, 0.9, 0, 0.4, 0.4, 0.2, 0, 0, 1];
  expect(
    metric({ kind: 'sparseCategoricalAccuracy' }, [3], outputs, [1, 1, 2], 'sparseCategoricalCrossentropy'),
  ).toEqual([[2, 3]]);
});

test("rows are counted separately: three of two samples' four rows are correct", () => {
  const outputs = [1, 0, 0, 1, 1, 0, 1, 0];
  expect(
    metric(
      { kind: 'sparseCategoricalAccuracy' },
      [2, 2],
      outputs,
      [0, 1, 0, 1],
      'sparseCategoricalCrossentropy',
    ),
  ).toEqual([[3, 4]]);
});

test('binaryAccuracy: the share of elements on the same side of 0.5', () => {
  expect(metric({ kind: 'binaryAccuracy', threshold: 0.5 }, [2], [0.6, 0.5, 0.4, 0.9], [1, 1, 0, 1])).toEqual(
    [[3, 4]],
  );
});

test('meanSquaredError, summed over samples', () => {
  expect(
    metric({ kind: 'mean', loss: { kind: 'meanSquaredError' } }, [2], [1, 2, 3, 4], [0, 2, 3, 1]),
  ).toEqual([[0.5 + 4.5, 2]]);
});
