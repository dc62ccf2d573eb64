import { describe, expect, it } from 'vitest';
import * as layers from '../../lib/layers/index.js';
import { input, model, sequential } from '../../lib/models/index.js';
import { Lowering } from '../../lib/layers/lower.js';
import { expectError } from '../support/convforge-error.js';

function lower(...list: layers.Layer[]) {
  const model = sequential({ layers: list });
  return model.state.describe().graph.nodes;
}

describe('lowering', () => {
  it('lowers a convolution with its activation to two nodes', () => {
    const nodes = lower(
      layers.conv2d({
        filters: 32,
        kernelSize: 5,
        activation: 'relu',
        padding: 'same',
        inputShape: [28, 28, 1],
      }),
    );
    expect(nodes).toEqual([
      {
        name: 'conv2d_1_input',
        op: 'input',
        inputs: [],
        attributes: { shape: [28, 28, 1] },
        parameters: [],
        outputs: [{ shape: [28, 28, 1], dtype: 'float32' }],
      },
      {
        name: 'conv2d_1',
        op: 'conv2d',
        inputs: [0],
        attributes: { strides: [1, 1], dilation: [1, 1], padding: [2, 2, 2, 2], groups: 1, exact: false },
        parameters: [
          { name: 'kernel', shape: [5, 5, 1, 32] },
          { name: 'bias', shape: [32] },
        ],
        outputs: [{ shape: [28, 28, 32], dtype: 'float32' }],
      },
      {
        name: 'conv2d_1/relu',
        op: 'activation',
        inputs: [1],
        attributes: { kind: 'relu' },
        parameters: [],
        outputs: [{ shape: [28, 28, 32], dtype: 'float32' }],
      },
    ]);
  });

  it('lowers a depthwise convolution to a group per channel', () => {
    const nodes = lower(
      layers.depthwiseConv2d({ kernelSize: [3, 2], depthMultiplier: 2, strides: 2, inputShape: [7, 6, 5] }),
    );
    expect(nodes[1]).toMatchObject({
      op: 'conv2d',
      attributes: { strides: [2, 2], dilation: [1, 1], padding: [0, 0, 0, 0], groups: 5, exact: false },
      parameters: [
        { name: 'kernel', shape: [3, 2, 1, 10] },
        { name: 'bias', shape: [10] },
      ],
      outputs: [{ shape: [3, 3, 10], dtype: 'float32' }],
    });
  });

  it('lowers every other layer', () => {
    const nodes = lower(
      layers.inputLayer({ inputShape: [6, 6, 1], name: 'image' }),
      layers.rescaling({ scale: 0.5, offset: 1 }),
      layers.maxPooling2d(),
      layers.averagePooling2d({ poolSize: 2, strides: 1, padding: 'same' }),
      layers.sumPooling2d({ poolSize: [1, 3] }),
      layers.reshape({ targetShape: [-1, 1] }),
      layers.dropout({ rate: 0.5 }),
      layers.flatten(),
      layers.dropout({ rate: 0.25, name: 'drop' }),
      layers.dense({ units: 2, useBias: false }),
      layers.activation({ activation: 'linear' }),
      layers.activation({ activation: 'softmax' }),
    );
    expect(
      nodes.map(({ name, op, attributes, outputs }) => [name, op, attributes, outputs[0].shape]),
    ).toEqual([
      ['image', 'input', { shape: [6, 6, 1] }, [6, 6, 1]],
      ['rescaling_1', 'rescaling', { scale: 0.5, offset: 1 }, [6, 6, 1]],
      [
        'max_pooling2d_1',
        'pool2d',
        { kind: 'max', size: [2, 2], strides: [2, 2], padding: [0, 0, 0, 0] },
        [3, 3, 1],
      ],
      [
        'average_pooling2d_1',
        'pool2d',
        { kind: 'average', size: [2, 2], strides: [1, 1], padding: [0, 1, 0, 1] },
        [3, 3, 1],
      ],
      [
        'sum_pooling2d_1',
        'pool2d',
        { kind: 'sum', size: [1, 3], strides: [1, 3], padding: [0, 0, 0, 0] },
        [3, 1, 1],
      ],
      ['reshape_1', 'reshape', { shape: [3, 1] }, [3, 1]],
      ['dropout_1', 'dropout', { rate: 0.5, stream: 0 }, [3, 1]],
      ['flatten_1', 'reshape', { shape: [3] }, [3]],
      ['drop', 'dropout', { rate: 0.25, stream: 1 }, [3]],
      ['dense_1', 'dense', {}, [2]],
      ['activation_2', 'activation', { kind: 'softmax' }, [2]],
    ]);
    expect(nodes.map((node) => node.inputs)).toEqual([[], [0], [1], [2], [3], [4], [5], [6], [7], [8], [9]]);
    expect(nodes[9].parameters).toEqual([{ name: 'kernel', shape: [3, 2] }]);
  });

  it('says the type of inputs that are declared, and of those that feed an embedding', () => {
    const flag = input({ shape: [2], dtype: 'bool', name: 'flag' });
    const ids = input({ shape: [2], dtype: 'int32', name: 'ids' });
    const words = input({ shape: [2], name: 'words' });
    const numbers = input({ shape: [2], name: 'numbers' });
    const embedding = layers.embedding({ inputDim: 9, outputDim: 1 });
    const vectors = embedding.apply(layers.reshape({ targetShape: [2, 1] }).apply(words));
    const inputs = [flag, ids, words, numbers];
    const others = [flag, ids, numbers, layers.flatten().apply(vectors)];
    const outputs = layers.concatenate().apply(others);
    const { nodes } = model({ inputs, outputs }).state.describe().graph;
    expect(nodes.slice(0, 4).map(({ attributes, outputs }) => ({ ...attributes, outputs }))).toEqual([
      { shape: [2], dtype: 'uint8', outputs: [{ shape: [2], dtype: 'uint8' }] },
      { shape: [2], dtype: 'int32', outputs: [{ shape: [2], dtype: 'int32' }] },
      { shape: [2], dtype: 'int32', outputs: [{ shape: [2], dtype: 'int32' }] },
      { shape: [2], outputs: [{ shape: [2], dtype: 'float32' }] },
    ]);
    expect(nodes.slice(4).every(({ outputs: [{ dtype }] }) => dtype === 'float32')).toBe(true);
  });

  it('refuses two nodes of one name', async () => {
    const lowering = new Lowering();
    lowering.add({ name: 'a', op: 'input', inputs: [], attributes: { shape: [1] } });
    const twice = () => lowering.add({ name: 'a', op: 'reshape', inputs: [0], attributes: { shape: [1] } });
    await expectError(twice, 'INVALID_ARGUMENT', /Two nodes are called 'a'/);
  });
});
