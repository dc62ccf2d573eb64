import { describe, expect, test } from 'vitest';
import type { LossDescription, LossKind } from '../../../lib/program/description.js';
import { ReferenceProgram } from '../../../lib/program/reference-engine/index.js';
import { activation, chain, type Link, UNIT_SGD } from '../../support/chain.js';
import { expectGradients, randomNumbers } from '../../support/numeric.js';
import { gradientsOf } from '../../support/one-batch.js';

// Losses and gradients by Keras 3's formulas, computed by hand or in plain code.

function program(shape: number[], loss: LossDescription, links: Link[] = []): ReferenceProgram {
  const training = { outputs: [{ loss, metrics: [] }], optimizer: UNIT_SGD };
  return new ReferenceProgram(chain(shape, links, training), 'float64');
}

function lossOf(loss: LossDescription, p: number[], t: number[], links: Link[] = []): number {
  const made = program([p.length], loss, links);
  return gradientsOf(made, Float64Array.from(p), Float64Array.from(t)).loss;
}

const { log, exp, abs, cosh, sqrt } = Math;
const LOGIT = log(0.8 / 0.2);

test.each<[string, LossDescription, number[], number[], number]>([
  ['mean absolute error', { kind: 'meanAbsoluteError' }, [1, 4], [3, 3], 1.5],
  ['percentages', { kind: 'meanAbsolutePercentageError' }, [3, 1], [2, -4], (50 + 125) / 2],
  ['logarithms', { kind: 'meanSquaredLogarithmicError' }, [3, -1], [0, 1], (log(4) ** 2 + log(2) ** 2) / 2],
  ['huber', { kind: 'huber' }, [0.5, 3], [0, 0], (0.125 + 2.5) / 2],
  ['huber, delta 2', { kind: 'huber', delta: 2 }, [1, -3], [0, 0], (0.5 + 4) / 2],
  ['log cosh', { kind: 'logCosh' }, [1, -2], [0, 0], (log(cosh(1)) + log(cosh(2))) / 2],
  ['log cosh of much', { kind: 'logCosh' }, [1000], [0], 1000 - log(2)],
  ['hinge', { kind: 'hinge' }, [0.5, 0.5, 2], [1, -1, 1], (0.5 + 1.5) / 3],
  ['hinge, 0 for -1', { kind: 'hinge' }, [0.5, 0.5, 2], [1, 0, 1], (0.5 + 1.5) / 3],
  ['squared hinge', { kind: 'squaredHinge' }, [0.5, 0.5, 2], [1, -1, 1], (0.25 + 2.25) / 3],
  ['categorical hinge', { kind: 'categoricalHinge' }, [0.6, 0.3, 0.1], [0, 1, 0], 0.6 - 0.3 + 1],
  ['divergence', { kind: 'klDivergence' }, [0.4, 0.6], [0.1, 0.9], 0.1 * log(0.25) + 0.9 * log(1.5)],
  ['poisson', { kind: 'poisson' }, [2, 1], [3, 0], (2 - 3 * log(2 + 1e-7) + 1) / 2],
  ['cosine', { kind: 'cosineSimilarity' }, [1, 1], [0, 2], -1 / sqrt(2)],
  ['binary', { kind: 'binaryCrossentropy' }, [0.8, 0.3], [1, 0], -(log(0.8) + log(0.7)) / 2],
  ['binary, clipped', { kind: 'binaryCrossentropy' }, [0], [1], -log(1e-7)],
  [
    'binary logits',
    { kind: 'binaryCrossentropy', fromLogits: true },
    [LOGIT, -500],
    [1, 1],
    (500 - log(0.8)) / 2,
  ],
  [
    'binary, smoothed',
    { kind: 'binaryCrossentropy', labelSmoothing: 0.2 },
    [0.8],
    [1],
    -0.9 * log(0.8) - 0.1 * log(0.2),
  ],
  [
    'categorical, smoothed',
    { kind: 'categoricalCrossentropy', labelSmoothing: 0.3 },
    [0.7, 0.2, 0.1],
    [1, 0, 0],
    -0.8 * log(0.7) - 0.1 * log(0.2) - 0.1 * log(0.1),
  ],
  [
    'binary focal',
    { kind: 'binaryFocalCrossentropy' },
    [0.8, 0.3],
    [1, 0],
    -(0.04 * log(0.8) + 0.09 * log(0.7)) / 2,
  ],
  [
    'binary focal, balanced',
    { kind: 'binaryFocalCrossentropy', alpha: 0.25, gamma: 1 },
    [0.8, 0.3],
    [1, 0],
    -(0.25 * 0.2 * log(0.8) + 0.75 * 0.3 * log(0.7)) / 2,
  ],
  [
    'binary focal logits',
    { kind: 'binaryFocalCrossentropy', fromLogits: true },
    [LOGIT],
    [1],
    -0.04 * log(0.8),
  ],
  [
    'categorical focal',
    { kind: 'categoricalFocalCrossentropy', alpha: 0.25 },
    [1.4, 0.6],
    [1, 0],
    -0.25 * 0.3 ** 2 * log(0.7),
  ],
  [
    'categorical focal logits',
    { kind: 'categoricalFocalCrossentropy', fromLogits: true, alpha: 0.5, gamma: 1 },
    [LOGIT, 0],
    [0, 1],
    -0.5 * 0.8 * log(0.2),
  ],
])('%s', (_, loss, p, t, expected) => {
  expect(lossOf(loss, p, t)).toBeCloseTo(expected, 6);
});

test('the cross-entropy of a sigmoid is that of its logits', () => {
  const loss: LossDescription = { kind: 'binaryCrossentropy' };
  expect(lossOf(loss, [-800], [1], [activation('sigmoid')])).toBe(800);
  expect(lossOf(loss, [3], [0.25], [activation('sigmoid')])).toBeCloseTo(
    -0.25 * log(1 / (1 + exp(-3))) - 0.75 * log(1 - 1 / (1 + exp(-3))),
    12,
  );
});

test('the loss of several rows is their mean', () => {
  const made = program([2, 2], { kind: 'klDivergence' });
  const { loss } = gradientsOf(
    made,
    Float64Array.of(0.5, 0.5, 0.4, 0.6),
    Float64Array.of(0.5, 0.5, 0.1, 0.9),
  );
  expect(loss).toBeCloseTo((0.1 * log(0.25) + 0.9 * log(1.5)) / 2, 9);
});

describe('gradients', () => {
  const shares = randomNumbers(24, 1, 0.05, 0.95);
  const numbers = randomNumbers(24, 2, -2, 2);
  const targets = randomNumbers(24, 3, 0, 1);
  const signs = randomNumbers(24, 4).map(Math.sign);
  const ofShares: LossKind[] = [
    'binaryCrossentropy',
    'binaryFocalCrossentropy',
    'categoricalFocalCrossentropy',
    'klDivergence',
    'poisson',
    'meanSquaredLogarithmicError',
  ];
  const ofNumbers: LossKind[] = [
    'meanAbsoluteError',
    'meanAbsolutePercentageError',
    'huber',
    'logCosh',
    'hinge',
    'squaredHinge',
    'categoricalHinge',
    'cosineSimilarity',
  ];
  const numbersOf = { labelSmoothing: 0.1, delta: 0.7, gamma: 1.5, alpha: 0.3 };

  test.each(ofShares)('%s', (kind) => {
    const made = program([2, 3], { kind, ...numbersOf });
    expectGradients(made, shares.slice(), kind === 'poisson' ? targets.map(abs) : targets);
  });

  test.each(ofNumbers)('%s', (kind) => {
    expectGradients(
      program([2, 3], { kind, ...numbersOf }),
      numbers.slice(),
      kind.endsWith('inge') ? signs : targets,
    );
  });

  test.each<[LossKind, 'sigmoid' | 'softmax']>([
    ['binaryCrossentropy', 'sigmoid'],
    ['binaryFocalCrossentropy', 'sigmoid'],
    ['categoricalCrossentropy', 'softmax'],
    ['categoricalFocalCrossentropy', 'softmax'],
  ])('%s of logits, and of a %s', (kind, last) => {
    const loss: LossDescription = { kind, ...numbersOf, fromLogits: true };
    expectGradients(program([2, 3], loss), numbers.slice(), targets);
    expectGradients(program([2, 3], { kind }, [activation(last)]), numbers.slice(), targets);
  });
});

test.each([
  [{ kind: 'huber', delta: 0 }, 'delta'],
  [{ kind: 'binaryCrossentropy', labelSmoothing: 2 }, 'labelSmoothing'],
  [{ kind: 'binaryFocalCrossentropy', gamma: Number.NaN }, 'gamma'],
] as const)('refuses %o', (loss, name) => {
  expect(() => program([2], loss)).toThrow(name);
});
