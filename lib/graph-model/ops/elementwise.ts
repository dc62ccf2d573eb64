import type { ActivationIdentifier } from '../../layers/activation/applied.js';
import {
  activation,
  add,
  batchNormalization,
  type Layer,
  leakyReLU,
  maximum,
  minimum,
  multiply,
  softmax,
  subtract,
} from '../../layers/index.js';
import { axisOf } from '../fold.js';
import type { Mapper, Mappers, NodeUse } from '../node-use.js';
import { operation } from '../operation.js';
import { computed, type Value } from '../values.js';
import { checkDataFormat } from './convolutions.js';

/** Activations of one value, by our names. */
const ACTIVATIONS: Readonly<Record<string, ActivationIdentifier>> = {
  Elu: 'elu',
  Exp: 'exponential',
  LogSoftmax: 'logSoftmax',
  Relu: 'relu',
  Relu6: 'relu6',
  Selu: 'selu',
  Sigmoid: 'sigmoid',
  Softplus: 'softplus',
  Softsign: 'softsign',
  Tanh: 'tanh',
};

/** Functions of one value, by the name of the operation. */
const UNARY: Readonly<Record<string, string>> = {
  Abs: 'abs',
  Ceil: 'ceil',
  Cos: 'cos',
  Erf: 'erf',
  Expm1: 'expm1',
  Floor: 'floor',
  Log: 'log',
  Log1p: 'log1p',
  LogicalNot: 'logicalNot',
  Neg: 'neg',
  Reciprocal: 'reciprocal',
  Round: 'round',
  Rsqrt: 'rsqrt',
  Sign: 'sign',
  Sin: 'sin',
  Sqrt: 'sqrt',
  Square: 'square',
};

/** Functions of two values, by the name of the operation. */
const BINARY: Readonly<Record<string, string>> = {
  Add: 'add',
  AddV2: 'add',
  BiasAdd: 'add',
  Div: 'div',
  Equal: 'equal',
  FloorDiv: 'floorDiv',
  FloorMod: 'mod',
  Greater: 'greater',
  GreaterEqual: 'greaterEqual',
  Less: 'less',
  LessEqual: 'lessEqual',
  LogicalAnd: 'logicalAnd',
  LogicalOr: 'logicalOr',
  Maximum: 'maximum',
  Minimum: 'minimum',
  Mul: 'mul',
  NotEqual: 'notEqual',
  Pow: 'pow',
  RealDiv: 'div',
  SquaredDifference: 'squaredDifference',
  Sub: 'sub',
};

/** Layers that compute the same for values of one number of axes. */
const MERGING: Readonly<Record<string, (options: { name: string }) => Layer>> = {
  add,
  maximum,
  minimum,
  mul: multiply,
  sub: subtract,
};

/** Elementwise functions and normalization. */
export const ELEMENTWISE: Mappers = {
  ...mapEach(ACTIVATIONS, activated),
  ...mapEach(UNARY, (use, name) => computed(operation(use, name, use.inputs)[0])),
  ...mapEach(BINARY, binary),
  LeakyRelu: (use) =>
    computed(
      use.layer(leakyReLU({ name: use.nameOf(), alpha: use.attributes.number('alpha', 0.2) }), use.tensor()),
    ),
  Prelu: (use) => computed(operation(use, 'prelu', use.inputs)[0]),
  Softmax: (use) => computed(use.layer(softmax({ name: use.nameOf() }), use.tensor())),
  ClipByValue: (use) => clip(use, use.numbers(1)[0], use.numbers(2)[0]),
  AddN: (use) =>
    computed(
      use.layer(
        add({ name: use.nameOf() }),
        use.inputs.map((_, i) => use.tensor(i)),
      ),
    ),
  DivNoNan: divided,
  Select: chosen,
  SelectV2: chosen,
  FusedBatchNorm: normalized,
  FusedBatchNormV2: normalized,
  FusedBatchNormV3: normalized,
};

export const ELEMENTWISE_OPERATIONS: Readonly<Record<string, string>> = {
  ...UNARY,
  ...BINARY,
  ClipByValue: 'clipByValue',
  DivNoNan: 'where',
  Select: 'where',
  SelectV2: 'where',
};

/** A mapper for each op of a table, which gets the table's value. */
function mapEach<T>(table: Readonly<Record<string, T>>, map: (use: NodeUse, value: T) => Value): Mappers {
  return Object.fromEntries(
    Object.entries(table).map(([op, value]): [string, Mapper] => [op, (use) => map(use, value)]),
  );
}

function activated(use: NodeUse, name: ActivationIdentifier): Value {
  return computed(use.layer(activation({ name: use.nameOf(), activation: name }), use.tensor()));
}

function binary(use: NodeUse, name: string): Value {
  const [a, b] = use.inputs;
  if (!a || !b) return use.corrupt('it needs two inputs');
  const haveLayer = a.kind === 'computed' && b.kind === 'computed' && Object.hasOwn(MERGING, name);
  if (haveLayer && a.tensor.sampleShape.length === b.tensor.sampleShape.length) {
    return computed(use.layer(MERGING[name]({ name: use.nameOf() }), [a.tensor, b.tensor]));
  }
  return computed(operation(use, name, use.inputs)[0]);
}

function clip(use: NodeUse, low: number, high: number): Value {
  const attributes = { clipValueMin: low, clipValueMax: high };
  return computed(operation(use, 'clipByValue', use.inputs.slice(0, 1), () => attributes)[0]);
}

/** a / b, and 0 where b is 0. */
function divided(use: NodeUse): Value {
  const [a, b] = use.inputs;
  const name = use.nameOf();
  const isZero = computed(operation(use, 'equal', [b, 0], undefined, `${name}/isZero`)[0]);
  const quotient = computed(operation(use, 'div', [a, b], undefined, `${name}/quotient`)[0]);
  return computed(operation(use, 'where', [isZero, 0, quotient])[0]);
}

function chosen(use: NodeUse): Value {
  return computed(operation(use, 'where', use.inputs)[0]);
}

/** Batch normalization with given statistics: inputs are x, scale, offset, mean and variance. */
function normalized(use: NodeUse): Value {
  checkDataFormat(use);
  if (use.attributes.flag('is_training', true))
    return use.fail('it normalizes by the statistics of the batch');
  const layer = batchNormalization({ name: use.nameOf(), epsilon: use.attributes.number('epsilon', 0.001) });
  const weights = [1, 2, 3, 4].map((index) => use.weight(index).values);
  return computed(use.layer(layer, use.tensor(), weights));
}

/** An axis of a value of the model, counted from the front, the batch being axis 0. */
export function tensorAxis(use: NodeUse, axis: number, index = 0): number {
  return axisOf(axis, use.tensor(index).sampleShape.length + 1);
}
