import { describe, expect, test } from 'vitest';
import { setEngine } from '../../lib/program/current-engine.js';
import type { LearningRateSchedule } from '../../lib/optimizers/schedules/index.js';
import * as schedules from '../../lib/optimizers/schedules/index.js';
import { getSchedule } from '../../lib/optimizers/schedules/registry.js';
import { nativeEngine } from '../../lib/program/native-engine.js';
import { chain, dense, training } from '../support/chain.js';
import { expectClose } from '../support/numeric.js';

const cos = (share: number) => 0.5 * (1 + Math.cos(Math.PI * share));

/** A schedule, and its values at some steps by Keras's formulas (PyTorch's for oneCycle). */
const CASES: [string, LearningRateSchedule, [step: number, rate: number][]][] = [
  [
    'exponentialDecay',
    schedules.exponentialDecay({ initialLearningRate: 0.1, decaySteps: 4, decayRate: 0.5 }),
    [
      [0, 0.1],
      [2, 0.1 * Math.sqrt(0.5)],
      [4, 0.05],
      [8, 0.025],
    ],
  ],
  [
    'exponentialDecay in stairs',
    schedules.exponentialDecay({ initialLearningRate: 0.1, decaySteps: 4, decayRate: 0.5, staircase: true }),
    [
      [0, 0.1],
      [3, 0.1],
      [4, 0.05],
      [11, 0.025],
    ],
  ],
  [
    'inverseTimeDecay',
    schedules.inverseTimeDecay({ initialLearningRate: 0.1, decaySteps: 4, decayRate: 0.5 }),
    [
      [0, 0.1],
      [2, 0.08],
      [4, 0.1 / 1.5],
      [8, 0.05],
    ],
  ],
  [
    'polynomialDecay',
    schedules.polynomialDecay({ initialLearningRate: 0.1, decaySteps: 10, endLearningRate: 0.02, power: 2 }),
    [
      [0, 0.1],
      [5, 0.02 + 0.08 / 4],
      [10, 0.02],
      [1000, 0.02],
    ],
  ],
  [
    'polynomialDecay in cycles',
    schedules.polynomialDecay({
      initialLearningRate: 0.1,
      decaySteps: 10,
      endLearningRate: 0.02,
      cycle: true,
    }),
    [
      [0, 0.1],
      [10, 0.02],
      [11, 0.02 + 0.08 * (1 - 11 / 20)],
      [20, 0.02],
    ],
  ],
  [
    'cosineDecay',
    schedules.cosineDecay({ initialLearningRate: 0.1, decaySteps: 10, alpha: 0.1 }),
    [
      [0, 0.1],
      [5, 0.055],
      [10, 0.01],
      [50, 0.01],
      [3, 0.1 * (0.9 * cos(0.3) + 0.1)],
    ],
  ],
  [
    'cosineDecay after a warm-up',
    schedules.cosineDecay({ initialLearningRate: 0.02, decaySteps: 10, warmupTarget: 0.1, warmupSteps: 4 }),
    [
      [0, 0.02],
      [1, 0.04],
      [4, 0.1],
      [9, 0.05],
      [14, 0],
      [99, 0],
    ],
  ],
  [
    'cosineDecayRestarts',
    schedules.cosineDecayRestarts({ initialLearningRate: 0.1, firstDecaySteps: 4, mMul: 0.5 }),
    [
      [0, 0.1],
      [2, 0.05],
      [4, 0.05],
      [8, 0.025],
      [12, 0.025],
      [20, 0.0125],
    ],
  ],
  [
    'cosineDecayRestarts of one length',
    schedules.cosineDecayRestarts({ initialLearningRate: 0.1, firstDecaySteps: 4, tMul: 1, alpha: 0.5 }),
    [
      [0, 0.1],
      [2, 0.075],
      [4, 0.1],
      [6, 0.075],
      [7, 0.05 + 0.05 * cos(0.75)],
    ],
  ],
  [
    'piecewiseConstantDecay',
    schedules.piecewiseConstantDecay({ boundaries: [3, 6], values: [0.3, 0.2, 0.1] }),
    [
      [0, 0.3],
      [3, 0.3],
      [4, 0.2],
      [6, 0.2],
      [7, 0.1],
    ],
  ],
  [
    'oneCycle',
    schedules.oneCycle({ maxLearningRate: 0.1, totalSteps: 20, divFactor: 10, finalDivFactor: 100 }),
    [
      [0, 0.01],
      [5, 0.1],
      [19, 1e-4],
      [40, 1e-4],
      [12, 1e-4 + (0.1 - 1e-4) * cos(0.5)],
    ],
  ],
];

describe.each(CASES)('%s', (name, schedule, values) => {
  test('has the values of its formula', () => {
    expectClose(
      values.map(([step]) => schedule.at(step)),
      values.map(([, rate]) => rate),
      { absolute: 1e-15, relative: 1e-12 },
    );
  });

  test('is rebuilt from its config', () => {
    const copy = getSchedule({ className: schedule.className, config: schedule.getConfig() });
    expect(copy.describe()).toEqual(schedule.describe());
    expect(schedule.className.toLowerCase()).toBe(name.split(' ')[0].toLowerCase());
  });

  test('gives the same rates in the native engine, across fits', async () => {
    setEngine('native');
    const optimizer = {
      kind: 'sgd',
      momentum: 0,
      nesterov: false,
      learningRate: schedule.describe(),
    } as const;
    const description = chain([1], [dense(1, { bias: false })], training('halfSquaredError', { optimizer }));
    const program = nativeEngine().createProgram(description);
    for (const [step] of values) {
      program.writeWeights([new Float32Array([0])]);
      program.writeOptimizer({ iterations: step, slots: {} });
      await program.applyGradients([new Float32Array([-1])]);
      expectClose(program.readWeights()[0], [schedule.at(step)], { absolute: 1e-12, relative: 1e-7 });
    }
    program.dispose();
  });
});

test.each([
  ['decaySteps', () => schedules.exponentialDecay({ initialLearningRate: 1, decaySteps: 0, decayRate: 1 })],
  ['initialLearningRate', () => schedules.cosineDecay({ initialLearningRate: -1, decaySteps: 1 })],
  ['warmupSteps', () => schedules.cosineDecay({ initialLearningRate: 1, decaySteps: 1, warmupTarget: 2 })],
  ['values', () => schedules.piecewiseConstantDecay({ boundaries: [1], values: [1] })],
  ['boundaries', () => schedules.piecewiseConstantDecay({ boundaries: [2, 1], values: [1, 2, 3] })],
  ['pctStart', () => schedules.oneCycle({ maxLearningRate: 1, totalSteps: 5, pctStart: 2 })],
  [
    'staircase',
    () => schedules.cosineDecay({ initialLearningRate: 1, decaySteps: 1, staircase: true } as never),
  ],
  ['a whole number', () => CASES[0][1].at(0.5)],
])('%s out of range is refused', (word, make) => {
  expect(make).toThrow(word);
});

test('an unknown schedule is refused by name', () => {
  expect(() => getSchedule({ className: 'CosineDecai', config: {} })).toThrow("did you mean 'CosineDecay'");
});
