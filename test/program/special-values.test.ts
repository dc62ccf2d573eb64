import { describe, expect, test } from 'vitest';
import type { LossDescription, ProgramDescription } from '../../lib/program/description.js';
import type { Engine } from '../../lib/program/engine.js';
import { nativeEngine } from '../../lib/program/native-engine.js';
import { erf } from '../../lib/program/reference-engine/error-function.js';
import { activation, chain, training } from '../support/chain.js';
import { NAMED_ENGINES, samplesOn } from '../support/engine-comparison.js';
import { embedding } from '../support/shape-links.js';
import { expectSame, SPECIAL_VALUES, toFloat32 } from '../support/special-values.js';

// Activations and losses at the ends of float32, where formulas overflow, cancel or meet infinity times zero: on both engines against
// the functions' own values and limits.

interface Curve {
  kind: string;
  numbers?: Record<string, number | boolean>;
  value(x: number): number;
  slope(x: number): number;
  /**
   * The largest absolute error where the formula cancels. Default: none, so that digits are right everywhere.
   */
  error?: { value?: number; slope?: number };
}

const sigmoid = (x: number) => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x)));
const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const normal = (x: number) => 0.5 * (1 + erf(x / Math.SQRT2));
const density = (x: number) => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
const line = (x: number, slope: number) => Math.min(1, Math.max(0, slope * x + 0.5));
/** f(x) for |x| < 1000, elsewhere its limits. */
const far = (f: (x: number) => number, below: number, above: (x: number) => number) => (x: number) =>
  x < -1000 ? below : x > 1000 ? above(x) : f(x);
const identity = (x: number) => x;
const one = () => 1;

const CURVES: Curve[] = [
  { kind: 'relu', value: (x) => Math.max(x, 0), slope: (x) => (x > 0 ? 1 : 0) },
  {
    kind: 'relu',
    numbers: { maxValue: 6 },
    value: (x) => Math.min(Math.max(x, 0), 6),
    slope: (x) => (x > 0 && x < 6 ? 1 : 0),
  },
  {
    kind: 'relu',
    numbers: { negativeSlope: 0.3 },
    value: (x) => (x > 0 ? x : Math.fround(0.3) * x),
    slope: (x) => (x > 0 ? 1 : Math.fround(0.3)),
  },
  {
    kind: 'relu',
    numbers: { threshold: 1 },
    value: (x) => (x > 1 ? x : Number.isNaN(x) ? x : 0),
    slope: (x) => (x > 1 ? 1 : 0),
  },
  {
    kind: 'elu',
    value: (x) => (x > 0 ? x : Math.expm1(x)),
    slope: (x) => (x > 0 ? 1 : Math.exp(x)),
    error: { slope: 1e-7 },
  },
  {
    kind: 'selu',
    value: (x) => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x)),
    slope: (x) => 1.0507009873554805 * (x > 0 ? 1 : 1.6732632423543772 * Math.exp(x)),
    error: { slope: 3e-7 },
  },
  {
    kind: 'gelu',
    value: far((x) => x * normal(x), 0, identity),
    slope: far((x) => normal(x) + x * density(x), 0, one),
    error: { value: 3e-7, slope: 3e-7 },
  },
  {
    kind: 'gelu',
    numbers: { approximate: true },
    value: far((x) => geluByTanh(x), 0, identity),
    slope: far((x) => (geluByTanh(x + 1e-6) - geluByTanh(x - 1e-6)) / 2e-6, 0, one),
    error: { value: 6e-7, slope: 3e-6 },
  },
  {
    kind: 'silu',
    value: far((x) => x * sigmoid(x), 0, identity),
    slope: far((x) => sigmoid(x) * (1 + x * sigmoid(-x)), 0, one),
    error: { slope: 3e-7 },
  },
  {
    kind: 'mish',
    value: far((x) => x * Math.tanh(softplus(x)), 0, identity),
    slope: far((x) => mishSlope(x), 0, one),
    error: { slope: 3e-7 },
  },
  {
    kind: 'hardSwish',
    value: far((x) => x * line(x, 1 / 6), 0, identity),
    slope: (x) => (x > 3 ? 1 : x < -3 ? 0 : x / 3 + 0.5),
    error: { value: 3e-7, slope: 3e-7 },
  },
  { kind: 'sigmoid', value: sigmoid, slope: (x) => sigmoid(x) * sigmoid(-x), error: { slope: 1e-7 } },
  {
    kind: 'hardSigmoid',
    value: (x) => line(x, 1 / 6),
    slope: (x) => (Math.abs(x) < 3 ? 1 / 6 : 0),
    error: { value: 1e-7 },
  },
  {
    kind: 'hardSigmoid',
    numbers: { slope: 0.2 },
    value: (x) => line(x, 0.2),
    slope: (x) => (Math.abs(x) < 2.5 ? 0.2 : 0),
    error: { value: 1e-7 },
  },
  { kind: 'tanh', value: Math.tanh, slope: (x) => 1 - Math.tanh(x) ** 2, error: { slope: 3e-7 } },
  { kind: 'softplus', value: softplus, slope: sigmoid },
  {
    kind: 'softsign',
    value: (x) => (Math.abs(x) > 1e300 ? Math.sign(x) : x / (1 + Math.abs(x))),
    slope: (x) => 1 / (1 + Math.abs(x)) ** 2,
  },
  { kind: 'exponential', value: Math.exp, slope: Math.exp },
];

function geluByTanh(x: number): number {
  return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
}

function mishSlope(x: number): number {
  const t = Math.tanh(softplus(x));
  return t + x * (1 - t * t) * sigmoid(x);
}

/** Runs values, one a sample, through the links. Returns the output, and the gradient by each value. */
async function differentiate(engine: Engine, kind: string, numbers: Curve['numbers'], x: Float32Array) {
  const count = x.length;
  // The values are rows of an embedding, whose gradients a program returns as it does those of weights.
  const links = [embedding(count, 1), activation(kind, numbers ?? {})];
  const program = engine.createProgram(chain([1], links, training('meanAbsoluteError')));
  program.writeWeights([x]);
  const rows = Float32Array.from({ length: count }, (_, i) => i);
  const y = program.runHere([rows], count)[0];
  // An infinite target on the other side makes the loss's gradient 1 or -1 for any output.
  const t = x.map((value) => (value < 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY));
  const { gradients } = await program.gradients({
    x: [samplesOn(engine, [count, 1], rows)],
    y: [samplesOn(engine, [count, 1, 1], t)],
    seed: 1,
  });
  program.dispose();
  return { y, slopes: gradients[0].map((gradient, i) => gradient * count * (x[i] < 0 ? -1 : 1)) };
}

describe.each(NAMED_ENGINES)('the %s engine', (engineName, engine) => {
  test.each(CURVES)('$kind $numbers', async ({ kind, numbers, value, slope, error = {} }) => {
    const x = Float32Array.from(SPECIAL_VALUES);
    const { y, slopes } = await differentiate(engine, kind, numbers, x);
    // The native engine flushes denormals to zero.
    const seen = engineName === 'native' ? x.map(toFloat32) : x;
    const what = (i: number) => `${kind}(${x[i]})`;
    expectSame(y, Array.from(seen, value), { absolute: error.value, what });
    const numbersOnly = (values: Float32Array) => values.filter((_, i) => !Number.isNaN(x[i]));
    expectSame(numbersOnly(slopes), Array.from(numbersOnly(seen), slope), {
      absolute: error.slope,
      relative: 2e-6,
      what: (i) => `the slope of ${kind}(${numbersOnly(x)[i]})`,
    });
  });
});

test('the native engine gives no denormal numbers', async () => {
  for (const { kind, numbers } of CURVES) {
    const { y, slopes } = await differentiate(
      nativeEngine(),
      kind,
      numbers,
      Float32Array.from(SPECIAL_VALUES),
    );
    for (const value of [...y, ...slopes]) expect(toFloat32(value)).toBe(value === 0 ? 0 : value);
  }
});

const { NaN: NAN, POSITIVE_INFINITY: INF } = Number;

/** The loss of one row, and its gradient by the outputs. */
async function lossOf(
  engine: Engine,
  loss: LossDescription,
  p: readonly number[],
  t: readonly number[] | number,
): Promise<{ loss: number; gradient: number[] }> {
  const classes = typeof t === 'number';
  const description: ProgramDescription = chain([1], [embedding(1, p.length)], {
    ...training(loss.kind),
    outputs: [{ loss, metrics: [] }],
  });
  const program = engine.createProgram(description);
  program.writeWeights([Float32Array.from(p)]);
  const { gradients, totals } = await program.gradients({
    x: [samplesOn(engine, [1, 1], new Float32Array(1))],
    y: [
      classes
        ? samplesOn(engine, [1, 1], Int32Array.of(t))
        : samplesOn(engine, [1, 1, p.length], Float32Array.from(t)),
    ],
    seed: 1,
  });
  program.dispose();
  return { loss: totals.loss, gradient: [...gradients[0]] };
}

const LOGITS = { fromLogits: true } as const;

describe.each(NAMED_ENGINES)('losses of the %s engine', (_, engine) => {
  test.each<[LossDescription, number[], number[] | number, number, number[]]>([
    // An impossible class that isn't the row's.
    [{ kind: 'categoricalCrossentropy', ...LOGITS }, [0, -INF, 0], [1, 0, 0], Math.LN2, [-0.5, 0, 0.5]],
    [{ kind: 'sparseCategoricalCrossentropy', ...LOGITS }, [0, -INF, 0], 0, Math.LN2, [-0.5, 0, 0.5]],
    [{ kind: 'categoricalCrossentropy', ...LOGITS }, [0, -INF, 0], [0, 1, 0], INF, [0.5, -1, 0.5]],
    [{ kind: 'categoricalCrossentropy', ...LOGITS }, [3e38, -3e38], [1, 0], 0, [0, 0]],
    [{ kind: 'binaryCrossentropy', ...LOGITS }, [INF, -INF], [1, 0], 0, [0, 0]],
    [{ kind: 'binaryCrossentropy', ...LOGITS }, [-INF, 1], [1, 1], INF, [-0.5, -0.13447]],
    [{ kind: 'binaryCrossentropy', ...LOGITS }, [-200, 200], [1, 0], 200, [-0.5, 0.5]],
    [{ kind: 'binaryFocalCrossentropy', ...LOGITS }, [INF, -INF], [1, 0], 0, [0, 0]],
    [{ kind: 'binaryFocalCrossentropy', ...LOGITS }, [-INF], [1], INF, [-1]],
    [{ kind: 'meanSquaredLogarithmicError' }, [INF], [1], INF, [0]],
    [{ kind: 'huber' }, [INF, -3e38], [1, 1], INF, [0.5, -0.5]],
    [{ kind: 'logCosh' }, [-INF, 1000], [0, 0], INF, [-0.5, 0.5]],
    [{ kind: 'logCosh' }, [1000, 0], [0, 0], (1000 - Math.LN2) / 2, [0.5, 0]],
    [{ kind: 'poisson' }, [INF, 1], [1, 1], INF, [0.5, 0]],
    [{ kind: 'hinge' }, [-INF, 3], [1, 1], INF, [-0.5, 0]],
    [{ kind: 'categoricalHinge' }, [INF, 1], [1, 0], 0, [0, 0]],
    [{ kind: 'cosineSimilarity' }, [3e38, 0], [1, 1], -Math.SQRT1_2, [0, 0]],
  ])('%o of %j for %j', async (loss, p, t, value, gradient) => {
    const result = await lossOf(engine, loss, p, t);
    expectSame([result.loss], [value], { absolute: 1e-6, what: () => 'the loss' });
    expectSame(result.gradient, gradient, { absolute: 1e-5, what: (i) => `gradient ${i}` });
  });

  test.each<[LossDescription, number[] | number]>([
    [{ kind: 'categoricalCrossentropy' }, [0, 1, 0]],
    [{ kind: 'categoricalCrossentropy' }, [0, 0, 0]],
    [{ kind: 'categoricalCrossentropy', ...LOGITS }, [0, 1, 0]],
    [{ kind: 'categoricalCrossentropy', ...LOGITS }, [0, 0, 0]],
    [{ kind: 'sparseCategoricalCrossentropy' }, 1],
    [{ kind: 'sparseCategoricalCrossentropy', ...LOGITS }, 1],
    [{ kind: 'categoricalFocalCrossentropy' }, [0, 1, 0]],
    [{ kind: 'categoricalFocalCrossentropy', ...LOGITS }, [0, 1, 0]],
    [{ kind: 'binaryCrossentropy' }, [0, 1, 0]],
    [{ kind: 'binaryCrossentropy', ...LOGITS }, [0, 1, 0]],
    [{ kind: 'binaryFocalCrossentropy' }, [0, 1, 0]],
    [{ kind: 'binaryFocalCrossentropy', ...LOGITS }, [0, 1, 0]],
    ...(
      [
        'meanSquaredError',
        'halfSquaredError',
        'meanAbsoluteError',
        'meanAbsolutePercentageError',
        'meanSquaredLogarithmicError',
        'huber',
        'logCosh',
        'hinge',
        'squaredHinge',
        'categoricalHinge',
        'klDivergence',
        'poisson',
        'cosineSimilarity',
      ] as const
    ).map((kind): [LossDescription, number[]] => [{ kind }, [0, 1, 0]]),
  ])('%o for %j propagates a NaN in any prediction or target', async (loss, t) => {
    for (let place = 0; place < 3; place++) {
      const p = [0.2, 0.5, 0.3];
      p[place] = NAN;
      expect((await lossOf(engine, loss, p, t)).loss, `NaN in place ${place}`).toBeNaN();
      if (typeof t === 'number') continue;
      const target = [...t];
      target[place] = NAN;
      expect((await lossOf(engine, loss, [0.2, 0.5, 0.3], target)).loss, `target ${place}`).toBeNaN();
    }
  });

  test('the logarithm of a negative prediction is NaN', async () => {
    expect((await lossOf(engine, { kind: 'poisson' }, [-1], [1])).loss).toBeNaN();
  });
});
