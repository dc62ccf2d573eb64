import { broadcastShapes, sameShape } from '../../../tensor/shapes.js';
import type { Call, OpDefinition } from '../call.js';
import type { Value } from '../plan.js';

/*
 * Elementwise functions. Shapes are broadcast as NumPy does, the batch included.
 */

/** Ops of several values of one shape, and what is to be done with a number in place of one. */
function merging(
  merge: (call: Call, values: readonly Value[]) => Value,
  withNumber: (number: number, isFirst: boolean) => { scale: number; offset: number } | undefined,
): OpDefinition {
  return {
    arguments: 2,
    attributes: [],
    build(call) {
      const [a, b] = call.arguments;
      const number = typeof a === 'number' ? a : b;
      const rescaling = typeof number === 'number' ? withNumber(number, number === a) : undefined;
      if (rescaling) return call.add('rescaling', [call.value(typeof a === 'number' ? 1 : 0)], rescaling);
      return merge(call, repeated(call, call.value(0), call.value(1)));
    },
  };
}

/** The two values with the shape to which they broadcast. */
function repeated(call: Call, a: Value, b: Value): Value[] {
  if (a.shape.length !== b.shape.length) {
    call.checks.fail(
      'UNSUPPORTED',
      `it takes values of ${a.shape.length + 1} and ${b.shape.length + 1} axes; axes are aligned at the last one, so that one batch would meet another axis: give both the same number of axes, with expandDims or reshape.`,
    );
  }
  const shape = call.errorsNaming(() => broadcastShapes(a.shape, b.shape, 'its arguments'));
  return [a, b].map((value) =>
    sameShape(value.shape, shape) ? value : call.add('broadcast', [value], { shape }),
  );
}

const merged =
  (kind: 'subtract' | 'multiply' | 'maximum' | 'minimum') => (call: Call, values: readonly Value[]) =>
    call.add('merge', values, { kind });

export const add = merging(
  (call, values) => call.add('add', values, {}),
  (number) => ({ scale: 1, offset: number }),
);
export const sub = merging(merged('subtract'), (number, isFirst) =>
  isFirst ? { scale: -1, offset: number } : { scale: 1, offset: -number },
);
export const mul = merging(merged('multiply'), (number) => ({ scale: number, offset: 0 }));
export const maximum = merging(merged('maximum'), () => undefined);
export const minimum = merging(merged('minimum'), () => undefined);

export const neg: OpDefinition = {
  arguments: 1,
  attributes: [],
  build: (call) => call.add('rescaling', [call.value()], { scale: -1, offset: 0 }),
};

/** The value as it is. */
export const identity: OpDefinition = {
  arguments: 1,
  attributes: [],
  build: (call) => call.value(),
};
