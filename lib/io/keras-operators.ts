import { show } from '../options.js';
import { keyToSlices } from './keras-slices.js';
import type { Operator, OperatorInput, OperatorStep } from './keras-operator.js';

/** How an operator of Keras is read. */
interface OperatorReader {
  /** Names of its arguments. */
  readonly parameters: readonly string[];
  /** Names of its options, but `name`. */
  readonly options: readonly string[];
  steps(operator: Operator): readonly OperatorStep[];
}

type Readers = Readonly<Record<string, OperatorReader>>;

/** A reader for each class of Keras, which differ in the operation that they become. */
function each(table: Readonly<Record<string, string>>, reader: (op: string) => OperatorReader): Readers {
  return Object.fromEntries(Object.entries(table).map(([className, op]) => [className, reader(op)]));
}

const UNARY = {
  Abs: 'abs',
  Absolute: 'abs',
  Ceil: 'ceil',
  Copy: 'identity',
  Cos: 'cos',
  Erf: 'erf',
  Exp: 'exp',
  Expm1: 'expm1',
  Fabs: 'abs',
  Floor: 'floor',
  HardSigmoid: 'hardSigmoid',
  HardSilu: 'hardSwish',
  Isnan: 'isNaN',
  Log: 'log',
  Log1p: 'log1p',
  LogicalNot: 'logicalNot',
  Negative: 'neg',
  Reciprocal: 'reciprocal',
  Relu: 'relu',
  Relu6: 'relu6',
  Rsqrt: 'rsqrt',
  Selu: 'selu',
  Sigmoid: 'sigmoid',
  Sign: 'sign',
  Silu: 'silu',
  Sin: 'sin',
  Softplus: 'softplus',
  Softsign: 'softsign',
  Sqrt: 'sqrt',
  Square: 'square',
  Tanh: 'tanh',
};

const BINARY = {
  Add: 'add',
  Divide: 'div',
  Equal: 'equal',
  FloorDivide: 'floorDiv',
  Greater: 'greater',
  GreaterEqual: 'greaterEqual',
  Less: 'less',
  LessEqual: 'lessEqual',
  LogicalAnd: 'logicalAnd',
  LogicalOr: 'logicalOr',
  LogicalXor: 'logicalXor',
  Matmul: 'matMul',
  Maximum: 'maximum',
  Minimum: 'minimum',
  Mod: 'mod',
  Multiply: 'mul',
  NotEqual: 'notEqual',
  Power: 'pow',
  Subtract: 'sub',
  TrueDivide: 'div',
};

const REDUCTIONS = {
  All: 'all',
  Amax: 'max',
  Amin: 'min',
  Any: 'any',
  Logsumexp: 'logSumExp',
  Max: 'max',
  Mean: 'mean',
  Min: 'min',
  Prod: 'prod',
  Sum: 'sum',
};

/** An operation of one value whose attributes are the operator's options, under other names perhaps. */
function withOptions(op: string, names: Readonly<Record<string, string>>): OperatorReader {
  return {
    parameters: ['x'],
    options: Object.keys(names),
    steps: (operator) => {
      const options = Object.entries(names).map(([name, own]) => [own, operator.option(name)]);
      return [{ op, options: given(options), inputs: [operator.input(0, 'x')] }];
    },
  };
}

function given(options: readonly (readonly unknown[])[]) {
  return Object.fromEntries(options.filter(([, value]) => value !== undefined));
}

/** The mean of the squares of what is left when the mean is taken off. */
function variance(operator: Operator): OperatorStep[] {
  const [axis, keepDims] = [operator.option('axis'), operator.option('keepDims') === true];
  const x = operator.input(0, 'x');
  return [
    {
      op: 'mean',
      options: given([
        ['axis', axis],
        ['keepDims', true],
      ]),
      inputs: [x],
    },
    { op: 'squaredDifference', inputs: [x, { step: 0 }] },
    {
      op: 'mean',
      options: given([
        ['axis', axis],
        ['keepDims', keepDims],
      ]),
      inputs: [{ step: 1 }],
    },
  ];
}

function transposed(x: OperatorInput, perm: readonly number[]): OperatorStep[] {
  return [{ op: 'transpose', options: { perm }, inputs: [x] }];
}

/** The order of axes in which some go to other places. */
function moved(operator: Operator): OperatorStep[] {
  const x = operator.input(0, 'x');
  const { length: rank } = operator.shapeOf(x);
  const [from, to] = ['source', 'destination'].map((name) =>
    operator.wholes(name).map((axis) => (axis < 0 ? axis + rank : axis)),
  );
  const perm = Array.from({ length: rank }, (_, axis) => axis).filter((axis) => !from.includes(axis));
  const places = to.map((place, i) => [place, from[i]]).sort(([a], [b]) => a - b);
  for (const [place, axis] of places) perm.splice(place, 0, axis);
  return transposed(x, perm);
}

function swapped(operator: Operator): OperatorStep[] {
  const x = operator.input(0, 'x');
  const { length: rank } = operator.shapeOf(x);
  const [a, b] = ['axis1', 'axis2'].map((name) => operator.axis(name, rank));
  const order = Array.from({ length: rank }, (_, axis) => (axis === a ? b : axis === b ? a : axis));
  return transposed(x, order);
}

/** Keras lists where to cut, or gives the number of equal parts. */
function parts(operator: Operator): OperatorStep[] {
  const cuts = operator.option('indicesOrSections');
  const at = Array.isArray(cuts) ? operator.wholes('indicesOrSections') : undefined;
  const numOrSizeSplits = at ? [...at.map((end, i) => end - (at[i - 1] ?? 0)), -1] : cuts;
  const options = { numOrSizeSplits, axis: operator.option('axis') ?? 0 };
  return [{ op: 'split', options, inputs: [operator.input(0, 'x')] }];
}

/** Elements at constant places. Negative ones count from the end. */
function taken(operator: Operator): OperatorStep[] {
  const [x, places] = [operator.input(0, 'x'), operator.input(1, 'indices')];
  const shape = operator.shapeOf(x);
  const axis = operator.axis('axis', shape.length);
  const { shape: indicesShape, values } =
    typeof places === 'number'
      ? { shape: [], values: [places] }
      : 'constant' in places
        ? places.constant
        : operator.fail('takes indices that the model computes; they must be constant');
  const indices = Array.from(values, (index) => (index < 0 ? index + (shape[axis] ?? 0) : index));
  return [{ op: 'gather', options: { axis, indices, indicesShape: [...indicesShape] }, inputs: [x] }];
}

function padded(operator: Operator): OperatorStep[] {
  const inputs = [operator.input(0, 'x')];
  const paddings = operator.option('padWidth');
  const mode = operator.option('mode') ?? 'constant';
  const constantValue = operator.written(1, 'constant_values') ?? 0;
  if (mode === 'constant') return [{ op: 'pad', options: { paddings, constantValue }, inputs }];
  return [{ op: 'mirrorPad', options: { paddings, mode }, inputs }];
}

/** Values are float32 here, whatever their type in Keras. */
function cast(operator: Operator): OperatorStep[] {
  const [x, dtype] = [operator.input(0, 'x'), operator.option('dtype')];
  if (dtype === 'bool') return [{ op: 'notEqual', inputs: [x, 0] }];
  if (/^b?float\d+$/.test(String(dtype))) return [{ op: 'identity', inputs: [x] }];
  return operator.fail(`makes ${String(dtype)} of its input; here values are float32`);
}

/** A layer of pooling, by the number of axes. */
function pooling(kind: 'Max' | 'Average'): OperatorReader {
  const options = ['poolSize', 'strides', 'padding', 'dataFormat'];
  return {
    parameters: ['inputs'],
    options,
    steps: (operator) => {
      const x = operator.input(0, 'inputs');
      const layer = `${kind}Pooling${operator.shapeOf(x).length - 2}D`;
      const own = options.map((name) => [name, operator.option(name)]);
      return [{ layer, options: given(own), inputs: [x] }];
    },
  };
}

function resized(operator: Operator): OperatorStep[] {
  const [height, width] = operator.wholes('size');
  const other = ['antialias', 'cropToAspectRatio', 'padToAspectRatio'].find((name) => operator.option(name));
  if (other) operator.fail(`has the option ${other}`);
  const interpolation = operator.option('interpolation') ?? 'bilinear';
  const options = given([
    ['height', height],
    ['width', width],
    ['interpolation', interpolation],
    ['dataFormat', operator.option('dataFormat')],
  ]);
  return [{ layer: 'Resizing', options, inputs: [operator.input(0, 'images')] }];
}

function reader(
  parameters: readonly string[],
  options: readonly string[],
  steps: OperatorReader['steps'],
): OperatorReader {
  return { parameters, options, steps };
}

const READERS: Readers = {
  ...each(UNARY, (op) => withOptions(op, {})),
  ...each(BINARY, (op) =>
    reader(['x1', 'x2'], [], (operator) => [
      { op, inputs: [operator.input(0, 'x1'), operator.input(1, 'x2')] },
    ]),
  ),
  ...each(REDUCTIONS, (op) => withOptions(op, { axis: 'axis', keepDims: 'keepDims' })),
  ...each({ DepthToSpace: 'depthToSpace', SpaceToDepth: 'spaceToDepth' }, (op) =>
    reader(['x'], ['blockSize', 'dataFormat'], (operator) => {
      if (operator.option('dataFormat') === 'channelsFirst') operator.fail('is channels_first');
      return [{ op, options: { blockSize: operator.option('blockSize') }, inputs: [operator.input(0, 'x')] }];
    }),
  ),
  AveragePool: pooling('Average'),
  BroadcastTo: withOptions('broadcastTo', { shape: 'shape' }),
  Cast: reader(['x'], ['dtype'], cast),
  Celu: withOptions('celu', { alpha: 'alpha' }),
  Clip: withOptions('clipByValue', { xMin: 'clipValueMin', xMax: 'clipValueMax' }),
  Concatenate: reader(['xs'], ['axis'], (operator) => [
    { op: 'concat', options: { axis: operator.option('axis') ?? 0 }, inputs: operator.inputs(0, 'xs') },
  ]),
  Cumsum: withOptions('cumsum', { axis: 'axis' }),
  Elu: withOptions('elu', { alpha: 'alpha' }),
  ExpandDims: withOptions('expandDims', { axis: 'axis' }),
  Flip: withOptions('reverse', { axis: 'axis' }),
  Gelu: withOptions('gelu', { approximate: 'approximate' }),
  GetItem: reader(['x', 'key'], [], keyToSlices),
  LeakyRelu: withOptions('leakyRelu', { negativeSlope: 'alpha' }),
  LogSigmoid: reader(['x'], [], (operator) => [
    { op: 'neg', inputs: [operator.input(0, 'x')] },
    { op: 'softplus', inputs: [{ step: 0 }] },
    { op: 'neg', inputs: [{ step: 1 }] },
  ]),
  LogSoftmax: withOptions('logSoftmax', { axis: 'axis' }),
  MaxPool: pooling('Max'),
  Moveaxis: reader(['x'], ['source', 'destination'], moved),
  Normalize: reader(['x'], ['axis', 'order', 'epsilon'], (operator) => {
    const [order, epsilon] = [operator.option('order') ?? 2, operator.option('epsilon') ?? 1e-7];
    if (order !== 2 || typeof epsilon !== 'number')
      operator.fail(`has the order ${show(order)} and the epsilon ${show(epsilon)}`);
    const options = { axis: operator.option('axis') ?? -1, keepDims: true };
    const x = operator.input(0, 'x');
    return [
      { op: 'square', inputs: [x] },
      { op: 'sum', options, inputs: [{ step: 0 }] },
      { op: 'rsqrt', inputs: [{ step: 1 }] },
      { op: 'minimum', inputs: [{ step: 2 }, 1 / (epsilon as number)] },
      { op: 'mul', inputs: [x, { step: 3 }] },
    ];
  }),
  Pad: reader(['x', 'constant_values'], ['padWidth', 'mode'], padded),
  Reshape: reader(['x'], ['newshape'], (operator) => {
    const sizes = operator.option('newshape');
    const shape = (Array.isArray(sizes) ? sizes : [sizes]).map((size) => size ?? -1);
    return [{ op: 'reshape', options: { shape }, inputs: [operator.input(0, 'x')] }];
  }),
  Resize: reader(
    ['images'],
    [
      'size',
      'interpolation',
      'antialias',
      'cropToAspectRatio',
      'padToAspectRatio',
      'fillMode',
      'fillValue',
      'dataFormat',
    ],
    resized,
  ),
  Round: reader(['x'], ['decimals'], (operator) => {
    if ((operator.option('decimals') ?? 0) !== 0) operator.fail('rounds to decimals');
    return [{ op: 'round', inputs: [operator.input(0, 'x')] }];
  }),
  Softmax: withOptions('softmax', { axis: 'axis' }),
  Split: reader(['x'], ['indicesOrSections', 'axis'], parts),
  Squeeze: withOptions('squeeze', { axis: 'axis' }),
  Stack: reader(['x'], ['axis'], (operator) => [
    { op: 'stack', options: { axis: operator.option('axis') ?? 0 }, inputs: operator.inputs(0, 'x') },
  ]),
  Std: reader(['x'], ['axis', 'keepDims'], (operator) => [
    ...variance(operator),
    { op: 'sqrt', inputs: [{ step: 2 }] },
  ]),
  Swapaxes: reader(['x'], ['axis1', 'axis2'], swapped),
  Take: reader(['x', 'indices'], ['axis'], taken),
  Tile: withOptions('tile', { repeats: 'reps' }),
  Transpose: withOptions('transpose', { axes: 'perm' }),
  Unstack: reader(['x'], ['num', 'axis'], (operator) => [
    { op: 'unstack', options: { axis: operator.option('axis') ?? 0 }, inputs: [operator.input(0, 'x')] },
  ]),
  Var: reader(['x'], ['axis', 'keepDims'], variance),
  Where: reader(['condition', 'x1', 'x2'], [], (operator) => [
    {
      op: 'where',
      inputs: ['condition', 'x1', 'x2'].map((name, place) => operator.input(place, name)),
    },
  ]),
};

/** Whether operators of this class are read. */
export function isKnownOperator(className: string): boolean {
  return Object.hasOwn(READERS, className);
}

/** What an operator of a known class does. Throws UNSUPPORTED. */
export function stepsOf(className: string, operator: Operator): readonly OperatorStep[] {
  const { parameters, options, steps } = READERS[className];
  operator.check(parameters, options);
  return steps(operator);
}
