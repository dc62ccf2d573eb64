import { describe, expect, it } from 'vitest';
import * as tf from '../../lib/index.js';
import { MODEL, type ModelMessage } from '../../lib/onnx/messages.js';
import { writeMessage, type Written } from '../../lib/onnx/write-message.js';

const FLOAT = 1;
type Node = { opType: string; input: string[]; output: string[]; attribute?: object[] };
type Tensors = Record<string, { dims: number[]; values: number[] }>;

const node = (
  opType: string,
  input: string,
  output: string,
  attributes: Record<string, number> = {},
): Node => ({
  opType,
  input: input.split(' '),
  output: [output],
  attribute: Object.entries(attributes).map(([name, f]) => ({ name, f, type: 1 })),
});

/** A model of x [batch, ...sample] and y. */
function load(nodes: Node[], tensors: Tensors, sample: number[]): Promise<tf.LayersModel> {
  const dim = [{ dimParam: 'batch' }, ...sample.map((dimValue) => ({ dimValue }))];
  const port = (name: string, shape?: object) => ({ name, type: { tensorType: { elemType: FLOAT, shape } } });
  const initializer = Object.entries(tensors).map(([name, { dims, values }]) => ({
    name,
    dims,
    dataType: FLOAT,
    rawData: new Uint8Array(Float32Array.from(values).buffer),
  }));
  const graph = { node: nodes, input: [port('x', { dim })], output: [port('y')], initializer };
  const message = { irVersion: 8, opsetImport: [{ domain: '', version: 17 }], graph };
  return tf.loadModel(writeMessage(MODEL, message as Written<ModelMessage>));
}

const number = (value: number) => ({ dims: [], values: [value] });
const NUMBERS: Tensors = {
  half: number(0.5),
  one: { dims: [1], values: [1] },
  root: number(Math.SQRT2),
  inverse: number(Math.SQRT1_2),
  two: number(2),
};
const names = ({ layers }: tf.LayersModel) => layers.slice(1, -1).map((layer) => layer.getClassName());
const X = [-3, -1, -0.2, 0, 0.4, 1, 2, 5];

describe('gates are one activation', () => {
  const halves = X.map((x) => x * 0.5 * (1 + tf.erf(tf.scalar(x / Math.SQRT2)).dataSync()[0]));
  const erf = (scaled: Node) => [scaled, node('Erf', 'v', 'e'), node('Add', 'e one', 'a')];
  it.each<[string, Node[], string, number[]]>([
    [
      'hardSwish',
      [node('HardSigmoid', 'x', 's', { alpha: 1 / 6 }), node('Mul', 'x s', 'y')],
      'hardSwish',
      X.map((x) => (x * Math.min(Math.max(x + 3, 0), 6)) / 6),
    ],
    [
      "PyTorch's gelu",
      [...erf(node('Div', 'x root', 'v')), node('Mul', 'x a', 'm'), node('Mul', 'm half', 'y')],
      'gelu',
      halves,
    ],
    [
      "Keras's gelu",
      [...erf(node('Mul', 'inverse x', 'v')), node('Mul', 'half x', 'm'), node('Mul', 'm a', 'y')],
      'gelu',
      halves,
    ],
    [
      'gelu by halves of 1 + erf',
      [...erf(node('Div', 'x root', 'v')), node('Mul', 'half a', 'm'), node('Mul', 'x m', 'y')],
      'gelu',
      halves,
    ],
  ])('%s', async (_, nodes, activation, wanted) => {
    const model = await load(nodes, NUMBERS, [8]);
    expect(names(model)).toEqual(['Activation']);
    expect(model.layers[1].getConfig()).toMatchObject({ activation });
    const got = [...model.predict(tf.tensor(X, [1, 8])).dataSync()];
    got.forEach((value, i) => {
      expect(value).toBeCloseTo(wanted[i], 5);
    });
  });

  it.each<[string, Node[]]>([
    ['another slope', [node('HardSigmoid', 'x', 's', { alpha: 0.2 }), node('Mul', 'x s', 'y')]],
    [
      'another factor',
      [...erf(node('Div', 'x root', 'v')), node('Mul', 'x a', 'm'), node('Mul', 'm two', 'y')],
    ],
    [
      'another scale',
      [...erf(node('Div', 'x two', 'v')), node('Mul', 'x a', 'm'), node('Mul', 'm half', 'y')],
    ],
    [
      'another x',
      [
        node('Neg', 'x', 'n'),
        ...erf(node('Div', 'n root', 'v')),
        node('Mul', 'x a', 'm'),
        node('Mul', 'm half', 'y'),
      ],
    ],
  ])('but not with %s', async (_, nodes) => {
    expect(names(await load(nodes, NUMBERS, [8])).length).toBeGreaterThan(1);
  });
});

describe('a convolution takes the constant that is added as its bias', () => {
  const kernel = { dims: [2, 3, 1, 1], values: [1, 2, 3, 4, 5, 6] };
  const bias = { dims: [1, 2, 1, 1], values: [10, 20] };
  const x = tf.tensor([1, 0, 0, 1, 2, 0], [1, 3, 1, 2]);
  // What the kernel makes of the two pixels, and the bias.
  const wanted = [1 + 0 + 6 + 10, 0 + 2 + 0 + 10, 4 + 0 + 12 + 20, 0 + 5 + 0 + 20];

  it('in a layer that trains it', async () => {
    const model = await load(
      [node('Conv', 'x w', 'c'), node('Add', 'b c', 'y')],
      { w: kernel, b: bias },
      [3, 1, 2],
    );
    expect(names(model).filter((name) => name !== 'Permute' && name !== 'Reshape')).toEqual(['Conv2D']);
    expect(model.getWeights(true).length).toBe(2);
    expect([...model.predict(x).dataSync()]).toEqual(wanted);
  });

  it('also in a transposed one', async () => {
    const w = { dims: [3, 2, 1, 1], values: [1, 4, 2, 5, 3, 6] };
    const b = { dims: [2, 1, 1], values: bias.values };
    const model = await load(
      [node('ConvTranspose', 'x w', 'c'), node('Add', 'c b', 'y')],
      { w, b },
      [3, 1, 2],
    );
    expect(names(model)).toContain('Conv2DTranspose');
    expect(names(model)).not.toContain('Operation');
    expect([...model.predict(x).dataSync()]).toEqual(wanted);
  });

  it('unless the output is used elsewhere, or the constant lies along another axis', async () => {
    const twice = [node('Conv', 'x w', 'c'), node('Add', 'c b', 'd'), node('Mul', 'c d', 'y')];
    const tensors = { w: kernel, b: bias };
    expect(names(await load(twice, tensors, [3, 1, 2]))).toContain('Operation');
    const along = { w: kernel, b: { dims: [2], values: [10, 20] } };
    const model = await load([node('Conv', 'x w', 'c'), node('Add', 'c b', 'y')], along, [3, 1, 2]);
    expect([...model.predict(x).dataSync()]).toEqual([17, 22, 26, 25]);
  });

  it('apart from another one with the same kernel', async () => {
    const nodes = [
      node('Conv', 'x w', 'c'),
      node('Add', 'c b', 'd'),
      node('Conv', 'x w', 'e'),
      node('Add', 'e b2', 'f'),
      node('Sub', 'd f', 'y'),
    ];
    const b2 = { dims: [1, 2, 1, 1], values: [1, 2] };
    const model = await load(nodes, { w: kernel, b: bias, b2 }, [3, 1, 2]);
    expect([...model.predict(x).dataSync()]).toEqual([9, 9, 18, 18]);
  });
});
