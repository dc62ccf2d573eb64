import type { RandomArguments, Values } from './random-arguments.js';

/** Arguments for a function that TF.js and convforge share. Values stand for tensors. */
export type Draw = (random: RandomArguments) => unknown[];

const one: Draw = (r) => [r.tensor()];
/** No sums and products of booleans: TF.js's have bytes other than 0 and 1. */
const numbers: Draw = (r) => {
  const [a, b] = r.pair();
  const first = r.tensor(a);
  return [first, r.tensor(b, first.dtype === 'bool' ? r.pick(['float32', 'int32']) : undefined)];
};
const oneNumber: Draw = (r) => [r.tensor(r.shape(), r.pick(['float32', 'int32']))];
const two: Draw = (r) => {
  const [a, b] = r.pair();
  return [r.tensor(a), r.tensor(b)];
};
const twoFloats: Draw = (r) => {
  const [a, b] = r.pair();
  return [r.tensor(a, 'float32'), r.tensor(b, 'float32')];
};
const twoBools: Draw = (r) => {
  const [a, b] = r.pair();
  return [r.tensor(a, 'bool'), r.tensor(b, 'bool')];
};
const float: Draw = (r) => [r.tensor(r.shape(), 'float32')];
const reduction: Draw = (r) => {
  const x = r.tensor();
  return [x, r.axes(x.shape.length), r.chance()];
};
const boolReduction: Draw = (r) => {
  const x = r.tensor(r.shape(), 'bool');
  return [x, r.axes(x.shape.length), r.chance()];
};
const best: Draw = (r) => {
  const x = r.tensor(r.shape(1));
  return [x, r.axis(x.shape.length)];
};
const sizesAndType: Draw = (r) => [r.shape(), r.pick([undefined, 'float32', 'int32', 'bool'])];

/**
 * Explicit padding only for square windows and strides: for others TF.js computes the columns with the rows'
 * size.
 */
const padding = (r: RandomArguments, ...sizes: unknown[]) =>
  r.pick(sizes.some(Array.isArray) ? ['valid', 'same'] : ['valid', 'same', 1]);

const pool: Draw = (r) => {
  const shape = [...(r.chance() ? [r.whole(1, 3)] : []), r.whole(3, 6), r.whole(3, 6), r.whole(1, 3)];
  const [size, strides] = [r.pick([2, 3, [2, 1]]), r.pick([1, 2, [2, 1]])];
  return [r.tensor(shape, 'float32'), size, strides, padding(r, size, strides)];
};

const convolution: Draw = (r) => {
  const channels = r.whole(1, 3);
  const x = r.tensor([...(r.chance() ? [2] : []), r.whole(5, 7), r.whole(5, 7), channels], 'float32');
  const height = r.whole(1, 3);
  const width = r.whole(1, 3);
  const filter = r.tensor([height, width, channels, r.whole(1, 4)], 'float32');
  const isDilated = r.chance();
  const strides = isDilated ? 1 : r.pick([1, 2, [1, 2]]);
  const dilations = isDilated ? r.pick([1, 2, [2, 1]]) : 1;
  const pad = padding(r, strides, dilations, height === width ? height : [height, width]);
  return [
    x,
    filter,
    strides,
    pad,
    'NHWC',
    dilations,
    typeof pad === 'number' ? r.pick([undefined, 'floor']) : undefined,
  ];
};

const resize: Draw = (r) => [
  r.tensor([...(r.chance() ? [2] : []), r.whole(1, 5), r.whole(1, 5), 2], r.pick(['float32', 'int32'])),
  [r.whole(1, 7), r.whole(1, 7)],
  ...r.pick([[], [false], [true], [false, false], [false, true]]),
];

/** Equal batches, or one matrix for all: for others TF.js mixes up the matrices. */
const matrices: Draw = (r) => {
  const batch = r.shape(0, 2);
  const [batchA, batchB] = r.pick([
    [batch, batch],
    [batch, batch.map(() => 1)],
    [[], batch],
    [[1, 1], batch],
  ]);
  const [n, k, m] = [r.whole(1, 4), r.whole(1, 4), r.whole(1, 4)];
  const [transposeA, transposeB] = [r.chance(), r.chance()];
  return [
    r.tensor([...batchA, ...(transposeA ? [k, n] : [n, k])], 'float32'),
    r.tensor([...batchB, ...(transposeB ? [m, k] : [k, m])], 'float32'),
    transposeA,
    transposeB,
  ];
};

/** Indices below `length`, of this shape. */
function indices(r: RandomArguments, shape: number[], length: number) {
  const drawn = r.tensor(shape, 'int32');
  return { ...drawn, values: drawn.values.map(() => r.whole(0, length - 1)) };
}

const weighted: Draw = (r) => {
  const shape = r.shape(1, 3);
  const labels = r.tensor(shape, 'float32');
  const weights = r.pick([
    undefined,
    null,
    r.tensor(shape, 'float32'),
    r.tensor(
      shape.map(() => 1),
      'float32',
    ),
  ]);
  return [labels, r.tensor(shape, 'float32'), weights];
};

const reductions = [undefined, 0, 1, 2, 3];

/** Functions of tfjs-core by name, with a dot where they are in a namespace. */
export const CORE_FUNCTIONS: Readonly<Record<string, Draw>> = {
  abs: one,
  add: numbers,
  all: boolReduction,
  any: boolReduction,
  argMax: best,
  argMin: best,
  avgPool: pool,
  broadcastTo: (r) => {
    const x = r.tensor(r.shape(1));
    return [x, [...r.shape(0, 1), ...x.shape.map((size) => (size === 1 ? r.whole(1, 3) : size))]];
  },
  cast: (r) => [r.tensor(), r.pick(['float32', 'int32', 'bool'])],
  ceil: float,
  clipByValue: (r) => {
    const x = r.tensor(r.shape(), r.pick(['float32', 'int32']));
    return [x, r.whole(-2, 0), r.whole(0, 2) + (x.dtype === 'float32' ? 0.5 : 0)];
  },
  clone: one,
  concat: (r) => {
    const shape = r.shape(1);
    const axis = r.axis(shape.length);
    const dtype = r.pick(['float32', 'int32', 'bool'] as const);
    const at = axis < 0 ? axis + shape.length : axis;
    const parts = Array.from({ length: r.whole(1, 3) }, () =>
      r.tensor(
        shape.map((size, i) => (i === at ? r.whole(1, 3) : size)),
        dtype,
      ),
    );
    return [parts, axis];
  },
  conv2d: convolution,
  cos: one,
  cumsum: (r) => {
    const x = r.tensor(r.shape(1), r.pick(['float32', 'int32']));
    // TF.js takes no negative axis.
    return [x, r.whole(0, x.shape.length - 1), r.chance(), r.chance()];
  },
  depthToSpace: (r) => {
    const block = r.whole(2, 3);
    return [r.tensor([r.whole(1, 2), 2, 3, block * block * r.whole(1, 2)], 'float32'), block];
  },
  div: (r) => two(r).map((each) => ({ ...(each as object), dtype: 'float32' })),
  dot: (r) => {
    const k = r.whole(1, 4);
    const a = r.chance() ? [k] : [r.whole(1, 4), k];
    return [r.tensor(a, 'float32'), r.tensor(r.chance() ? [k] : [k, r.whole(1, 4)], 'float32')];
  },
  elu: float,
  equal: two,
  erf: float,
  exp: one,
  expandDims: (r) => {
    const x = r.tensor(r.shape(1));
    return [x, r.axis(x.shape.length)];
  },
  expm1: float,
  eye: (r) => [
    r.whole(1, 4),
    r.pick([undefined, 2, 3]),
    r.pick([undefined, null, [2], [2, 3], [1, 2, 2]]),
    r.pick([undefined, 'int32', 'bool']),
  ],
  fill: (r) => [r.shape(), r.whole(-3, 3), r.pick(['float32', 'int32'])],
  floor: float,
  floorDiv: twoFloats,
  gather: (r) => {
    const x = r.tensor(r.shape(1));
    const batchDims = r.whole(0, x.shape.length - 1);
    const axis = r.whole(batchDims, x.shape.length - 1);
    const shape = [...x.shape.slice(0, batchDims), ...r.shape(batchDims === 0 ? 0 : 1, 2)];
    const backwards = shape.length > 0 && batchDims > 0 && r.chance();
    return [x, indices(r, shape, x.shape[axis]), axis, backwards ? batchDims - shape.length : batchDims];
  },
  greater: two,
  greaterEqual: two,
  'image.resizeBilinear': resize,
  'image.resizeNearestNeighbor': resize,
  isNaN: one,
  leakyRelu: (r) => [r.tensor(r.shape(), 'float32'), r.pick([undefined, 0, 0.5])],
  less: two,
  lessEqual: two,
  linspace: (r) => [r.whole(-3, 3), r.whole(-3, 3), r.whole(1, 6)],
  localResponseNormalization: (r) => [
    r.tensor([...(r.chance() ? [2] : []), r.whole(1, 3), r.whole(1, 3), r.whole(1, 6)], 'float32'),
    r.whole(0, 3),
    1.5,
    0.5,
    r.pick([0.5, 0.75]),
  ],
  log: one,
  log1p: float,
  logSoftmax: (r) => [r.tensor(r.shape(1), 'float32'), -1],
  logSumExp: (r) => {
    const [x, ...rest] = reduction(r) as [Values, ...unknown[]];
    return [{ ...x, dtype: 'float32' }, ...rest];
  },
  logicalAnd: twoBools,
  logicalNot: (r) => [r.tensor(r.shape(), 'bool')],
  logicalOr: twoBools,
  logicalXor: twoBools,
  'losses.absoluteDifference': (r) => [...weighted(r), r.pick(reductions)],
  'losses.computeWeightedLoss': (r) => [...weighted(r).slice(1), r.pick(reductions)],
  'losses.cosineDistance': (r) => {
    const [labels, predictions] = weighted(r) as [Values, unknown];
    return [labels, predictions, r.axis(labels.shape.length), undefined, r.pick(reductions)];
  },
  'losses.hingeLoss': (r) => {
    const [labels, ...others] = weighted(r) as [Values, unknown, unknown];
    const classes = { ...labels, values: labels.values.map(() => r.whole(0, 1)) };
    return [classes, ...others, r.pick(reductions)];
  },
  'losses.huberLoss': (r) => [...weighted(r), r.pick([undefined, 0.5, 2]), r.pick(reductions)],
  'losses.logLoss': (r) => [...weighted(r), r.pick([undefined, 1e-3]), r.pick(reductions)],
  'losses.meanSquaredError': (r) => [...weighted(r), r.pick(reductions)],
  'losses.sigmoidCrossEntropy': (r) => [...weighted(r), r.pick([undefined, 0, 0.2]), r.pick(reductions)],
  'losses.softmaxCrossEntropy': (r) => {
    const shape = [r.whole(1, 3), r.whole(2, 4)];
    const logits = r.tensor(shape, 'float32');
    const weights = r.pick([undefined, null, r.tensor(shape.slice(0, 1), 'float32')]);
    return [r.tensor(shape, 'float32'), logits, weights, r.pick([undefined, 0, 0.2]), r.pick(reductions)];
  },
  matMul: matrices,
  max: reduction,
  maxPool: pool,
  maximum: two,
  mean: reduction,
  min: reduction,
  minimum: two,
  mirrorPad: (r) => {
    const x = r.tensor(r.shape(1, 3), r.pick(['float32', 'int32']));
    const mode = r.pick(['reflect', 'symmetric']);
    const most = (size: number) => r.whole(0, mode === 'reflect' ? size - 1 : size);
    return [x, x.shape.map((size) => [most(size), most(size)]), mode];
  },
  mod: twoFloats,
  moments: reduction,
  mul: numbers,
  neg: oneNumber,
  notEqual: two,
  oneHot: (r) => [
    indices(r, r.shape(1, 2), 4),
    4,
    r.pick([1, 3]),
    r.pick([0, -1]),
    r.pick(['float32', 'int32']),
  ],
  ones: sizesAndType,
  onesLike: one,
  pad: (r) => {
    const x = r.tensor(r.shape(1), r.pick(['float32', 'int32']));
    return [x, x.shape.map(() => [r.whole(0, 2), r.whole(0, 2)]), r.pick([undefined, 2])];
  },
  pow: numbers,
  prelu: (r) => {
    const [shape, alpha] = r.pair();
    return [r.tensor(shape, 'float32'), r.tensor(alpha, 'float32')];
  },
  prod: reduction,
  range: (r) => {
    const [start, stop] = [r.whole(-4, 4), r.whole(-4, 4)];
    const step = r.pick([undefined, 1, 2, -1, start < stop ? 0.5 : 3]);
    return [start, stop, step, r.pick([undefined, 'float32', 'int32'])];
  },
  reciprocal: float,
  relu: oneNumber,
  relu6: float,
  reshape: (r) => {
    const x = r.tensor();
    return [x, r.pick([[-1], [x.values.length], [...x.shape, 1], [1, -1]])];
  },
  reverse: (r) => {
    const x = r.tensor();
    return [x, r.axes(x.shape.length)];
  },
  round: float,
  rsqrt: float,
  scalar: (r) => [r.pick([1, 2.5, true]), r.pick([undefined, 'int32', 'bool', 'float32'])],
  selu: float,
  sigmoid: float,
  sign: float,
  sin: one,
  slice: (r) => {
    const x = r.tensor(r.shape(1));
    const begin = x.shape.map((size) => r.whole(0, size - 1));
    const size = x.shape.map((length, i) => r.pick([-1, r.whole(0, length - begin[i])]));
    const given = r.whole(1, x.shape.length);
    return r.pick([
      [x, begin, size],
      [x, begin.slice(0, given)],
      [x, begin.slice(0, given), size.slice(0, given)],
      [x, begin[0], size[0]],
    ]);
  },
  softmax: (r) => {
    const x = r.tensor(r.shape(1), 'float32');
    return [x, r.pick([undefined, -1, x.shape.length - 1])];
  },
  softplus: float,
  split: (r) => {
    const x = r.tensor(r.shape(1));
    const axis = r.axis(x.shape.length);
    const length = x.shape.at(axis < 0 ? axis : axis) as number;
    return [x, r.pick([1, length, [1, length - 1].slice(0, length)]), axis];
  },
  sqrt: one,
  square: oneNumber,
  squaredDifference: numbers,
  squeeze: (r) => {
    const x = r.tensor(r.shape(1).map((size) => (r.chance() ? 1 : size)));
    const narrow = x.shape.flatMap((size, axis) => (size === 1 ? [axis] : []));
    return [x, r.pick([undefined, narrow.slice(0, 1)])];
  },
  stack: (r) => {
    const shape = r.shape();
    const dtype = r.pick(['float32', 'int32', 'bool'] as const);
    return [Array.from({ length: r.whole(1, 3) }, () => r.tensor(shape, dtype)), r.whole(0, shape.length)];
  },
  stridedSlice: (r) => {
    const x = r.tensor(r.shape(1, 3));
    const axes = x.shape.map((size) => ({
      begin: r.whole(-size, size - 1),
      end: r.whole(-size, size + 1),
      stride: r.pick([1, 2, -1]),
    }));
    const mask = () => r.pick([0, 0, r.whole(0, 7)]);
    return [
      x,
      axes.map(({ begin }) => begin),
      axes.map(({ end }) => end),
      axes.map(({ stride }) => stride),
      mask(),
      mask(),
      0,
      0,
      0,
    ];
  },
  sub: numbers,
  sum: reduction,
  tanh: float,
  tile: (r) => {
    const x = r.tensor(r.shape(1));
    return [x, x.shape.map(() => r.whole(1, 3))];
  },
  topk: (r) => {
    const x = r.tensor(r.shape(1), r.pick(['float32', 'int32']));
    return [x, r.whole(1, x.shape[x.shape.length - 1]), r.pick([undefined, true])];
  },
  transpose: (r) => {
    const x = r.tensor(r.shape(1));
    return [x, r.pick([undefined, r.order(x.shape.length)]), r.pick([undefined, false, true])];
  },
  unstack: best,
  where: (r) => {
    const [a, b] = r.pair();
    return [r.tensor(r.chance() ? a : b, 'bool'), r.tensor(a), r.tensor(b)];
  },
  zeros: sizesAndType,
  zerosLike: one,
};

const scores: Draw = (r) => {
  const shape = [r.whole(1, 4), r.whole(2, 4)];
  const [a, b] = [r.tensor(shape, 'float32'), r.tensor(shape, 'float32')];
  return [a, b].map((each) => ({ ...each, values: each.values.map((value) => Math.abs(value)) }));
};
const probabilities: Draw = (r) => {
  const [a, b] = scores(r) as [Values, Values];
  const rounded = { ...a, values: a.values.map(() => r.whole(0, 1)) };
  return [rounded, { ...b, values: b.values.map((value) => Math.fround(value / 3.5 + 0.05)) }];
};
/** 0 and 1 only, since TF.js counts exactly 1 as positive. */
const binary: Draw = (r) => {
  const shape = [r.whole(1, 4), r.whole(1, 4)];
  const round = (values: Values) => ({ ...values, values: values.values.map(() => r.whole(0, 1)) });
  return [round(r.tensor(shape, 'float32')), round(r.tensor(shape, 'float32'))];
};
const classes: Draw = (r) => {
  const [, predictions] = scores(r) as [Values, Values];
  const [rows, count] = predictions.shape;
  const hot = indices(r, [rows], count).values.flatMap((label) =>
    Array.from({ length: count }, (_, i) => Number(i === label)),
  );
  return [{ values: hot, shape: [rows, count], dtype: 'float32' }, predictions];
};

/** Functions of tfjs-layers. */
export const LAYERS_FUNCTIONS: Readonly<Record<string, Draw>> = {
  'metrics.binaryAccuracy': probabilities,
  'metrics.binaryCrossentropy': probabilities,
  'metrics.categoricalAccuracy': classes,
  'metrics.categoricalCrossentropy': (r) => {
    const [labels, predictions] = classes(r) as [Values, Values];
    return [labels, { ...predictions, values: predictions.values.map((value) => value + 0.1) }];
  },
  'metrics.mape': scores,
  'metrics.meanAbsoluteError': scores,
  'metrics.meanAbsolutePercentageError': scores,
  'metrics.meanSquaredError': scores,
  'metrics.mse': scores,
  'metrics.precision': binary,
  'metrics.recall': binary,
  'metrics.sparseCategoricalAccuracy': (r) => {
    const [, predictions] = scores(r) as [Values, Values];
    const labels = indices(r, [predictions.shape[0]], predictions.shape[1]);
    return [{ ...labels, dtype: 'float32' }, predictions];
  },
};
