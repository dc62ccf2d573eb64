import { beforeAll, describe, expect, test } from 'vitest';
import { currentEngine, setEngine } from '../../lib/program/current-engine.js';
import type {
  OptimizerDescription,
  OptimizerRule,
  OptimizerSettings,
} from '../../lib/program/optimizer-description.js';
import type { Program } from '../../lib/program/engine.js';
import { chain, dense, training } from '../support/chain.js';
import { ENGINES } from '../support/engines.js';
import { expectClose, randomNumbers } from '../support/numeric.js';

// Each rule against Keras's formula, written here once more in float64, over some updates with given gradients: of a kernel of [3, 40],
// which is more than a panel wide, and a bias of [40].

const SIZES = [120, 40];
const STEPS = 6;
const RATE = 0.05;
const BOUNDS = { absolute: 2e-6, relative: 2e-5 };

/** The gradients of a step. A few are 0, as of dead units. */
const gradientsOf = (step: number, scale = 1) =>
  SIZES.map((size, p) =>
    Array.from(randomNumbers(size, 100 + step * 2 + p), (g, i) =>
      i % 11 === 0 ? 0 : Math.fround(g * scale),
    ),
  );
const START = SIZES.map((size, p) => Array.from(randomNumbers(size, 50 + p), Math.fround));

function programOf(optimizer: OptimizerDescription): Program {
  const description = chain([3], [dense(40)], training('halfSquaredError', { optimizer }));
  const program = currentEngine().createProgram(description);
  program.writeWeights(START.map((values) => new Float32Array(values)));
  return program;
}

const update = (program: Program, gradients: number[][]) =>
  program.applyGradients(gradients.map((values) => new Float32Array(values)));

/** The elementwise formula: maps a weight's gradients to its values after each step. */
type Formula = (w: number, gradients: number[]) => number[];

const eps = 1e-3;
const RULES: [string, OptimizerRule, Formula][] = [
  [
    'sgd',
    { kind: 'sgd', momentum: 0, nesterov: false },
    (w, gs) =>
      gs.map((g) => {
        w -= RATE * g;
        return w;
      }),
  ],
  [
    'sgd with nesterov',
    { kind: 'sgd', momentum: 0.8, nesterov: true },
    (w, gs) => {
      let v = 0;
      return gs.map((g) => {
        v = 0.8 * v - RATE * g;
        w += 0.8 * v - RATE * g;
        return w;
      });
    },
  ],
  ['adam', { kind: 'adam', beta1: 0.9, beta2: 0.99, epsilon: eps }, adam(false)],
  ['amsgrad', { kind: 'adam', beta1: 0.9, beta2: 0.6, epsilon: eps, amsgrad: true }, adam(true, 0.6)],
  [
    'adamax',
    { kind: 'adamax', beta1: 0.9, beta2: 0.7, epsilon: eps },
    (w, gs) => {
      let m = 0;
      let u = 0;
      return gs.map((g, i) => {
        m += (g - m) * (1 - 0.9);
        u = Math.max(0.7 * u, Math.abs(g));
        w -= (RATE * m) / ((1 - 0.9 ** (i + 1)) * (u + eps));
        return w;
      });
    },
  ],
  [
    'nadam',
    { kind: 'nadam', beta1: 0.9, beta2: 0.99, epsilon: eps },
    (w, gs) => {
      let m = 0;
      let v = 0;
      let product = 1;
      return gs.map((g, i) => {
        const t = i + 1;
        const u = 0.9 * (1 - 0.5 * 0.96 ** t);
        const next = 0.9 * (1 - 0.5 * 0.96 ** (t + 1));
        product *= u;
        m += (g - m) * (1 - 0.9);
        v += (g * g - v) * (1 - 0.99);
        const mean = (next * m) / (1 - product * next) + ((1 - u) * g) / (1 - product);
        w -= (mean * RATE) / (Math.sqrt(v / (1 - 0.99 ** t)) + eps);
        return w;
      });
    },
  ],
  ['rmsprop', { kind: 'rmsprop', rho: 0.8, momentum: 0, epsilon: eps, centered: false }, rmsprop(0, false)],
  [
    'rmsprop, centered',
    { kind: 'rmsprop', rho: 0.8, momentum: 0, epsilon: eps, centered: true },
    rmsprop(0, true),
  ],
  [
    'rmsprop, centered with momentum',
    { kind: 'rmsprop', rho: 0.8, momentum: 0.7, epsilon: eps, centered: true },
    rmsprop(0.7, true),
  ],
  [
    'adagrad',
    { kind: 'adagrad', initialAccumulatorValue: 0.1, epsilon: eps },
    (w, gs) => {
      let sum = 0.1;
      return gs.map((g) => {
        sum += g * g;
        w -= (RATE * g) / Math.sqrt(sum + eps);
        return w;
      });
    },
  ],
  [
    'adadelta',
    { kind: 'adadelta', rho: 0.9, epsilon: eps },
    (w, gs) => {
      let squares = 0;
      let moves = 0;
      return gs.map((g) => {
        squares = 0.9 * squares + 0.1 * g * g;
        const move = (-Math.sqrt(moves + eps) * g) / Math.sqrt(squares + eps);
        moves = 0.9 * moves + 0.1 * move * move;
        w += RATE * move;
        return w;
      });
    },
  ],
  [
    'lion',
    { kind: 'lion', beta1: 0.9, beta2: 0.8 },
    (w, gs) => {
      let m = 0;
      return gs.map((g) => {
        w -= RATE * Math.sign(m * 0.9 + g * 0.1);
        m = m * 0.8 + g * 0.2;
        return w;
      });
    },
  ],
];

function adam(amsgrad: boolean, beta2 = 0.99): Formula {
  return (w, gs) => {
    let m = 0;
    let v = 0;
    let largest = 0;
    return gs.map((g, i) => {
      m += (g - m) * (1 - 0.9);
      v += (g * g - v) * (1 - beta2);
      largest = Math.max(largest, v);
      const alpha = (RATE * Math.sqrt(1 - beta2 ** (i + 1))) / (1 - 0.9 ** (i + 1));
      w -= (m * alpha) / (Math.sqrt(amsgrad ? largest : v) + eps);
      return w;
    });
  };
}

function rmsprop(momentum: number, centered: boolean): Formula {
  return (w, gs) => {
    let v = 0;
    let mean = 0;
    let last = 0;
    return gs.map((g) => {
      v = 0.8 * v + 0.2 * g * g;
      mean = 0.8 * mean + 0.2 * g;
      last = momentum * last + (RATE * g) / Math.sqrt(v - (centered ? mean * mean : 0) + eps);
      w -= last;
      return w;
    });
  };
}

/** The weights after each step, by a formula. */
function expected(formula: Formula, gradients: number[][][], start = START): number[][][] {
  const byWeight = start.map((values, p) =>
    values.map((w, i) =>
      formula(
        w,
        gradients.map((step) => step[p][i]),
      ),
    ),
  );
  return gradients.map((_, step) => byWeight.map((weights) => weights.map((steps) => steps[step])));
}

function expectWeights(program: Program, weights: number[][], what: string): void {
  program.readWeights().forEach((values, p) => {
    expectClose(values, weights[p], { ...BOUNDS, what: `${what}, weight ${p}, element` });
  });
}

describe.each(ENGINES)('the optimizers of the %s engine follow Keras', (engine) => {
  beforeAll(() => setEngine(engine));

  test.each(RULES)('%s', async (_name, rule, formula) => {
    const program = programOf({ ...rule, learningRate: RATE });
    const gradients = Array.from({ length: STEPS }, (_, step) => gradientsOf(step));
    const weights = expected(formula, gradients);
    for (const [step, given] of gradients.entries()) {
      await update(program, given);
      expectWeights(program, weights[step], `step ${step}`);
    }
    expect(program.iterations).toBe(STEPS);
    program.dispose();
  });

  test.each(RULES)('%s propagates a NaN in the gradient to its weight only', async (_name, rule) => {
    const program = programOf({ ...rule, learningRate: RATE });
    const gradients = gradientsOf(0);
    gradients[0][7] = Number.NaN;
    await update(program, gradients);
    const [kernel, bias] = program.readWeights();
    expect(Array.from(kernel.keys()).filter((i) => Number.isNaN(kernel[i]))).toEqual([7]);
    expect(bias.some(Number.isNaN)).toBe(false);
    program.dispose();
  });

  test.each(RULES)('%s continues from its state', async (_name, rule) => {
    const description: OptimizerDescription = {
      ...rule,
      learningRate: RATE,
      useEma: true,
      emaMomentum: 0.5,
      gradientAccumulationSteps: 2,
    };
    const program = programOf(description);
    for (let step = 0; step < 3; step++) await update(program, gradientsOf(step));
    const { weights, optimizer } = await program.snapshot();
    const other = programOf(description);
    other.writeWeights(weights);
    other.writeOptimizer(optimizer as NonNullable<typeof optimizer>);
    for (const each of [program, other])
      for (let step = 3; step < 6; step++) await update(each, gradientsOf(step));
    expect(other.readWeights()).toEqual(program.readWeights());
    expect(other.readOptimizer()).toEqual(program.readOptimizer());
    expect(other.readWeights()).not.toEqual(weights);
  });

  const SGD = { kind: 'sgd', momentum: 0, nesterov: false } as const;
  const run = async (settings: Partial<OptimizerSettings>, gradients: number[][][]) => {
    const program = programOf({ ...SGD, learningRate: RATE, ...settings });
    for (const given of gradients) await update(program, given);
    return program;
  };
  const moved = (gradients: number[][], factors: number[]) =>
    START.map((values, p) => values.map((w, i) => w - RATE * factors[p] * gradients[p][i]));
  const norm = (values: number[]) => Math.hypot(...values);

  test('clipNorm scales each weight separately, and only down', async () => {
    const gradients = gradientsOf(0, 0.5);
    const [first, second] = gradients.map(norm);
    const limit = (first + second) / 2;
    const program = await run({ clipNorm: limit }, [gradients]);
    expectWeights(program, moved(gradients, [Math.min(1, limit / first), Math.min(1, limit / second)]), '');
    expect(limit).toBeLessThan(first);
    expect(limit).toBeGreaterThan(second);
  });

  test('globalClipNorm scales all weights equally', async () => {
    const gradients = gradientsOf(0);
    const all = norm(gradients.flat());
    expectWeights(await run({ globalClipNorm: all / 3 }, [gradients]), moved(gradients, [1 / 3, 1 / 3]), '');
    expectWeights(await run({ globalClipNorm: all * 3 }, [gradients]), moved(gradients, [1, 1]), '');
  });

  test('clipValue bounds each element', async () => {
    const gradients = gradientsOf(0);
    const clipped = gradients.map((values) => values.map((g) => Math.min(0.3, Math.max(-0.3, g))));
    expectWeights(await run({ clipValue: 0.3 }, [gradients]), moved(clipped, [1, 1]), '');
  });

  test('weightDecay is decoupled from the gradient, times the rate', async () => {
    const gradients = gradientsOf(0);
    const decayed = START.map((values, p) =>
      values.map((w, i) => w - 0.4 * RATE * w - RATE * gradients[p][i]),
    );
    expectWeights(await run({ weightDecay: 0.4 }, [gradients]), decayed, '');
  });

  test('accumulated gradients give a step with their mean, clipped once', async () => {
    const steps = [gradientsOf(0), gradientsOf(1), gradientsOf(2), gradientsOf(3)];
    const mean = SIZES.map((size, p) =>
      Array.from({ length: size }, (_, i) => (steps[0][p][i] + steps[1][p][i] + steps[2][p][i]) / 3),
    );
    const limit = norm(mean.flat()) / 2;
    const program = programOf({
      ...SGD,
      learningRate: RATE,
      gradientAccumulationSteps: 3,
      globalClipNorm: limit,
    });
    await update(program, steps[0]);
    await update(program, steps[1]);
    expectWeights(program, START, 'before the update');
    await update(program, steps[2]);
    expectWeights(program, moved(mean, [0.5, 0.5]), 'after it');
    expect(program.readOptimizer().slots.accumulated[0].every((value) => value === 0)).toBe(true);
    await update(program, steps[3]);
    expectWeights(program, moved(mean, [0.5, 0.5]), 'one further');
    expectClose(program.readOptimizer().slots.accumulated[0], steps[3][0], BOUNDS);
    expect(program.iterations).toBe(4);
  });

  test('with accumulation t counts updates', async () => {
    const rule = { kind: 'adam', beta1: 0.9, beta2: 0.99, epsilon: eps } as const;
    const program = programOf({ ...rule, learningRate: RATE, gradientAccumulationSteps: 2 });
    for (const step of [0, 1, 2]) for (let i = 0; i < 2; i++) await update(program, gradientsOf(step));
    const weights = expected(adam(false), [gradientsOf(0), gradientsOf(1), gradientsOf(2)]);
    expectWeights(program, weights[2], '');
  });

  test('moving averages start at the first update, and overwrite the weights on request', async () => {
    const gradients = Array.from({ length: 3 }, (_, step) => gradientsOf(step));
    const plain = expected(RULES[0][2], gradients);
    const kept = await run({ useEma: true, emaMomentum: 0.7 }, gradients);
    const averages = START.map((values, p) =>
      values.map((_, i) => 0.7 * (0.7 * plain[0][p][i] + 0.3 * plain[1][p][i]) + 0.3 * plain[2][p][i]),
    );
    expectWeights(kept, plain[2], 'kept');
    for (const p of [0, 1]) expectClose(kept.readOptimizer().slots.average[p], averages[p], BOUNDS);

    const overwritten = await run({ useEma: true, emaMomentum: 0.7, emaOverwriteFrequency: 2 }, gradients);
    const after = START.map((values, p) =>
      values.map((_, i) => 0.7 * plain[0][p][i] + 0.3 * plain[1][p][i] - RATE * gradients[2][p][i]),
    );
    expectWeights(overwritten, after, 'overwritten');
  });

  test('a schedule gives the rate of each step, until a rate is set', async () => {
    const learningRate = {
      kind: 'piecewiseConstantDecay',
      boundaries: [0, 1],
      values: [1, 0.5, 0.25],
    } as const;
    const program = programOf({ ...SGD, learningRate });
    const w = () => program.readWeights()[1][0];
    const ones = SIZES.map((size) => new Array<number>(size).fill(1));
    const start = START[1][0];
    for (const sum of [1, 1.5, 1.75, 2]) {
      await update(program, ones);
      expectClose([start - w()], [sum], BOUNDS);
    }
    program.setLearningRate(2);
    await update(program, ones);
    expectClose([start - w()], [4], BOUNDS);
  });

  const REFUSED: [string, Partial<OptimizerDescription>, string][] = [
    ['two ways of clipping', { clipNorm: 1, clipValue: 1 }, 'globalClipNorm'],
    ['a negative decay', { weightDecay: -1 }, 'weightDecay'],
    ['an average without momentum', { useEma: true }, 'emaMomentum'],
    ['no steps', { gradientAccumulationSteps: 0 }, 'gradientAccumulationSteps'],
    ['epsilon 0', { kind: 'adam', beta1: 0.9, beta2: 0.9, epsilon: 0 } as OptimizerRule, 'epsilon'],
    ['a missing rho', { kind: 'adadelta', epsilon: 1 } as OptimizerRule, 'rho'],
    [
      'a schedule without length',
      {
        learningRate: {
          kind: 'exponentialDecay',
          initialLearningRate: 1,
          decaySteps: 0,
          decayRate: 1,
          staircase: false,
        },
      },
      'decaySteps',
    ],
  ];
  test.each(REFUSED)('%s is refused', (_name, changes, word) => {
    const make = () => programOf({ ...SGD, learningRate: RATE, ...changes } as OptimizerDescription);
    expect(make).toThrow(word);
  });
});
