import { sizeOf } from '../../support/numeric.js';
import type { Draw } from './draw.js';
import type { LayerRow } from './layer-row.js';
import { type Limit, Made, type Options } from './spec.js';
import { ACTIVATIONS, freeze, weightOptions } from './weight-options.js';
import { commonOptions, consequences } from './window-layers.js';

const ALL = [1, 2, 3] as const;

/** A layer whose options don't depend on its input. */
function simple(
  make: string,
  ranks: readonly number[],
  options: (draw: Draw) => Options,
  makesTies = false,
): LayerRow {
  return { names: [make], ranks, draw: (draw) => ({ options: options(draw), makesTies }) };
}

/** A layer that draws random numbers, unless its rate is 0. */
function random(make: string, ranks: readonly number[], option: string): LayerRow {
  return {
    names: [make],
    ranks,
    draw: (draw) => {
      const rate = draw.chance(0.85) ? 0 : draw.number(0.1, 0.6);
      return { options: { [option]: rate }, limits: rate > 0 ? ['random'] : [] };
    },
  };
}

const dense: LayerRow = {
  names: ['dense'],
  ranks: ALL,
  draw: (draw, { shape }) => {
    const units = draw.whole(1, 6);
    const kernel = weightOptions(draw, 'kernel', [shape[shape.length - 1], units]);
    const options = freeze(draw, { units, ...kernel, ...commonOptions(draw, units) });
    return { options, ...consequences(options, units) };
  },
};

const activation: LayerRow = {
  names: ['activation'],
  ranks: ALL,
  draw: (draw, { shape }) => {
    const options = { activation: draw.pick(ACTIVATIONS) };
    return { options, ...consequences(options, shape[shape.length - 1]) };
  },
};

const prelu: LayerRow = {
  names: ['prelu'],
  ranks: ALL,
  draw: (draw, { shape }) => {
    const axes = shape.slice(1).map((_, i) => i + 1);
    return {
      options: {
        ...draw.maybe(axes.length > 0 ? 0.5 : 0, () => ({ sharedAxes: axes })),
        ...weightOptions(draw, 'alpha', shape, ['regularizer']),
      },
    };
  },
};

const batchNormalization: LayerRow = {
  names: ['batchNormalization'],
  ranks: ALL,
  draw: (draw, { shape }) => {
    const options = freeze(draw, {
      ...draw.maybe(0.3, () => ({ axis: draw.pick([-1, shape.length]) })),
      ...draw.maybe(0.5, () => ({ momentum: draw.number(0.5, 0.99) })),
      ...draw.maybe(0.5, () => ({ epsilon: draw.number(0.001, 0.1) })),
      ...draw.maybe(0.1, () => ({ center: false })),
      ...draw.maybe(0.1, () => ({ scale: false })),
      ...weightOptions(draw, 'gamma', shape.slice(-1)),
      ...weightOptions(draw, 'beta', shape.slice(-1)),
    });
    const limits: Limit[] = 'trainable' in options ? ['frozenNormalization'] : [];
    if ('center' in options || 'scale' in options) limits.push('unscaled');
    return { options, limits };
  },
};

const layerNormalization: LayerRow = {
  names: ['layerNormalization'],
  ranks: ALL,
  draw: (draw, { shape }) => {
    const axes = draw.whole(1, shape.length);
    const last = shape.map((_, i) => i + 1).slice(-axes);
    const options = {
      ...(axes > 1 || draw.chance(0.3) ? { axis: last.length === 1 ? -1 : last } : {}),
      ...draw.maybe(0.5, () => ({ epsilon: draw.number(0.001, 0.1) })),
      ...draw.maybe(0.1, () => ({ center: draw.chance(0.5) })),
      ...draw.maybe(0.1, () => ({ scale: draw.chance(0.5) })),
      ...weightOptions(draw, 'gamma', shape.slice(-axes), ['initializer', 'regularizer']),
      ...weightOptions(draw, 'beta', shape.slice(-axes), ['initializer', 'regularizer']),
    };
    const lacks = Object.values(options).includes(false);
    // A single element is normalized to 0.
    const makesTies = sizeOf(shape.slice(-axes)) === 1;
    return { options, limits: lacks ? ['unscaled'] : [], makesTies };
  },
};

const reshape: LayerRow = {
  names: ['reshape'],
  ranks: ALL,
  draw: (draw, { shape }) => {
    const size = sizeOf(shape);
    const factors = (of: number) => Array.from({ length: of }, (_, i) => i + 1).filter((i) => of % i === 0);
    const rank = draw.whole(1, 3);
    const targetShape: number[] = [];
    for (let left = size; targetShape.length < rank; ) {
      const factor = targetShape.length === rank - 1 ? left : draw.pick(factors(left));
      targetShape.push(factor);
      left /= factor;
    }
    // TF.js doesn't infer a size of -1.
    const inferred = targetShape.with(draw.whole(0, rank - 1), -1);
    return {
      options: { targetShape },
      ...draw.maybe(0.4, () => ({ optionsHere: { targetShape: inferred } })),
    };
  },
};

const permute: LayerRow = {
  names: ['permute'],
  ranks: [2, 3],
  draw: (draw, { shape }) => {
    const dims = shape.map((_, i) => i + 1);
    for (let i = dims.length - 1; i > 0; i--) {
      const j = draw.whole(0, i);
      [dims[i], dims[j]] = [dims[j], dims[i]];
    }
    return { options: { dims } };
  },
};

const cropping: LayerRow = {
  names: ['cropping2D'],
  ranks: [3],
  draw: (draw, { shape }) => {
    const edges = shape.slice(0, 2).map((size) => {
      const first = draw.whole(0, Math.min(2, size - 1));
      return [first, draw.whole(0, Math.min(2, size - 1 - first))];
    });
    return { options: { cropping: edges } };
  },
};

const upSampling: LayerRow = {
  names: ['upSampling2d'],
  ranks: [3],
  draw: (draw, { shape, isPlain }) => {
    const interpolation = draw.pick(['nearest', 'bilinear', undefined]);
    const limits: Limit[] = interpolation === 'bilinear' ? ['formulas'] : [];
    if (limits.length > 0 && shape[0] !== shape[1] && !isPlain) limits.push('bilinear');
    return {
      options: {
        ...draw.maybe(0.8, () => ({ size: [draw.whole(1, 2), draw.whole(1, 3)] })),
        ...(interpolation && { interpolation }),
      },
      limits,
      makesTies: true,
      // TF.js reads the gradients of all samples at the first sample's indices.
      takesOneSample: interpolation !== 'bilinear' && !isPlain,
    };
  },
};

const resizing: LayerRow = {
  names: ['resizing'],
  ranks: [3],
  draw: (draw, { shape, isPlain }) => {
    const interpolation = draw.pick(['nearest', 'bilinear', undefined]);
    const isNearest = interpolation === 'nearest';
    // TF.js never ends to compute this gradient from one row or column: its window is infinite.
    if (isNearest && !isPlain && (shape[0] === 1 || shape[1] === 1)) return undefined;
    const [height, width] = [draw.whole(1, 8), draw.whole(1, 8)];
    const limits: Limit[] = ['formulas'];
    const isSquare = shape[0] === shape[1] && height === width;
    if (!isNearest && !isSquare && !isPlain) limits.push('bilinear');
    return {
      options: {
        height,
        width,
        ...(interpolation && { interpolation }),
        ...draw.maybe(0.3, () => ({ cropToAspectRatio: draw.chance(0.5) })),
      },
      limits,
      makesTies: true,
      takesOneSample: isNearest && !isPlain,
    };
  },
};

/** Layers for timeDistributed: their outputs must not depend on other steps. */
const EACH_STEP: readonly LayerRow[] = [dense, activation, layerNormalization, reshape];

const timeDistributed: LayerRow = {
  names: ['timeDistributed'],
  ranks: [2, 3],
  draw: (draw, input) => {
    // TF.js can't stack the results of a single step.
    if (input.shape[0] === 1) return undefined;
    const row = draw.pick(EACH_STEP);
    const drawn = row.draw(draw, { ...input, shape: input.shape.slice(1) });
    const { targetShape } = drawn?.options ?? {};
    if (!drawn || (Array.isArray(targetShape) && targetShape.length > 2)) return undefined;
    const { optionsHere: _, options, ...others } = drawn;
    const { trainable, ...own } = options;
    const layer = new Made('layers', draw.pick(row.names), own);
    return { ...others, options: { layer, ...(trainable !== undefined && { trainable }) } };
  },
};

const thresholded: LayerRow = {
  names: ['thresholdedReLU'],
  ranks: ALL,
  draw: (draw, { isPlain }) => ({
    options: { theta: draw.number(0.1, 0.8) },
    limits: isPlain ? [] : ['threshold'],
    makesTies: true,
  }),
};

/** Layers without windows that take one input. */
export const OTHER_LAYERS: readonly LayerRow[] = [
  dense,
  activation,
  prelu,
  batchNormalization,
  layerNormalization,
  reshape,
  permute,
  cropping,
  upSampling,
  resizing,
  timeDistributed,
  simple('elu', ALL, () => ({})),
  simple('reLU', ALL, (draw) => draw.maybe(0.5, () => ({ maxValue: draw.number(0.5, 6) })), true),
  simple('leakyReLU', ALL, (draw) => draw.maybe(0.5, () => ({ alpha: draw.number(0, 0.5) }))),
  thresholded,
  {
    names: ['softmax'],
    ranks: ALL,
    draw: (draw, { shape }) => ({
      options: { axis: draw.pick([-1, shape.length]) },
      makesTies: shape[shape.length - 1] === 1,
    }),
  },
  simple('rescaling', ALL, (draw) => ({
    scale: draw.number(0.3, 2),
    ...draw.maybe(0.5, () => ({ offset: draw.number(-1, 1) })),
  })),
  simple('flatten', [2, 3], () => ({})),
  simple('repeatVector', [1], (draw) => ({ n: draw.whole(1, 4) }), true),
  simple(
    'zeroPadding2d',
    [3],
    (draw) => draw.maybe(0.8, () => ({ padding: [0, 1].map(() => [draw.whole(0, 2), draw.whole(0, 2)]) })),
    true,
  ),
  random('dropout', ALL, 'rate'),
  random('spatialDropout1d', [2], 'rate'),
  random('gaussianNoise', ALL, 'stddev'),
  random('gaussianDropout', ALL, 'rate'),
  random('alphaDropout', ALL, 'rate'),
];
