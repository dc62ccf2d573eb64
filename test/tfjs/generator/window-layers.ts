import type { Draw } from './draw.js';
import { type LayerRow, windowOf } from './layer-row.js';
import { type Limit, Made, type Options } from './spec.js';
import { ACTIVATIONS, FLAT_ACTIVATIONS, freeze, SHARES, weightOptions } from './weight-options.js';

/** Activation, bias and weight options. */
export function commonOptions(draw: Draw, channels: number): Options {
  return {
    ...draw.maybe(0.6, () => ({ activation: draw.pick(ACTIVATIONS) })),
    ...draw.maybe(0.3, () => ({ useBias: draw.chance(0.5) })),
    ...weightOptions(draw, 'bias', [channels]),
  };
}

/** Properties of a layer with these options and channels. */
export function consequences(options: Options, channels: number): { limits: Limit[]; makesTies: boolean } {
  const { activation } = options;
  const isConstant = channels === 1 && SHARES.has(activation);
  // A filter of zeros gives its bias in every cell.
  const mayBeZero = Object.values(options).some((each) => each instanceof Made && each.name === 'nonNeg');
  return {
    limits: [
      ...(activation === 'hardSigmoid' ? (['formulas'] as const) : []),
      ...(activation === 'gelu_new' ? (['geluNew'] as const) : []),
    ],
    makesTies: FLAT_ACTIVATIONS.has(activation) || isConstant || mayBeZero,
  };
}

/** Strides or dilation, a padding, and a window that fits. */
function windows(draw: Draw, sizes: readonly number[], { dilates = true, square = false } = {}) {
  const padding = draw.pick(['valid', 'same']);
  const kernelSize = sizes.map((size) => windowOf(draw, padding === 'same' ? 3 : size));
  const dilationRate = sizes.map((size, i) => {
    const fits = padding === 'same' || 2 * (kernelSize[i] - 1) + 1 <= size;
    return kernelSize[i] > 1 && fits ? draw.whole(1, 2) : 1;
  });
  if (dilates && draw.chance(0.1) && dilationRate.some((rate) => rate > 1))
    return { padding, kernelSize, dilationRate };
  const stride = draw.whole(1, 2);
  const strides = sizes.map(() => (square ? stride : draw.whole(1, 2)));
  return { padding, kernelSize, strides };
}

/** Sometimes replaces a list of equal numbers by one number. */
function shorten(draw: Draw, options: Options): Options {
  const entries = Object.entries(options).map(([key, value]) => {
    if (!Array.isArray(value) || value.some((each) => each !== value[0]) || draw.chance(0.5))
      return [key, value];
    return [key, value[0]];
  });
  return Object.fromEntries(entries);
}

const isWider = (strides: readonly number[] | undefined, sizes: readonly number[]) =>
  strides?.some((stride, axis) => stride > sizes[axis]) ?? false;

const dilationLimit = (options: Options): Limit[] => ('dilationRate' in options ? ['dilation'] : []);

const convolution = (make: string, rank: number): LayerRow => ({
  names: [make],
  ranks: [rank],
  draw: (draw, { shape }) => {
    const filters = draw.whole(1, 4);
    const channels = shape[rank - 1];
    const window = windows(draw, shape.slice(0, -1), { dilates: make !== 'conv2dTranspose' });
    const sides = make === 'conv2dTranspose' ? [filters, channels] : [channels, filters];
    const options = freeze(draw, {
      filters,
      ...shorten(draw, window),
      ...weightOptions(draw, 'kernel', [...window.kernelSize, ...sides]),
      ...commonOptions(draw, filters),
    });
    const { limits, makesTies } = consequences(options, filters);
    // Cells that no window of a transposed convolution reaches have the bias's value.
    const hasGaps = make === 'conv2dTranspose' && isWider(window.strides, window.kernelSize);
    return {
      options,
      limits: [...limits, ...dilationLimit(options)],
      makesTies: makesTies || hasGaps,
    };
  },
});

const depthwise: LayerRow = {
  names: ['depthwiseConv2d'],
  ranks: [3],
  draw: (draw, { shape }) => {
    const window = windows(draw, shape.slice(0, -1), { dilates: false });
    const depthMultiplier = draw.whole(1, 2);
    const options = freeze(draw, {
      ...shorten(draw, window),
      ...draw.maybe(0.6, () => ({ depthMultiplier })),
      // TF.js saves the regularizer under the constraint's key, and omits the constraint.
      ...weightOptions(
        draw,
        'depthwise',
        [...window.kernelSize, shape[2], depthMultiplier],
        ['initializer', 'regularizer'],
      ),
      ...commonOptions(draw, shape[2] * depthMultiplier),
    });
    return { options, ...consequences(options, shape[2] * depthMultiplier) };
  },
};

const separable: LayerRow = {
  names: ['separableConv2d'],
  ranks: [3],
  draw: (draw, { shape }) => {
    const window = windows(draw, shape.slice(0, -1), { square: true });
    const depthMultiplier = draw.whole(1, 2);
    const filters = draw.whole(1, 3);
    const options = freeze(draw, {
      filters,
      ...shorten(draw, window),
      ...draw.maybe(0.6, () => ({ depthMultiplier })),
      ...weightOptions(
        draw,
        'depthwise',
        [...window.kernelSize, shape[2], depthMultiplier],
        ['initializer', 'regularizer'],
      ),
      ...weightOptions(draw, 'pointwise', [1, 1, shape[2] * depthMultiplier, filters]),
      ...commonOptions(draw, filters),
    });
    const { limits, makesTies } = consequences(options, filters);
    if (depthMultiplier === 2 && 'depthMultiplier' in options) limits.push('depthMultiplier');
    return { options, limits: [...limits, ...dilationLimit(options)], makesTies };
  },
};

const pooling = (names: readonly string[], rank: number): LayerRow => ({
  names,
  ranks: [rank],
  draw: (draw, { shape }) => {
    const {
      padding,
      kernelSize: poolSize,
      strides = 1,
    } = windows(draw, shape.slice(0, -1), { dilates: false });
    const options = {
      ...draw.maybe(0.9, () => shorten(draw, { poolSize })),
      ...draw.maybe(0.7, () => shorten(draw, { strides })),
      padding,
    };
    const fits = shape.slice(0, -1).every((size) => size > 1);
    if (!('poolSize' in options) && padding === 'valid' && !fits) return undefined;
    const isAverage = names[0].startsWith('average');
    return { options, limits: isAverage && padding === 'same' ? ['paddedAverage'] : [] };
  },
});

const global = (names: readonly string[], rank: number): LayerRow => ({
  names,
  ranks: [rank],
  draw: (_draw, { shape, hasTies }) => {
    const places = shape.slice(0, -1).reduce((product, size) => product * size, 1);
    return names[0].includes('Max') && hasTies && places > 1 ? undefined : { options: {} };
  },
});

/** Layers with windows. */
export const WINDOW_LAYERS: readonly LayerRow[] = [
  convolution('conv1d', 2),
  convolution('conv2d', 3),
  convolution('conv2dTranspose', 3),
  depthwise,
  separable,
  pooling(['averagePooling1d', 'avgPool1d', 'avgPooling1d'], 2),
  pooling(['averagePooling2d', 'avgPool2d', 'avgPooling2d'], 3),
  pooling(['maxPooling1d', 'maxPool1d'], 2),
  pooling(['maxPooling2d', 'maxPool2d'], 3),
  global(['globalAveragePooling1d'], 2),
  global(['globalAveragePooling2d'], 3),
  global(['globalMaxPooling1d', 'globalMaxPool1d'], 2),
  global(['globalMaxPooling2d', 'globalMaxPool2d'], 3),
];
