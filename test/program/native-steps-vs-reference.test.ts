import { describe, expect, test } from 'vitest';
import type { ProgramDescription } from '../../lib/program/description.js';
import { nativeEngine } from '../../lib/program/native-engine.js';
import { referenceEngine } from '../../lib/program/reference-engine/index.js';
import {
  activation,
  chain,
  conv2d,
  dense,
  dropout,
  type Link,
  pool2d,
  reshape,
  training,
} from '../support/chain.js';
import { expectError } from '../support/convforge-error.js';
import { expectProgramAsReference } from '../support/engine-comparison.js';
import { add, Graph } from '../support/graph.js';
import { fold, merge, unfold } from '../support/shape-links.js';

// Ops between fold and unfold: the native engine in float32 and the reference engine in float64.

const HALF = training('halfSquaredError');
/** A fold of 5 steps. */
const FILM = [5, 6, 7, 3];

/** A dense layer whose gradient shows the next node's gradient by its input. */
const probe: Link = (input) => dense(input[input.length - 1])(input);

test.each<[string, Link[]]>([
  ['nothing', []],
  ['a convolution with bias and activation', [conv2d([3, 3], 5), activation('relu')]],
  ['a convolution of many channels, by Winograd', [conv2d([1, 1], 32), conv2d([3, 3], 33)]],
  ['pooling behind a convolution', [conv2d([2, 3], 4), activation('relu'), pool2d('max', [2, 2])]],
  ['a dense layer of each frame', [reshape(126), dense(9), activation('tanh')]],
  ['dropout', [conv2d([2, 2], 3), dropout(0.4, 1)]],
])('%s', async (_, links) => {
  await expectProgramAsReference(chain(FILM, [probe, fold, ...links, unfold(5), dense(2)], HALF), 3, 7);
});

test('a branch and its sum, folded twice', async () => {
  const graph = new Graph([2, 3, 4, 5, 2]);
  const folded = graph.after(0, probe, fold, fold);
  const branch = graph.after(folded, conv2d([1, 1], 2), activation('tanh'));
  graph.after([folded, branch], add, unfold(3), unfold(2), dense(3));
  await expectProgramAsReference(graph.describe(HALF), 2, 5);
});

test('folded steps give the same bits as separate samples', async () => {
  const links = [conv2d([3, 3], 4), activation('relu')];
  const apart = nativeEngine().createProgram(chain(FILM.slice(1), links));
  const together = nativeEngine().createProgram(chain(FILM, [fold, ...links, unfold(5)]));
  const weights = [108, 4].map((length) => Float32Array.from({ length }, (_, i) => Math.sin(i)));
  const x = Float32Array.from({ length: 2 * 5 * 126 }, (_, i) => Math.cos(i));
  for (const program of [apart, together]) program.writeWeights(weights);
  expect(together.runHere([x], 2)).toEqual(apart.runHere([x], 10));
  const flops = (program: typeof apart) =>
    program
      .explain('predict')
      .wait()
      .passes.reduce((sum, pass) => sum + pass.flops, 0);
  expect(flops(together)).toBe(5 * flops(apart));
});

describe.each(['native', 'reference'])('refused by the %s engine:', (name) => {
  const engine = name === 'native' ? nativeEngine() : referenceEngine();
  const refused = (
    description: ProgramDescription,
    code: 'INVALID_ARGUMENT' | 'SHAPE_MISMATCH',
    text: RegExp,
  ) => expectError(() => engine.createProgram(description), code, text);

  test('a folded output', () => refused(chain([3, 4], [fold]), 'INVALID_ARGUMENT', /^fold_1.* be an output/));

  test('another number of steps', () =>
    refused(chain([6, 4], [fold, unfold(4)]), 'INVALID_ARGUMENT', /6 steps .* not a multiple of 4/));

  test('no steps', () => refused(chain([6], [fold]), 'SHAPE_MISMATCH', /two axes or more/));

  test('folded and unfolded values together', () => {
    const graph = new Graph([4, 4]);
    const folded = graph.after(0, fold);
    const flat = graph.after(0, reshape(16), dense(4));
    graph.after([folded, flat], merge('multiply'), unfold(4));
    return refused(graph.describe(), 'INVALID_ARGUMENT', /must all be folded alike/);
  });

  test("a number of steps that isn't a whole number", () => {
    const odd: Link = (input) => ({
      ...unfold(2)(input),
      attributes: { steps: 1.5 },
      shape: [2, ...input],
    });
    return refused(chain([2, 4], [fold, odd]), 'INVALID_ARGUMENT', /steps/);
  });
});
