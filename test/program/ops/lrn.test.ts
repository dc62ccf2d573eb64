import { describe, expect, test } from 'vitest';
import { ReferenceProgram } from '../../../lib/program/reference-engine/index.js';
import { activation, chain, prelu, training } from '../../support/chain.js';
import { NAMED_ENGINES } from '../../support/engine-comparison.js';
import { refusal } from '../../support/engine-runs.js';
import { Graph } from '../../support/graph.js';
import { expectClose, expectGradients, randomNumbers, sizeOf } from '../../support/numeric.js';
import { outputOf } from '../../support/one-batch.js';
import { lrn } from '../../support/rearranging-links.js';
import { expectSameEverything } from '../../support/whole-programs.js';

// Local response normalization: in numbers, by central differences, and the native engine against the reference engine.

const HALF = training('halfSquaredError');

const CASES: [string, number[], Parameters<typeof lrn>][] = [
  ['the usual exponent', [2, 3, 7], [3, 0.5, 0.75, 1]],
  ['an even window', [2, 3, 7], [4, 0.5, 0.75, 1]],
  ['a window of one', [4, 5], [1, 2, 0.5, 0.5]],
  ['a window larger than the channels', [4, 5], [12, 2, 1.25, 2]],
  ['a vector', [9], [5, 1, 2, 1]],
];

test('in numbers', () => {
  const x = Float32Array.of(1, 2, 3, 4);
  // Sums of squares of windows from one channel before to one after: 5, 14, 29, 25.
  const three = [1 / 6, 2 / 15, 3 / 30, 4 / 26];
  // Windows of two reach one channel after: 5, 13, 25, 16.
  const two = [1 / 6, 2 / 14, 3 / 26, 4 / 17];
  for (const [, engine] of NAMED_ENGINES) {
    const run = (size: number) => outputOf(engine.createProgram(chain([4], [lrn(size, size, 1, 1)])), x, 1);
    expectClose(run(3), three);
    expectClose(run(2), two);
    const large = engine.createProgram(chain([2], [lrn(1, 1, 0.5, 1)]));
    expectClose(outputOf(large, Float32Array.of(1e30, Number.NaN), 1).slice(0, 1), [1]);
    expect(outputOf(large, Float32Array.of(0, Number.NaN), 1)[1]).toBeNaN();
  }
});

test.each(CASES)('%s by central differences', (_, shape, given) => {
  const description = chain(shape, [lrn(...given), activation('tanh')], HALF);
  const program = new ReferenceProgram(description, 'float64');
  const size = 2 * sizeOf(shape);
  expectGradients(program, randomNumbers(size, 1, -2, 2), randomNumbers(size, 2));
});

test.each([...CASES, ['several tasks', [4, 2000], [5, 1, 0.75, 2]] as (typeof CASES)[number]])(
  '%s in the native engine',
  async (_, shape, given) => {
    const graph = new Graph(shape);
    // The gradient by alpha tells that by the input of lrn.
    graph.after(0, prelu([...shape.slice(0, -1).map(() => 1), shape[shape.length - 1]]), lrn(...given));
    await expectSameEverything(graph.describe(HALF), 3);
  },
);

describe.each(NAMED_ENGINES)('the %s engine', (_, engine) => {
  test.each([
    [{ size: 0 }, 'size'],
    [{ size: 1.5 }, 'size'],
    [{ alpha: Number.NaN }, 'alpha'],
    [{ beta: Number.POSITIVE_INFINITY }, 'beta'],
    [{ bias: Number.NaN }, 'bias'],
  ])('refuses %j', async (change, text) => {
    const graph = new Graph([2, 3]);
    const attributes = { size: 1, alpha: 1, beta: 1, bias: 1, ...change };
    graph.after(0, () => ({ op: 'lrn', attributes, parameters: [] }));
    const found = await refusal(() => engine.createProgram(graph.describe()));
    expect([found.code, found.layer]).toEqual(['INVALID_ARGUMENT', 'lrn_1']);
    expect(found.message).toContain(text);
  });
});
