import type { AttributesOf } from '../../description.js';
import { forEachRepeated, perSample } from '../broadcast-indexes.js';
import { checkFlag, fail, oneOf, wholeNumbers } from '../checks.js';
import type { ForwardCall, Op } from '../op.js';

type Kind = AttributesOf<'reduce'>['kind'];

interface Reduction {
  first: number;
  combine(total: number, value: number): number;
}

const REDUCTIONS: Record<Kind, Reduction> = {
  sum: { first: 0, combine: (total, value) => total + value },
  mean: { first: 0, combine: (total, value) => total + value },
  max: { first: Number.NEGATIVE_INFINITY, combine: Math.max },
  min: { first: Number.POSITIVE_INFINITY, combine: Math.min },
  product: { first: 1, combine: (total, value) => total * value },
};

export const reduce: Op<'reduce'> = {
  check(node) {
    oneOf(node, 'kind', Object.keys(REDUCTIONS));
    checkFlag(node, 'keepDims');
    const { axes } = node.attributes;
    if (!Array.isArray(axes)) fail(node, 'INVALID_ARGUMENT', `axes is ${axes}; it must be a list.`);
    wholeNumbers(node, 'axes', axes.length, 0);
  },
  forward(call) {
    const { kind } = call.node.attributes;
    const { first, combine } = REDUCTIONS[kind];
    const totals = new Float64Array(call.output.length).fill(first);
    forEachReduced(call, (from, to) => {
      totals[to] = combine(totals[to], call.input[from]);
    });
    const divisor = kind === 'mean' ? call.input.length / call.output.length : 1;
    for (let i = 0; i < totals.length; i++) call.output[i] = totals[i] / divisor;
  },
  backward(call) {
    const { input, output, outputGradient, inputGradient } = call;
    const { kind } = call.node.attributes;
    if (kind === 'product') return productGradient(call, outputGradient, inputGradient);
    const share = kind === 'mean' ? output.length / input.length : 1;
    const isTaken = new Uint8Array(output.length);
    forEachReduced(call, (from, to) => {
      if (kind === 'max' || kind === 'min') {
        const isLike = input[from] === output[to] || Number.isNaN(input[from]);
        if (isTaken[to] || !isLike) return;
        isTaken[to] = 1;
      }
      inputGradient[from] = outputGradient[to] * share;
    });
  },
};

/** Calls `visit` for each element of the input, in order, with the index of the output that it is part of. */
function forEachReduced(
  { node, samples, inputShape }: ForwardCall<'reduce'>,
  visit: (from: number, to: number) => void,
): void {
  const kept = inputShape.map((size, axis) => (node.attributes.axes.includes(axis) ? 1 : size));
  forEachRepeated(inputShape, samples, perSample([kept]), (from, [to]) => visit(from, to));
}

/** The gradient by an element is the product of the others. */
function productGradient(
  call: ForwardCall<'reduce'>,
  outputGradient: ArrayLike<number>,
  inputGradient: { [index: number]: number },
): void {
  const parts: number[][] = Array.from(outputGradient, () => []);
  forEachReduced(call, (from, to) => void parts[to].push(from));
  parts.forEach((indexes, to) => {
    const after = [1];
    for (const index of indexes.toReversed()) after.push(after[after.length - 1] * call.input[index]);
    let before = 1;
    indexes.forEach((index, i) => {
      inputGradient[index] = outputGradient[to] * before * after[indexes.length - 1 - i];
      before *= call.input[index];
    });
  });
}
