import { describe, expect, test } from 'vitest';
import { ReferenceProgram } from '../../../../lib/program/reference-engine/index.js';
import { cumsum, reduce } from '../../../support/arithmetic.js';
import { activation, chain, type Link, reshape, training } from '../../../support/chain.js';
import { expectGradients, randomNumbers, sizeOf } from '../../../support/numeric.js';

// The ops reduce and cumsum in the reference engine.

const HALF = training('halfSquaredError');

function run(shape: number[], link: Link, x: ArrayLike<number>): number[] {
  const program = new ReferenceProgram(chain(shape, [link]), 'float64');
  return [...program.runHere([Float32Array.from(x)], x.length / sizeOf(shape))[0]];
}

function expectLink(shape: number[], link: Link): void {
  const flatten: Link = (output) => reshape(sizeOf(output))(output);
  const description = chain(shape, [link, activation('tanh'), flatten], HALF);
  const program = new ReferenceProgram(description, 'float64');
  const size = sizeOf(description.graph.nodes[1].outputs[0].shape);
  expectGradients(program, randomNumbers(2 * sizeOf(shape), 1, -2, 2), randomNumbers(2 * size, 2));
}

describe.each(['sum', 'mean', 'max', 'min', 'product'])(
  'gradients of %s equal central differences',
  (kind) => {
    test.each([[[0]], [[1]], [[2]], [[0, 1]], [[0, 2]], [[1, 2]], [[0, 1, 2]], [[]]])('over %j', (axes) => {
      expectLink([2, 3, 2], reduce(kind, axes));
      expectLink([2, 3, 2], reduce(kind, axes, true));
    });
  },
);

test('the gradient of a product with zeros', () => {
  const program = new ReferenceProgram(chain([2, 3], [reduce('product', [1])], HALF), 'float64');
  expectGradients(program, Float64Array.of(0, 2, 3, 0, 0, 5), Float64Array.of(1, 1));
});

test.each([
  ['sum', [9, 19]],
  ['mean', [3, Math.fround(19 / 3)]],
  ['max', [6, 9]],
  ['min', [1, 3]],
  ['product', [12, 189]],
])('%s of [2, 3]', (kind, expected) => {
  const x = [1, 2, 6, 3, 7, 9];
  expect(run([2, 3], reduce(kind, [1]), x)).toEqual(expected);
  expect(run([3], reduce(kind, [0], true), x)).toEqual(expected);
  expect(run([3, 1, 2], reduce(kind, [0]), [1, 3, 2, 7, 6, 9])).toEqual(expected);
});

test('a sum of 10^6 numbers', () => {
  const x = new Float32Array(1e6).fill(0.1);
  expect(run([1e6], reduce('sum', [0]), x)[0]).toBe(Math.fround(1e6 * x[0]));
});

test.each([
  [{}, [1, 3, 6, 4, 9, 15]],
  [{ exclusive: true }, [0, 1, 3, 0, 4, 9]],
  [{ reverse: true }, [6, 5, 3, 15, 11, 6]],
  [{ exclusive: true, reverse: true }, [5, 3, 0, 11, 6, 0]],
])('cumsum %j', (options, expected) => {
  expect(run([2, 3], cumsum(1, options), [1, 2, 3, 4, 5, 6])).toEqual(expected);
  expect(run([3, 2], cumsum(0, options), [1, 4, 2, 5, 3, 6])).toEqual(
    [0, 1, 2].flatMap((i) => [expected[i], expected[i + 3]]),
  );
  expectLink([2, 3, 2], cumsum(1, options));
});
