import type { Draw } from './draw.js';
import type { OptimizerSpec, TargetKind } from './spec.js';

interface LossRow {
  loss: string;
  targets: TargetKind;
  /** Activations of the output layer. */
  activations: readonly string[];
  /** Metrics that suit the targets. */
  metrics: readonly string[];
}

const REAL = ['mse', 'MSE', 'mae', 'MAE', 'cosine'];
const ROWS = ['categoricalAccuracy', 'categoricalCrossentropy'];
const ANY = ['linear', 'tanh', 'sigmoid', 'softsign'];
const ABOVE_0 = ['softplus', 'sigmoid', 'softmax'];

/** The losses that both packages have by name. */
export const LOSSES: readonly LossRow[] = [
  { loss: 'meanSquaredError', targets: 'real', activations: ANY, metrics: REAL },
  { loss: 'meanAbsoluteError', targets: 'real', activations: ANY, metrics: REAL },
  {
    loss: 'meanAbsolutePercentageError',
    targets: 'aboveZero',
    activations: ANY,
    metrics: [...REAL, 'mape', 'MAPE'],
  },
  { loss: 'meanSquaredLogarithmicError', targets: 'positive', activations: ABOVE_0, metrics: REAL },
  { loss: 'squaredHinge', targets: 'signs', activations: ANY, metrics: [...REAL, 'mape', 'MAPE'] },
  { loss: 'hinge', targets: 'signs', activations: ANY, metrics: REAL },
  {
    loss: 'categoricalHinge',
    targets: 'oneHot',
    activations: ANY,
    metrics: ['categoricalAccuracy', ...REAL],
  },
  { loss: 'logcosh', targets: 'real', activations: ANY, metrics: REAL },
  {
    loss: 'categoricalCrossentropy',
    targets: 'oneHot',
    activations: ['softmax'],
    metrics: ['accuracy', 'acc', 'crossentropy', 'ce', ...ROWS, ...REAL],
  },
  {
    loss: 'sparseCategoricalCrossentropy',
    targets: 'classes',
    activations: ['softmax'],
    metrics: ['accuracy', 'acc', 'crossentropy', 'ce', 'sparseCategoricalCrossentropy'],
  },
  {
    loss: 'binaryCrossentropy',
    targets: 'binary',
    activations: ['sigmoid'],
    metrics: ['accuracy', 'acc', 'crossentropy', 'ce', 'binaryAccuracy', ...REAL],
  },
  {
    loss: 'kullbackLeiblerDivergence',
    targets: 'distribution',
    activations: ['softmax', 'sigmoid'],
    metrics: [...REAL, 'mape', 'MAPE'],
  },
  { loss: 'poisson', targets: 'positive', activations: ABOVE_0, metrics: REAL },
  { loss: 'cosineProximity', targets: 'real', activations: ANY, metrics: REAL },
];

/** Losses whose gradients by an output have few distinct values. */
export const STEPPED: ReadonlySet<string> = new Set(['meanAbsoluteError', 'hinge', 'categoricalHinge']);

/** Metrics that would have the same key in the logs. */
const ALIKE: readonly ReadonlySet<string>[] = [
  ['accuracy', 'acc'],
  ['crossentropy', 'ce'],
  ['mse', 'MSE'],
  ['mae', 'MAE'],
  ['mape', 'MAPE'],
].map((names) => new Set(names));

export function drawMetrics(draw: Draw, rows: readonly LossRow[]): string[] {
  const common = rows[0].metrics.filter((metric) => rows.every(({ metrics }) => metrics.includes(metric)));
  const chosen: string[] = [];
  for (let left = draw.whole(0, 3); left > 0 && common.length > 0; left--) {
    const metric = draw.pick(common);
    const isThere = chosen.some(
      (other) => other === metric || ALIKE.some((set) => set.has(metric) && set.has(other)),
    );
    if (!isThere) chosen.push(metric);
  }
  return chosen;
}

type DrawOptimizer = (draw: Draw, rate: number, epsilon: number | null) => OptimizerSpec;

const beta = (draw: Draw) => draw.number(0.9, 0.999);

/** Optimizers whose steps don't depend on the size of gradients, except through epsilon. */
const NORMALIZED: readonly DrawOptimizer[] = [
  (draw, rate, epsilon) => ({ make: 'adam', args: [rate, 0.9, beta(draw), epsilon] }),
  (draw, rate, epsilon) => ({ make: 'adamax', args: [rate, 0.9, beta(draw), epsilon] }),
  (draw, rate, epsilon) => ({ make: 'adamax', args: [rate, 0.9, 0.999, epsilon, draw.number(0.1, 1)] }),
  (draw, rate, epsilon) => {
    const momentum = draw.pick([0, 0.9]);
    return { make: 'rmsprop', args: [rate, draw.number(0.5, 0.99), momentum, epsilon, draw.chance(0.4)] };
  },
  (draw, rate, epsilon) => ({ make: 'adadelta', args: [rate, draw.number(0.8, 0.99), epsilon] }),
];

const PLAIN: readonly DrawOptimizer[] = [
  (_draw, rate) => ({ make: 'sgd', args: [rate] }),
  (draw, rate) => ({ make: 'momentum', args: [rate, draw.number(0, 0.95), draw.chance(0.5)] }),
  (draw, rate) => ({ make: 'adagrad', args: [rate, draw.number(0.01, 0.3)] }),
  () => ({ make: 'sgd' }),
];

/** Optimizers that may be given by name. The others have other default rates in TF.js than in Keras. */
const BY_NAME: readonly DrawOptimizer[] = ['adam', 'rmsprop'].map((make) => () => ({ make }));

export interface OptimizerNeeds {
  /** Whether Adamax can't be used. */
  exceptAdamax: boolean;
  /** Whether gradients may consist of rounding errors, which a small epsilon turns into steps. */
  hasNoise: boolean;
}

export function drawOptimizer(draw: Draw, { exceptAdamax, hasNoise }: OptimizerNeeds): OptimizerSpec {
  const choices = [...PLAIN, ...NORMALIZED, ...(hasNoise ? [] : BY_NAME)];
  for (;;) {
    const epsilon = hasNoise ? draw.number(0.001, 0.01) : draw.pick([null, 1e-7, 1e-5, 1e-3]);
    const optimizer = draw.pick(choices)(draw, draw.number(0.001, 0.02), epsilon);
    if (!exceptAdamax || optimizer.make !== 'adamax') return optimizer;
  }
}
