import { describe, expect, test } from 'vitest';
import { ReferenceProgram } from '../../../lib/program/reference-engine/index.js';
import { activation, chain, dense, type Link, training } from '../../support/chain.js';
import {
  expectProgramAsReference,
  expectProgramBits,
  NAMED_ENGINES,
} from '../../support/engine-comparison.js';
import { refusal } from '../../support/engine-runs.js';
import { Graph } from '../../support/graph.js';
import { expectGradients, randomNumbers, sizeOf } from '../../support/numeric.js';
import { outputOf } from '../../support/one-batch.js';
import { resample } from '../../support/rearranging-links.js';

// Mixed elements along an axis: in numbers, by central differences, and the native engine against the reference engine.

const HALF = training('halfSquaredError');

/** A dense layer that leaves the last axis: its gradient tells the next node's gradient by its input. */
const probe: Link = (input) => dense(input[input.length - 1])(input);

/** Mixes with some indices and weights, each in multiples of `unit`. */
function mixed(axis: number, from: number, size: number, taps: number, unit = 0.25): Link {
  const terms = Array.from({ length: size * taps }, (_, i) => i);
  const indices = terms.map((i) => (i * 7 + 2) % from);
  const weights = terms.map((i) => (((i * 5) % 9) - 4) * unit);
  return resample(axis, size, indices, weights);
}

const CASES: [string, number[], Link][] = [
  ['a vector', [12], mixed(0, 12, 7, 3)],
  ['rows', [5, 6, 3], mixed(0, 5, 9, 2)],
  ['columns', [5, 6, 3], mixed(1, 6, 2, 4)],
  ['channels', [5, 6, 3], mixed(2, 3, 40, 2)],
  ['many rows', [60, 40, 17], mixed(0, 60, 90, 4)],
  ['one output of one element', [5, 6, 3], mixed(1, 6, 1, 1)],
];

test('in numbers, with a weight of 0 on infinity', () => {
  const link = resample(0, 3, [0, 1, 1, 0, 2, 2], [0.5, 0.5, 1, 0, 2, -1]);
  for (const [, engine] of NAMED_ENGINES) {
    const program = engine.createProgram(chain([3, 2], [link]));
    const x = Float32Array.of(Number.POSITIVE_INFINITY, 2, 1, 4, 3, 6);
    expect([...outputOf(program, x, 1)]).toEqual([Number.POSITIVE_INFINITY, 3, 1, 4, 3, 6]);
  }
});

describe.each(CASES)('%s', (_, shape, link) => {
  test('by central differences', () => {
    if (sizeOf(shape) > 1000) return;
    const description = chain(shape, [link, activation('tanh')], HALF);
    const size = sizeOf(description.graph.nodes[2].outputs[0].shape);
    const program = new ReferenceProgram(description, 'float64');
    expectGradients(program, randomNumbers(2 * sizeOf(shape), 1), randomNumbers(2 * size, 2));
  });

  test('the native engine', async () => {
    const graph = new Graph(shape);
    graph.after(0, probe, link);
    await expectProgramAsReference(graph.describe(HALF), 3, 5);
    await expectProgramBits(graph.describe(HALF), 2, 6);
  });
});

describe.each(NAMED_ENGINES)('the %s engine', (_, engine) => {
  const attributes = { axis: 0, size: 2, taps: 1, indices: [0, 1], weights: [1, 1] };

  test.each([
    [{ axis: 2 }, 'INVALID_ARGUMENT', 'there is no axis 2'],
    [{ size: 0 }, 'INVALID_ARGUMENT', 'size'],
    [{ taps: 0 }, 'INVALID_ARGUMENT', 'taps'],
    [{ taps: 2 ** 30, size: 2 ** 30 }, '', ''],
    [{ indices: [0, 2] }, 'INVALID_ARGUMENT', 'no index 2'],
    [{ indices: [0, -1] }, 'INVALID_ARGUMENT', 'indices'],
    [{ indices: [0] }, 'INVALID_ARGUMENT', 'indices'],
    [{ weights: [0] }, '', 'weights'],
    [{ weights: [0, Number.NaN] }, 'INVALID_ARGUMENT', 'weights'],
  ])('refuses %j', async (change, code, text) => {
    const graph = new Graph([2, 3]);
    graph.after(0, () => ({ op: 'resample', attributes: { ...attributes, ...change }, parameters: [] }));
    const found = await refusal(() => engine.createProgram(graph.describe()));
    expect([found.code, found.layer]).toEqual([code || expect.any(String), 'resample_1']);
    expect(found.message).toContain(text);
  });
});
