import { clip, EPSILON, type LossNumbers, type RowLoss } from './row-loss.js';

/** The loss of an element, and its derivative by the prediction. */
type ElementLoss = (p: number, t: number, numbers: LossNumbers) => [value: number, slope: number];

const squared: ElementLoss = (p, t) => [(p - t) ** 2, 2 * (p - t)];
const halfSquared: ElementLoss = (p, t) => [(p - t) ** 2 / 2, p - t];
const absolute: ElementLoss = (p, t) => [Math.abs(p - t), Math.sign(p - t)];

const percentage: ElementLoss = (p, t) => {
  const size = Math.max(Math.abs(t), EPSILON);
  return [(100 * Math.abs(p - t)) / size, (100 * Math.sign(p - t)) / size];
};

const squaredLogarithmic: ElementLoss = (p, t) => {
  const above = Math.max(p, EPSILON) + 1;
  const difference = Math.log(above) - Math.log(Math.max(t, EPSILON) + 1);
  return [difference ** 2, p < EPSILON || above === Number.POSITIVE_INFINITY ? 0 : (2 * difference) / above];
};

const huber: ElementLoss = (p, t, { delta }) => {
  const d = p - t;
  const value = Math.abs(d) <= delta ? d ** 2 / 2 : delta * Math.abs(d) - delta ** 2 / 2;
  return [value, clip(d, -delta, delta)];
};

const logCosh: ElementLoss = (p, t) => {
  const d = Math.abs(p - t);
  // log(cosh(d)) without overflow of cosh for large d.
  return [d + Math.log1p(Math.exp(-2 * d)) - Math.LN2, Math.tanh(p - t)];
};

function margin(p: number, t: number): [value: number, slope: number] {
  const side = t === 0 ? -1 : t;
  const value = 1 - side * p;
  return [Math.max(value, 0), value > 0 ? -side : 0];
}

const squaredHinge: ElementLoss = (p, t) => {
  const [value, slope] = margin(p, t);
  return [value ** 2, 2 * value * slope];
};

/** Limits the logarithm, so that p - t log(p) is Infinity for p = Infinity, not NaN. */
const poisson: ElementLoss = (p, t) => [
  p - t * Math.log(Math.min(p + EPSILON, Number.MAX_VALUE)),
  1 - t / (p + EPSILON),
];

const divergence: ElementLoss = (p, t) => {
  const target = clip(t, EPSILON, 1);
  const q = clip(p, EPSILON, 1);
  return [target * Math.log(target / q), q === p ? -target / q : 0];
};

const binary: ElementLoss = (p, t) => {
  const q = clip(p, EPSILON, 1 - EPSILON);
  const value = -t * Math.log(q) - (1 - t) * Math.log(1 - q);
  return [value, q === p ? (q - t) / (q * (1 - q)) : 0];
};

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

const binaryOfLogits: ElementLoss = (x, t) => {
  const weight = x > 0 ? 1 - t : t;
  // For infinite logits: 0 if the target agrees, otherwise Infinity.
  const linear = weight === 0 && Math.abs(x) === Number.POSITIVE_INFINITY ? 0 : Math.abs(x) * weight;
  return [linear + Math.log1p(Math.exp(-Math.abs(x))), sigmoid(x) - t];
};

/** The factor w (1 - q)^gamma of the focal loss and its derivative by p. `rest` is 1 - p. */
const focus = (p: number, rest: number, t: number, { gamma, alpha }: LossNumbers): [number, number] => {
  const weight = alpha === undefined ? 1 : t * alpha + (1 - t) * (1 - alpha);
  const wrong = t * rest + (1 - t) * p;
  const slope = gamma === 0 ? 0 : gamma * wrong ** (gamma - 1) * (1 - 2 * t);
  return [weight * wrong ** gamma, weight * slope];
};

const focal: ElementLoss = (p, t, numbers) => {
  const [value, slope] = binary(p, t, numbers);
  const [factor, factorSlope] = focus(p, 1 - p, t, numbers);
  return [factor * value, factorSlope * value + factor * slope];
};

const focalOfLogits: ElementLoss = (x, t, numbers) => {
  const [value, slope] = binaryOfLogits(x, t, numbers);
  const [p, rest] = [sigmoid(x), sigmoid(-x)];
  const [factor, factorSlope] = focus(p, rest, t, numbers);
  // If the value is infinite, p or rest is 0, and so must the product be.
  return [factor * value, factorSlope * p * rest * Math.min(value, Number.MAX_VALUE) + factor * slope];
};

/** A row loss that sums or averages an elementwise loss: `loss`, or `ofLogits` for logits. */
function overElements(
  loss: ElementLoss,
  reduction: 'mean' | 'sum',
  ofLogits: ElementLoss = loss,
): Pick<RowLoss, 'targets' | 'compute'> {
  return {
    targets: 'values',
    compute({ p, t, logits, numbers, gradient }) {
      const scale = reduction === 'mean' ? 1 / p.length : 1;
      let sum = 0;
      for (let i = 0; i < p.length; i++) {
        const [value, slope] = (logits ? ofLogits : loss)(p[i], t[i], numbers);
        sum += value;
        gradient[i] = scale * slope;
      }
      return scale * sum;
    },
  };
}

export const ELEMENT_LOSSES = {
  binaryCrossentropy: { ...overElements(binary, 'mean', binaryOfLogits), logitsOf: 'sigmoid' },
  binaryFocalCrossentropy: { ...overElements(focal, 'mean', focalOfLogits), logitsOf: 'sigmoid' },
  meanSquaredError: overElements(squared, 'mean'),
  halfSquaredError: { ...overElements(halfSquared, 'sum'), sumsRows: true },
  meanAbsoluteError: overElements(absolute, 'mean'),
  meanAbsolutePercentageError: overElements(percentage, 'mean'),
  meanSquaredLogarithmicError: overElements(squaredLogarithmic, 'mean'),
  huber: overElements(huber, 'mean'),
  logCosh: overElements(logCosh, 'mean'),
  hinge: overElements(margin, 'mean'),
  squaredHinge: overElements(squaredHinge, 'mean'),
  klDivergence: overElements(divergence, 'sum'),
  poisson: overElements(poisson, 'mean'),
} as const satisfies Record<string, RowLoss>;
