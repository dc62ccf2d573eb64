import { show } from '../../../options.js';
import { showShape } from '../../../tensor/shapes.js';
import type { Call, OpDefinition } from '../call.js';
import { BATCH, showFull, withBatch } from '../sizes.js';
import type { Value } from '../plan.js';

/*
 * Operations that cut samples or add to them.
 */

/** The block of `size` at `begin`. A size of -1 reaches to the end. The batch must be whole: 0 and -1. */
export const slice: OpDefinition = {
  arguments: 1,
  attributes: ['begin', 'size'],
  build(call) {
    const x = call.value();
    const full = withBatch(x.shape);
    const begins = call.sizes('begin');
    const sizes = call.given('size') === undefined ? [] : call.sizes('size');
    if (begins.length > full.length || sizes.length > full.length)
      call.checks.fail('INVALID_ARGUMENT', `begin and size have more axes than ${showFull(full)}.`);
    const [batchBegin = 0, ...from] = begins;
    const [batchSize = -1, ...lengths] = sizes;
    if (batchBegin !== 0 || (batchSize !== -1 && batchSize !== BATCH))
      call.checks.fail('UNSUPPORTED', 'it cuts axis 0, the batch: begin there at 0, with size -1.');
    const before = x.shape.map((_, axis) => call.known('begin', from[axis] ?? 0));
    const shape = x.shape.map((length, axis) => {
      const size = call.known('size', lengths[axis] ?? -1);
      return size === -1 ? length - before[axis] : size;
    });
    return cut(call, x, before, shape);
  },
};

/** The block of this shape that starts at `begin`. */
function cut(call: Call, x: Value, begin: readonly number[], shape: readonly number[]): Value {
  const isInside = x.shape.every(
    (length, axis) => begin[axis] >= 0 && shape[axis] >= 1 && begin[axis] + shape[axis] <= length,
  );
  if (!isInside) {
    call.checks.fail(
      'SHAPE_MISMATCH',
      `a block of ${showShape(shape)} at ${showShape(begin)} is not inside ${showShape(x.shape)}.`,
    );
  }
  if (x.shape.every((length, axis) => length === shape[axis])) return x;
  const before = begin.map((size) => -size || 0);
  const after = x.shape.map((length, axis) => begin[axis] + shape[axis] - length || 0);
  return call.add('pad', [x], { before, after });
}

/** [before, after] for each axis, [0, 0] for the batch. */
export const pad: OpDefinition = {
  arguments: 1,
  attributes: ['paddings', 'constantValue'],
  build(call) {
    const x = call.value();
    const given = call.given('paddings');
    const pairs = Array.isArray(given) ? given.map((pair) => call.sizes('paddings', pair)) : [];
    if (pairs.length !== x.shape.length + 1 || pairs.some((pair) => pair.length !== 2)) {
      call.checks.fail(
        'INVALID_ARGUMENT',
        `paddings is ${show(given)}; it must have [before, after] for each axis of ${showFull(withBatch(x.shape))}.`,
      );
    }
    const [batch, ...others] = pairs.map((pair) => pair.map((size) => call.known('paddings', size)));
    if (batch.some((size) => size !== 0))
      call.checks.fail('UNSUPPORTED', 'paddings add to axis 0, the batch; they must be [0, 0] there.');
    if (call.number('constantValue', 0) !== 0)
      call.checks.fail('UNSUPPORTED', 'only zeros can be added; constantValue must be 0.');
    if (others.every(([before, after]) => before === 0 && after === 0)) return x;
    return call.add('pad', [x], {
      before: others.map(([before]) => before),
      after: others.map(([, after]) => after),
    });
  },
};
