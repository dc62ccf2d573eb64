import { definitionOf } from '../layers/operation/options.js';
import { shapeSteps } from './keras-shape-operations.js';
import { KerasLacks, type KerasStep, type OperationUse, type StepArgument } from './operation-use.js';
import type { JsonObject } from './read-model-json.js';

type Writer = (use: OperationUse) => readonly KerasStep[];

const X = { argument: 0 };
const Y = { argument: 1 };

/** Operators of one or two values, or of more, without options. The second word is the module. */
const PLAIN: Readonly<Record<string, readonly [className: string, module?: string]>> = {
  abs: ['Absolute'],
  add: ['Add'],
  ceil: ['Ceil'],
  cos: ['Cos'],
  div: ['TrueDivide'],
  erf: ['Erf', 'math'],
  exp: ['Exp'],
  expm1: ['Expm1'],
  floor: ['Floor'],
  floorDiv: ['FloorDivide'],
  hardSwish: ['HardSilu', 'nn'],
  identity: ['Copy'],
  log: ['Log'],
  log1p: ['Log1p'],
  maximum: ['Maximum'],
  minimum: ['Minimum'],
  mod: ['Mod'],
  mul: ['Multiply'],
  neg: ['Negative'],
  pow: ['Power'],
  reciprocal: ['Reciprocal'],
  relu: ['Relu', 'nn'],
  relu6: ['Relu6', 'nn'],
  rsqrt: ['Rsqrt', 'math'],
  selu: ['Selu', 'nn'],
  sigmoid: ['Sigmoid', 'nn'],
  sign: ['Sign'],
  silu: ['Silu', 'nn'],
  sin: ['Sin'],
  softplus: ['Softplus', 'nn'],
  softsign: ['Softsign', 'nn'],
  sqrt: ['Sqrt'],
  square: ['Square'],
  sub: ['Subtract'],
  tanh: ['Tanh'],
  where: ['Where'],
};

/** Operators whose results are true or false in Keras, and 1 or 0 here. */
const TRUTH: Readonly<Record<string, string>> = {
  equal: 'Equal',
  greater: 'Greater',
  greaterEqual: 'GreaterEqual',
  isNaN: 'Isnan',
  less: 'Less',
  lessEqual: 'LessEqual',
  logicalAnd: 'LogicalAnd',
  logicalNot: 'LogicalNot',
  logicalOr: 'LogicalOr',
  logicalXor: 'LogicalXor',
  notEqual: 'NotEqual',
};

const REDUCTIONS: Readonly<Record<string, readonly [className: string, module?: string]>> = {
  logSumExp: ['Logsumexp', 'math'],
  max: ['Max'],
  mean: ['Mean'],
  min: ['Min'],
  prod: ['Prod'],
  sum: ['Sum'],
};

/** Activations with an option: its name here, in Keras, and its default. */
const ACTIVATIONS: Readonly<
  Record<string, readonly [className: string, own: string, keras: string, fallback: number]>
> = {
  celu: ['Celu', 'alpha', 'alpha', 1],
  elu: ['Elu', 'alpha', 'alpha', 1],
  leakyRelu: ['LeakyRelu', 'alpha', 'negative_slope', 0.2],
};

/** The arguments that the operation takes; more may follow for their sizes. */
function all({ op }: OperationUse): StepArgument[] {
  return Array.from({ length: definitionOf(op).arguments as number }, (_, argument) => ({ argument }));
}

const toFloat = (step: number): KerasStep => ({
  className: 'Cast',
  module: 'core',
  config: { dtype: 'float32' },
  args: [{ step }],
});

function reduction(use: OperationUse): JsonObject {
  return { axis: use.axes('axis'), keepdims: use.flag('keepDims') };
}

function truthOf(className: 'Any' | 'All'): Writer {
  return (use) => [{ className, config: reduction(use), args: [X] }, toFloat(0)];
}

function alongAxis(className: string): Writer {
  return (use) => [{ className, module: 'nn', config: { axis: use.axis('axis', -1) }, args: [X] }];
}

const OTHERS: Readonly<Record<string, Writer>> = {
  all: truthOf('All'),
  any: truthOf('Any'),
  clipByValue: (use) => {
    const [min, max] = [use.given('clipValueMin'), use.given('clipValueMax')];
    if (min !== undefined && max !== undefined)
      return [{ className: 'Clip', config: { x_min: min, x_max: max }, args: [X] }];
    if (min !== undefined) return [{ className: 'Maximum', args: [X, min as number] }];
    return max !== undefined
      ? [{ className: 'Minimum', args: [X, max as number] }]
      : [{ className: 'Copy', args: [X] }];
  },
  cumsum: (use) => {
    use.only('exclusive', use.flag('exclusive'), false);
    use.only('reverse', use.flag('reverse'), false);
    return [{ className: 'Cumsum', config: { axis: use.axis('axis'), dtype: null }, args: [X] }];
  },
  gelu: (use) => [
    { className: 'Gelu', module: 'nn', config: { approximate: use.flag('approximate') }, args: [X] },
  ],
  hardSigmoid: (use) => {
    const [slope, offset] = [use.number('slope', 1 / 6), use.number('offset', 0.5)];
    if (Math.abs(slope - 1 / 6) < 1e-7 && offset === 0.5)
      return [{ className: 'HardSigmoid', module: 'nn', args: [X] }];
    return [
      { className: 'Multiply', args: [X, slope] },
      { className: 'Add', args: [{ step: 0 }, offset] },
      { className: 'Clip', config: { x_min: 0, x_max: 1 }, args: [{ step: 1 }] },
    ];
  },
  logSoftmax: alongAxis('LogSoftmax'),
  mish: () => [
    { className: 'Softplus', module: 'nn', args: [X] },
    { className: 'Tanh', args: [{ step: 0 }] },
    { className: 'Multiply', args: [X, { step: 1 }] },
  ],
  prelu: () => [
    { className: 'Minimum', args: [X, 0] },
    { className: 'Multiply', args: [{ step: 0 }, Y] },
    { className: 'Relu', module: 'nn', args: [X] },
    { className: 'Add', args: [{ step: 2 }, { step: 1 }] },
  ],
  round: () => [{ className: 'Round', config: { decimals: 0 }, args: [X] }],
  softmax: alongAxis('Softmax'),
  squaredDifference: () => [
    { className: 'Subtract', args: [X, Y] },
    { className: 'Square', args: [{ step: 0 }] },
  ],
};

/** The operators of Keras that compute an operation. Throws KerasLacks. */
export function kerasSteps(use: OperationUse): readonly KerasStep[] {
  const { op } = use;
  const find = <T>(table: Readonly<Record<string, T>>) => (Object.hasOwn(table, op) ? table[op] : undefined);
  const truth = find(TRUTH);
  if (truth !== undefined) return [{ className: truth, args: all(use) }, toFloat(0)];
  const plain = find(PLAIN);
  if (plain) return [{ className: plain[0], module: plain[1], args: all(use) }];
  const reduced = find(REDUCTIONS);
  if (reduced) return [{ className: reduced[0], module: reduced[1], config: reduction(use), args: [X] }];
  const activation = find(ACTIVATIONS);
  if (activation) {
    const [className, own, keras, fallback] = activation;
    return [{ className, module: 'nn', config: { [keras]: use.number(own, fallback) }, args: [X] }];
  }
  const other = find(OTHERS) ?? find(shapeSteps);
  if (!other) throw new KerasLacks(`Keras has no operator for ${op}`);
  return other(use);
}
