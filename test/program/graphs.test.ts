import { beforeAll, describe, expect, test } from 'vitest';
import { currentEngine, setEngine } from '../../lib/program/current-engine.js';
import type { NodeDescription, ValueReference } from '../../lib/program/description.js';
import { chain, activation, dense } from '../support/chain.js';
import { refusal } from '../support/engine-runs.js';
import { ENGINES } from '../support/engines.js';
import { add, Graph } from '../support/graph.js';
import { outputOf } from '../support/one-batch.js';

describe.each(ENGINES)('the %s engine', (engine) => {
  beforeAll(() => setEngine(engine));

  const outputs = (graph: Graph, x: number[]) =>
    Array.from(outputOf(currentEngine().createProgram(graph.describe()), new Float32Array(x), 2));

  test('adds two and more inputs, one of them twice', () => {
    const graph = new Graph([2]);
    const positive = graph.after(0, activation('relu'));
    const sum = graph.after([0, positive], add);
    graph.after([sum, 0, sum], add);
    // 2 (x + max(x, 0)) + x
    expect(outputs(graph, [1, -2, 0.5, 3])).toEqual([5, -6, 2.5, 15]);
  });

  test('outputs the last node of a graph, not a branch', () => {
    const graph = new Graph([1]);
    const doubled = graph.after([0, 0], add);
    graph.after([doubled, 0], add);
    expect(outputs(graph, [1, -2])).toEqual([3, -6]);
  });

  describe('refuses', () => {
    /** A valid program on [3] whose last node, a sum of `dense_1` and `dense_2`, is changed. */
    const refused = async (change: Partial<NodeDescription>, units = 4) => {
      const graph = new Graph([3]);
      const first = graph.after(0, dense(4));
      const second = graph.after(0, dense(units));
      graph.after([first, second], add);
      Object.assign(graph.nodes[3], change);
      const { code, layer, message } = await refusal(() => currentEngine().createProgram(graph.describe()));
      return { code, layer, message };
    };

    test.each([
      [[1, 7], 'node 7'],
      [[1, 3], 'node 3'],
      [[1, [2, 1]], 'output 1 of node 2'],
    ] as [ValueReference[], string][])('the inputs %j', async (inputs, text) => {
      expect(await refused({ inputs })).toEqual({
        code: 'INVALID_ARGUMENT',
        layer: 'add_3',
        message: expect.stringMatching(new RegExp(`${text}; it must be one of the 3 before it`)),
      });
    });

    test('a sum of one input, and another op of two', async () => {
      expect(await refused({ inputs: [2] })).toMatchObject({
        code: 'INVALID_ARGUMENT',
        layer: 'add_3',
        message: expect.stringContaining('add takes two or more inputs, not 1'),
      });
      expect(await refused({ op: 'activation', attributes: { kind: 'relu' } })).toMatchObject({
        code: 'INVALID_ARGUMENT',
        layer: 'add_3',
        message: expect.stringContaining('activation takes one input, not 2'),
      });
    });

    test('a sum of different shapes, naming both', async () => {
      expect(await refused({}, 5)).toMatchObject({
        code: 'SHAPE_MISMATCH',
        layer: 'add_3',
        message: expect.stringMatching(/add_3: .*\[4\] and \[5\]/),
      });
    });

    test('a sum that declares another shape', async () => {
      const [output] = chain([4], []).graph.nodes[0].outputs;
      const declared = (...outputs: NodeDescription['outputs']) => refused({ outputs });
      expect(await declared({ ...output, shape: [5] })).toMatchObject({
        code: 'SHAPE_MISMATCH',
        layer: 'add_3',
      });
      expect(await declared({ ...output, dtype: 'int32' })).toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: expect.stringMatching(/add_3: .*float32.*int32/),
      });
      expect(await declared(output, output)).toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: expect.stringMatching(/add_3: add has (one|1) output/),
      });
    });

    test('an unused node, naming it', async () => {
      expect(await refused({ inputs: [1, 1] })).toMatchObject({
        code: 'INVALID_ARGUMENT',
        layer: 'dense_2',
        message: expect.stringContaining('no node takes its output'),
      });
    });

    test('an unused input', async () => {
      const graph = new Graph([3]);
      graph.after(0, dense(3));
      graph.nodes[1] = { ...graph.nodes[1], inputs: [] };
      expect(await refusal(() => currentEngine().createProgram(graph.describe()))).toMatchObject({
        code: 'INVALID_ARGUMENT',
        layer: 'dense_1',
      });
    });
  });
});
