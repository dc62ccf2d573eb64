import type { OpName, Shape } from '../description.js';
import { elementCount } from './checks.js';
import type { ForwardCall, Op } from './op.js';

/**
 * Maps an output element to the input element that it copies, both by their indexes along each axis.
 * Undefined stands for an element that copies none.
 */
type Source<Name extends OpName> = (
  call: ForwardCall<Name>,
  position: readonly number[],
) => readonly number[] | undefined;

/** The passes of an op that copies elements. Those that copy none are `fill`, by default 0. */
export function copying<Name extends OpName>(
  source: Source<Name>,
  fill: (call: ForwardCall<Name>) => number = () => 0,
): Pick<Op<Name>, 'forward' | 'backward'> {
  const forEachCopy = (call: ForwardCall<Name>, visit: (from: number, to: number) => void) => {
    const inSize = elementCount(call.inputShape);
    const outSize = elementCount(call.outputShape);
    for (let to = 0; to < outSize; to++) {
      const from = source(call, positionOf(to, call.outputShape));
      if (!from) continue;
      const index = from.reduce((sum, at, axis) => sum * call.inputShape[axis] + at, 0);
      for (let n = 0; n < call.samples; n++) visit(n * inSize + index, n * outSize + to);
    }
  };
  return {
    forward(call) {
      call.output.fill(fill(call));
      forEachCopy(call, (from, to) => {
        call.output[to] = call.input[from];
      });
    },
    backward(call) {
      const sums = new Float64Array(call.inputGradient.length);
      forEachCopy(call, (from, to) => {
        sums[from] += call.outputGradient[to];
      });
      call.inputGradient.set(sums);
    },
  };
}

function positionOf(index: number, shape: Shape): number[] {
  let rest = index;
  return shape
    .toReversed()
    .map((size) => {
      const at = rest % size;
      rest = Math.floor(rest / size);
      return at;
    })
    .reverse();
}
