import type { Draw } from './draw.js';
import { Made, type Options } from './spec.js';

/** The activations that both packages have and can save, except softmax and logSoftmax. */
export const ACTIVATIONS = [
  'linear',
  'relu',
  'relu6',
  'elu',
  'selu',
  'gelu',
  'gelu_new',
  'swish',
  'mish',
  'sigmoid',
  'hardSigmoid',
  'tanh',
  'softplus',
  'softsign',
  'softmax',
  'logSoftmax',
] as const;

/** Activations that make many values equal. */
export const FLAT_ACTIVATIONS: ReadonlySet<unknown> = new Set(['relu', 'relu6', 'hardSigmoid']);

/** Activations that normalize by a sum, so that a single element is constant. */
export const SHARES: ReadonlySet<unknown> = new Set(['softmax', 'logSoftmax']);

const UNITED: readonly [name: string, config: (draw: Draw) => Options][] = [
  ['zeros', () => ({})],
  ['ones', () => ({})],
  ['constant', (draw) => ({ value: draw.number(-0.5, 0.5) })],
  ['randomUniform', (draw) => ({ minval: -0.2, maxval: draw.number(0, 0.5), seed: draw.whole(1, 99) })],
  ['randomNormal', (draw) => ({ mean: draw.number(-0.1, 0.1), stddev: 0.3, seed: draw.whole(1, 99) })],
  ['truncatedNormal', (draw) => ({ mean: 0, stddev: draw.number(0.1, 0.5), seed: draw.whole(1, 99) })],
  [
    'varianceScaling',
    (draw) => ({
      scale: draw.number(0.5, 2),
      mode: draw.pick(['fanIn', 'fanOut', 'fanAvg']),
      distribution: draw.pick(['normal', 'uniform', 'truncatedNormal']),
    }),
  ],
  ...['glorotUniform', 'glorotNormal', 'heNormal', 'heUniform', 'leCunNormal', 'leCunUniform'].map(
    (name): [string, (draw: Draw) => Options] => [
      name,
      (draw) => draw.maybe(0.5, () => ({ seed: draw.whole(1, 99) })),
    ],
  ),
];

/** Initializers that TF.js has for matrices only, one of them for square ones. */
const OF_MATRICES: typeof UNITED = [
  ['orthogonal', (draw) => ({ gain: draw.number(0.5, 1.5), seed: draw.whole(1, 99) })],
  ['identity', (draw) => ({ gain: draw.number(0.5, 1.5) })],
];

function initializer(draw: Draw, shape: readonly number[]): Made | string {
  const isSquare = shape.length === 2 && shape[0] === shape[1];
  const matrices = shape.length === 2 ? OF_MATRICES.slice(isSquare ? 1 : 0, isSquare ? 2 : 1) : [];
  const [name, config] =
    matrices.length > 0 && draw.chance(isSquare ? 0.9 : 0.4) ? draw.pick(matrices) : draw.pick(UNITED);
  if (draw.chance(0.3) && (name.startsWith('glorot') || name === 'zeros')) return name;
  return new Made('initializers', name, config(draw));
}

function regularizer(draw: Draw): Made | string {
  if (draw.chance(0.1)) return 'l1l2';
  const name = draw.pick(['l1', 'l2', 'l1l2']);
  const factor = () => draw.number(0.001, 0.1);
  const config = { l1: { l1: factor() }, l2: { l2: factor() }, l1l2: { l1: factor(), l2: factor() } }[name];
  return new Made('regularizers', name, config as Options);
}

/** Idempotent constraints: TF.js applies a constraint when it loads a weight. */
function constraint(draw: Draw, rank: number, isRegularized: boolean): Made {
  const axis = draw.pick([0, Array.from({ length: Math.max(1, rank - 1) }, (_, i) => i)]);
  return draw.pick([
    // In TF.js the gradient of |w| at 0 is -1.
    ...(isRegularized ? [] : [new Made('constraints', 'nonNeg', {})]),
    new Made('constraints', 'unitNorm', { axis }),
    new Made('constraints', 'maxNorm', { maxValue: draw.number(0.5, 2), axis }),
    new Made('constraints', 'minMaxNorm', {
      minValue: draw.number(0.2, 0.5),
      maxValue: draw.number(0.8, 2),
      rate: 1,
      axis,
    }),
  ]);
}

/**
 * Options named after a weight, such as `kernelInitializer`. `parts` are those that the layer has.
 */
export function weightOptions(
  draw: Draw,
  weight: string,
  shape: readonly number[],
  parts: readonly ('initializer' | 'regularizer' | 'constraint')[] = [
    'initializer',
    'regularizer',
    'constraint',
  ],
): Options {
  const has = (part: (typeof parts)[number], probability: number) =>
    parts.includes(part) && draw.chance(probability);
  const isRegularized = has('regularizer', 0.15);
  return {
    ...(has('initializer', 0.5) && { [`${weight}Initializer`]: initializer(draw, shape) }),
    ...(isRegularized && { [`${weight}Regularizer`]: regularizer(draw) }),
    ...(has('constraint', 0.1) && {
      [`${weight}Constraint`]: constraint(draw, shape.length, isRegularized),
    }),
  };
}

/** Whether training changes the weights. TF.js applies constraints to frozen ones, too. */
export function freeze(draw: Draw, options: Options): Options {
  if (!draw.chance(0.1)) return options;
  const kept = Object.entries(options).filter(([name]) => !name.endsWith('Constraint'));
  return { ...Object.fromEntries(kept), trainable: false };
}
