import type { AttributesOf } from '../../../program/description.js';
import type { Call, OpDefinition } from '../call.js';
import type { Value } from '../plan.js';

/*
 * Reductions, over axes of samples.
 */

type Kind = AttributesOf<'reduce'>['kind'];

/** What pools whole images as global pooling layers do. */
const POOLING: Partial<Readonly<Record<Kind, 'average' | 'max'>>> = { mean: 'average', max: 'max' };

function reduction(
  reduce: (call: Call, x: Value, axes: readonly number[], keepDims: boolean) => Value,
): OpDefinition {
  return {
    arguments: 1,
    attributes: ['axis', 'keepDims'],
    build(call) {
      const x = call.value();
      if (call.given('axis') === undefined)
        call.checks.fail('UNSUPPORTED', 'it reduces all axes, the batch too; name others in axis.');
      return reduce(call, x, call.sampleAxes('axis', x), call.flag('keepDims'));
    },
  };
}

function reduced(call: Call, x: Value, kind: Kind, axes: readonly number[], keepDims: boolean): Value {
  const pooling = POOLING[kind];
  if (axes.length === 0) return x;
  if (!pooling || x.shape.length !== 3 || axes.join() !== '0,1')
    return call.add('reduce', [x], { kind, axes, keepDims });
  const size = [x.shape[0], x.shape[1]] as const;
  const padding = [0, 0, 0, 0] as const;
  const pooled = call.add('pool2d', [x], { kind: pooling, size, strides: size, padding });
  return keepDims ? pooled : call.reshape(pooled, [x.shape[2]]);
}

const plain = (kind: Kind) => reduction((call, x, axes, keepDims) => reduced(call, x, kind, axes, keepDims));

export const sum = plain('sum');
export const mean = plain('mean');
export const max = plain('max');
export const min = plain('min');
export const prod = plain('product');

/** Whether elements aren't 0, of which one or all must be. */
const truth = (kind: 'max' | 'min') =>
  reduction((call, x, axes, keepDims) =>
    reduced(call, call.add('operand', [x], { kind: 'notEqual', value: 0 }), kind, axes, keepDims),
  );

export const any = truth('max');
export const all = truth('min');

/** The largest float32, to which infinite maxima are brought: infinity minus itself would be NaN. */
const LARGEST = 3.4028234663852886e38;

/** The maximum is taken out of the sum, which would overflow otherwise. */
export const logSumExp = reduction((call, x, axes, keepDims) => {
  const most = call.add('reduce', [x], { kind: 'max', axes, keepDims: true });
  const shift = call.add('clip', [most], { min: -LARGEST, max: LARGEST });
  const shifted = call.add('binary', [x, shift], { kind: 'subtract' });
  const powers = call.add('activation', [shifted], { kind: 'exponential' });
  const total = call.add('reduce', [powers], { kind: 'sum', axes, keepDims: true });
  const log = call.add('unary', [total], { kind: 'log' });
  const whole = call.add('add', [log, shift], {});
  return keepDims
    ? whole
    : call.reshape(
        whole,
        x.shape.filter((_, axis) => !axes.includes(axis)),
      );
});

export const cumsum: OpDefinition = {
  arguments: 1,
  attributes: ['axis', 'exclusive', 'reverse'],
  build(call) {
    const x = call.value();
    const attributes = { exclusive: call.flag('exclusive'), reverse: call.flag('reverse') };
    return call.add('cumsum', [x], { axis: call.sampleAxis('axis', x, 0), ...attributes });
  },
};
