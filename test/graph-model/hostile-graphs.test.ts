import { describe, expect, it } from 'vitest';
import * as tf from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';

type Node = Record<string, unknown>;

const size = (value: number) => ({ size: String(value) });
const image: Node = {
  name: 'image',
  op: 'Placeholder',
  attr: { dtype: { type: 'DT_FLOAT' }, shape: { shape: { dim: [-1, 4, 4, 2].map(size) } } },
};

/** Loads a graph of these nodes. Weights are float32, all 1, or whole numbers. */
function load(
  nodes: readonly Node[],
  weights: Record<string, { shape: number[]; values?: number[] }> = {},
  signature?: object,
): Promise<tf.GraphModel> {
  const bytes = Object.values(weights).map(({ shape, values }) => {
    const count = shape.reduce((product, each) => product * each, 1);
    return Buffer.from((values ? Int32Array.from(values) : new Float32Array(count).fill(1)).buffer);
  });
  const weightSpecs = Object.entries(weights).map(([name, { shape, values }]) => {
    const dtype: 'int32' | 'float32' = values ? 'int32' : 'float32';
    return { name, shape, dtype };
  });
  return tf.loadGraphModel(
    tf.io.fromMemory({
      format: 'graph-model',
      modelTopology: { node: nodes },
      weightSpecs,
      weightData: new Uint8Array(Buffer.concat(bytes)).buffer,
      ...(signature && { signature }),
    }),
  );
}

const relu = (name: string, input: string): Node => ({ name, op: 'Relu', input: [input] });
const constant = (name: string): Node => ({ name, op: 'Const' });

describe('graphs that are refused', () => {
  it('lists all operations that can not be loaded, before weights are read', async () => {
    const nodes = [
      image,
      { name: 'rnn/cell', op: 'LSTMBlockCell', input: ['image'] },
      { name: 'branch', op: 'If', input: ['rnn/cell'] },
      { name: 'unneeded', op: 'While', input: ['image'] },
      relu('out', 'branch'),
    ];
    const signature = { outputs: { out: { name: 'out:0' } } };
    const error = await expectError(
      () => load(nodes, {}, signature),
      'UNSUPPORTED',
      /2 of its operations can't be loaded: LSTMBlockCell at 'rnn\/cell', If at 'branch'\.$/,
    );
    expect(error.message).not.toContain('unneeded');
  });

  it.each<[string, Node[], tf.ErrorCode, RegExp]>([
    ['a cycle', [image, relu('a', 'b'), relu('b', 'a'), relu('out', 'b')], 'CORRUPT_FILE', /cycle/],
    ['a missing node', [image, relu('out', 'nothing')], 'CORRUPT_FILE', /'out' reads 'nothing'/],
    ['a missing output', [image, relu('out', 'image:1')], 'CORRUPT_FILE', /output 1 of 'image'/],
    ['a name twice', [image, relu('a', 'image'), relu('a', 'image')], 'CORRUPT_FILE', /listed twice/],
    ['no nodes', [], 'CORRUPT_FILE', /no outputs/],
    ['no name', [{ op: 'Relu' }], 'CORRUPT_FILE', /must have a name/],
    ['inputs that are no names', [{ name: 'a', op: 'Relu', input: [1] }], 'CORRUPT_FILE', /must be names/],
    ['attributes that are none', [{ name: 'a', op: 'Relu', attr: [] }], 'CORRUPT_FILE', /attributes/],
    ['a constant without a weight', [image, constant('w')], 'CORRUPT_FILE', /'w' is missing/],
    [
      'an input of unknown rank',
      [{ name: 'image', op: 'Placeholder' }, relu('out', 'image')],
      'UNSUPPORTED',
      /no known number of axes/,
    ],
    [
      'images of channels first',
      [image, { name: 'p', op: 'MaxPool', input: ['image'], attr: { data_format: { s: 'TkNIVw==' } } }],
      'UNSUPPORTED',
      /MaxPool 'p' can't be loaded: its data_format is NCHW/,
    ],
    [
      'an attribute of another type',
      [image, { name: 'p', op: 'MaxPool', input: ['image'], attr: { ksize: { list: { i: ['x'] } } } }],
      'CORRUPT_FILE',
      /attribute ksize of the MaxPool 'p' is 'x'/,
    ],
    [
      'a missing input',
      [image, { name: 'c', op: 'Conv2D', input: ['image'] }],
      'CORRUPT_FILE',
      /input 1 is missing/,
    ],
  ])('%s', async (_, nodes, code, message) => {
    await expectError(() => load(nodes), code, message);
  });

  it('a kernel of another number of channels', async () => {
    const conv = { name: 'conv', op: 'Conv2D', input: ['image', 'w'] };
    const weights = { w: { shape: [3, 3, 5, 2] } };
    await expectError(() => load([image, constant('w'), conv], weights), 'CORRUPT_FILE', /conv/);
  });

  it('constants that would fill the memory', async () => {
    const fills = Array.from({ length: 40 }, (_, i) => ({ name: `f${i}`, op: 'Fill', input: ['n', 'one'] }));
    const sum = { name: 'sum', op: 'AddN', input: fills.map(({ name }) => name) };
    const weights = { n: { shape: [1], values: [2 ** 18] }, one: { shape: [], values: [1] } };
    await expectError(() => load([constant('n'), constant('one'), ...fills, sum], weights), 'TOO_LARGE');
    const huge = { name: 'huge', op: 'Fill', input: ['n', 'one'] };
    const more = { ...weights, n: { shape: [2], values: [2 ** 20, 2 ** 20] } };
    await expectError(() => load([constant('n'), constant('one'), huge], more), 'UNSUPPORTED', /at most/);
  });

  it('a reshape that joins samples', async () => {
    const reshape = { name: 'flat', op: 'Reshape', input: ['image', 'shape'] };
    const weights = { shape: { shape: [2], values: [-1, 2] } };
    await expectError(() => load([image, constant('shape'), reshape], weights), 'UNSUPPORTED', /flat.*batch/);
  });

  it('loads a chain of 3000 nodes', async () => {
    const chain = Array.from({ length: 3000 }, (_, i) => relu(`n${i}`, i === 0 ? 'image' : `n${i - 1}`));
    const model = await load([image, ...chain.reverse()]);
    expect(model.outputs.map(({ name }) => name)).toEqual(['n2999']);
  });
});
