import { describe, expect, it } from 'vitest';
import {
  input,
  layers,
  model as graphModel,
  models,
  type Sequential,
  sequential,
  setSeed,
  tensor,
} from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';
import { tinyClassifier, values } from '../support/tiny.js';

function leNet(): Sequential {
  const model = sequential();
  model.add(layers.conv2d({ filters: 32, kernelSize: 5, activation: 'relu', inputShape: [28, 28, 1] }));
  model.add(layers.maxPooling2d({ poolSize: 2, strides: 2 }));
  model.add(layers.conv2d({ filters: 64, kernelSize: 5, activation: 'relu' }));
  model.add(layers.maxPooling2d({ poolSize: 2 }));
  model.add(layers.flatten());
  model.add(layers.dense({ units: 1000, activation: 'relu' }));
  model.add(layers.dense({ units: 10, activation: 'softmax' }));
  return model;
}

describe('sequential', () => {
  it('numbers layers by class, and infers shapes', () => {
    const model = leNet();
    expect(model.layers.map((layer) => [layer.name, layer.outputShape])).toEqual([
      ['conv2d_1', [null, 24, 24, 32]],
      ['max_pooling2d_1', [null, 12, 12, 32]],
      ['conv2d_2', [null, 8, 8, 64]],
      ['max_pooling2d_2', [null, 4, 4, 64]],
      ['flatten_1', [null, 1024]],
      ['dense_1', [null, 1000]],
      ['dense_2', [null, 10]],
    ]);
    expect(model.signature).toEqual({
      inputs: [{ name: 'conv2d_1_input', shape: [28, 28, 1] }],
      outputs: [{ name: 'dense_2', shape: [10] }],
    });
    expect(model.countParams()).toBe(832 + 51264 + 1025000 + 10010);
  });

  it('skips numbers that are taken', () => {
    const model = sequential();
    model.add(layers.dense({ units: 2, inputShape: [2], name: 'dense_1' }));
    model.add(layers.dense({ units: 2 }));
    expect(model.layers.map((layer) => layer.name)).toEqual(['dense_1', 'dense_2']);
  });

  it('accepts an InputLayer', () => {
    const model = sequential({
      layers: [layers.inputLayer({ inputShape: [3] }), layers.dense({ units: 2 })],
    });
    expect(model.signature).toEqual({
      inputs: [{ name: 'input_1', shape: [3] }],
      outputs: [{ name: 'dense_1', shape: [2] }],
    });
  });

  it('names the layer that does not fit', async () => {
    const model = sequential({
      layers: [layers.conv2d({ filters: 64, kernelSize: 3, inputShape: [6, 6, 1] })],
    });
    const error = await expectError(
      () => model.add(layers.conv2d({ filters: 8, kernelSize: 5 })),
      'SHAPE_MISMATCH',
      /^conv2d_2: kernel 5x5 is larger than its input 4x4x64; /,
    );
    expect(error.layer).toBe('conv2d_2');
    expect(model.layers).toHaveLength(1);
  });

  it('refuses an inputShape that contradicts the layer before', async () => {
    const model = tinyClassifier();
    const message = /inputShape is 4, but the layer before gives 3/;
    await expectError(
      () => model.add(layers.dense({ units: 1, inputShape: [4] })),
      'SHAPE_MISMATCH',
      message,
    );
  });

  it('refuses a first layer without shape, other values, and a name or layer that it has', async () => {
    await expectError(
      () => sequential().add(layers.flatten()),
      'INVALID_ARGUMENT',
      /^flatten_1: .*needs inputShape/,
    );
    await expectError(() => sequential().add({} as layers.Layer), 'INVALID_ARGUMENT', /is not a layer/);
    await expectError(() => sequential({ layers: 3 as never }), 'INVALID_ARGUMENT', /layers is 3/);
    await expectError(() => sequential({ layer: [] } as never), 'UNKNOWN_OPTION', /did you mean 'layers'/);
    const model = tinyClassifier();
    await expectError(
      () => model.add(layers.dense({ units: 1, name: 'dense_2' })),
      'INVALID_ARGUMENT',
      /choose another/,
    );
    await expectError(() => model.add(model.layers[0]), 'INVALID_ARGUMENT', /is in tiny already/);
  });

  it('refuses a layer of 1e9 units before it allocates', async () => {
    const error = await expectError(
      () => sequential({ layers: [layers.dense({ units: 1e9, inputShape: [4] })] }),
      'TOO_LARGE',
      /^dense_1: an output of 1000000000 would have 1000000000 elements/,
    );
    expect(error.layer).toBe('dense_1');
    const wide = layers.dense({ units: 2 ** 20, inputShape: [2 ** 20] });
    await expectError(() => sequential({ layers: [wide] }), 'TOO_LARGE', /a kernel of 1048576x1048576/);
    const many = layers.conv2d({
      filters: 2 ** 52,
      kernelSize: 2 ** 40,
      padding: 'same',
      inputShape: [9, 9, 1],
    });
    await expectError(() => sequential({ layers: [many] }), 'TOO_LARGE', /an output of 9x9x/);
  });

  it('has no inputs and outputs without layers', async () => {
    await expectError(() => sequential().signature, 'INVALID_ARGUMENT', /has no layers yet/);
  });

  it('finds layers by name and index', async () => {
    const model = tinyClassifier();
    expect(model.getLayer('dense_2')).toBe(model.layers[1]);
    expect(model.getLayer(0)).toBe(model.layers[0]);
    await expectError(
      () => model.getLayer('dense_3'),
      'INVALID_ARGUMENT',
      /no layer 'dense_3'; it has 2: dense_1, dense_2/,
    );
    await expectError(() => model.getLayer(2), 'INVALID_ARGUMENT', /no layer 2/);
  });

  it('is rebuilt from its config', () => {
    const model = leNet();
    const config = JSON.parse(JSON.stringify(model.getConfig()));
    const again = models.modelFromConfig({ className: 'Sequential', config });
    expect(again.getConfig()).toEqual(model.getConfig());
    expect(again.countParams()).toBe(model.countParams());
  });
});

describe('weights', () => {
  it('depend on setSeed and the order in which models are made', () => {
    const first = values(tinyClassifier().getWeights());
    const again = tinyClassifier();
    sequential({ layers: [layers.dense({ units: 2, inputShape: [2] })] }).getWeights();
    expect(values(again.getWeights())).toEqual(first);
    setSeed(8);
    const other = sequential({ layers: [layers.dense({ units: 5, inputShape: [4] })] });
    expect(values(other.getWeights())[0]).not.toEqual(first[0]);
  });

  it('are Glorot-uniform kernels and zero biases', () => {
    const [kernel, bias] = tinyClassifier().getWeights();
    expect(kernel.shape).toEqual([4, 5]);
    const limit = Math.sqrt(6 / (4 + 5));
    expect(Math.max(...kernel.dataSync().map(Math.abs))).toBeLessThanOrEqual(limit);
    expect(Math.max(...kernel.dataSync().map(Math.abs))).toBeGreaterThan(limit / 2);
    expect(Array.from(bias.dataSync())).toEqual([0, 0, 0, 0, 0]);
  });

  it('are read and written by layer', () => {
    const model = tinyClassifier();
    const [dense1, dense2] = model.layers;
    const before = values(dense1.getWeights());
    dense2.setWeights([tensor(new Float32Array(15).fill(2), [5, 3]), tensor([1, 2, 3])]);
    expect(values(dense1.getWeights())).toEqual(before);
    expect(values(dense2.getWeights())).toEqual([new Array(15).fill(2), [1, 2, 3]]);
    expect(values(model.getWeights()).slice(2)).toEqual(values(dense2.getWeights()));
  });

  it('are kept when layers are added after use', async () => {
    const model = tinyClassifier();
    const before = values(model.getWeights());
    await model.predict([[1, 2, 3, 4]]);
    model.add(layers.dense({ units: 2 }));
    expect(values(model.getWeights()).slice(0, 4)).toEqual(before);
    expect((await model.predict([[1, 2, 3, 4]])).shape).toEqual([1, 2]);
  });

  it('are copies', () => {
    const model = tinyClassifier();
    const given = tensor(new Float32Array(20).fill(1), [4, 5]);
    const rest = model.getWeights().slice(1);
    model.setWeights([given, ...rest]);
    given.dataSync()[0] = 99;
    model.getWeights()[0].dataSync()[1] = 99;
    expect(Array.from(model.getWeights()[0].dataSync())).toEqual(new Array(20).fill(1));
  });

  it('refuse another count or shape', async () => {
    const model = tinyClassifier();
    const weights = model.getWeights();
    await expectError(
      () => model.setWeights(weights.slice(1)),
      'SHAPE_MISMATCH',
      /list of 4 tensors.*3 were given/,
    );
    const turned = [weights[0].reshape([5, 4]), ...weights.slice(1)];
    const error = await expectError(
      () => model.setWeights(turned),
      'SHAPE_MISMATCH',
      /^dense_1: the kernel given has shape \[5, 4\]/,
    );
    expect(error.layer).toBe('dense_1');
    await expectError(() => model.setWeights([1, 2, 3, 4] as never), 'INVALID_ARGUMENT', /the kernel is 1/);
  });

  it("don't exist before the layer is in a model", async () => {
    await expectError(
      () => layers.dense({ units: 2 }).getWeights(),
      'INVALID_ARGUMENT',
      /until it is in a model/,
    );
  });
});

describe('summary', () => {
  it('prints a table of layers, shapes and parameters', () => {
    const lines: string[] = [];
    leNet().summary(80, undefined, (line) => lines.push(line));
    expect(lines[0]).toMatch(/^Model: "sequential_\d+"$/);
    expect(lines[1]).toBe('_'.repeat(80));
    expect(lines[2]).toBe(`${'Layer (type)'.padEnd(40)}${'Output shape'.padEnd(24)}Param #`);
    expect(lines[4]).toBe(`${'conv2d_1 (Conv2D)'.padEnd(40)}${'[null, 24, 24, 32]'.padEnd(24)}832`);
    expect(lines).toContain(`${'dense_1 (Dense)'.padEnd(40)}${'[null, 1000]'.padEnd(24)}1,025,000`);
    expect(lines.slice(-4)).toEqual([
      'Total params: 1,087,106',
      'Trainable params: 1,087,106',
      'Non-trainable params: 0',
      '_'.repeat(80),
    ]);
  });

  it('truncates text to its column', () => {
    const lines: string[] = [];
    leNet().summary(40, [0.5, 0.8, 1], (line) => lines.push(line));
    expect(lines[4]).toBe('conv2d_1 (Conv2D)   [null, 24,  832');
  });
});

describe('dispose', () => {
  it('works on a model without layers', async () => {
    const model = sequential({ name: 'empty' });
    model.dispose();
    model.dispose();
    await expectError(
      () => model.add(layers.dense({ units: 1, inputShape: [2] })),
      'DISPOSED',
      /empty was disposed/,
    );
  });

  it('is idempotent, and ends every use', async () => {
    const model = tinyClassifier();
    await model.predict([[1, 2, 3, 4]]);
    model.dispose();
    model.dispose();
    const uses = [
      () => model.predict([[1, 2, 3, 4]]),
      () => model.getWeights(),
      () => model.add(layers.dense({ units: 1 })),
      () => model.compile({ optimizer: 'sgd', loss: 'mse' }),
    ];
    for (const use of uses) await expectError(use, 'DISPOSED', /tiny was disposed/);
  });
});

describe('pop', () => {
  const head = (units: number) => layers.dense({ units, name: `head_${units}` });

  it('removes the last layer, so that another can replace it', async () => {
    const model = tinyClassifier();
    const before = values(model.getWeights()).slice(0, 2);
    const features = model.outputs;
    expect(model.predict([[1, 2, 3, 4]]).shape).toEqual([1, 3]);
    model.pop();
    expect(model.layers.map(({ name }) => name)).toEqual(['dense_1']);
    expect(model.outputs).not.toEqual(features);
    expect((await model.predict([[1, 2, 3, 4]])).shape).toEqual([1, 5]);
    model.add(head(2));
    expect(values(model.getWeights()).slice(0, 2)).toEqual(before);
    expect((await model.predict([[1, 2, 3, 4]])).shape).toEqual([1, 2]);
  });

  it('keeps trained weights, in the remaining layers and the removed one', async () => {
    const model = tinyClassifier();
    model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
    const last = model.getLayer(null, 1);
    await model.fit([[1, 2, 3, 4]], [2], { verbose: 0, epochs: 2 });
    const trained = values(model.getWeights());
    model.pop();
    expect(model.isCompiled).toBe(false);
    expect(values(model.getWeights())).toEqual(trained.slice(0, 2));
    expect(values(last.getWeights())).toEqual(trained.slice(2));
    model.add(last);
    expect(values(model.getWeights())).toEqual(trained);
    expect(last.output).toBe(model.outputs[0]);
  });

  it('of the only layer leaves a model without inputs', () => {
    const model = sequential([layers.inputLayer({ inputShape: [2] }), layers.dense({ units: 3 })]);
    model.pop();
    expect(model.outputs[0].sampleShape).toEqual([2]);
    model.pop();
    expect(model.layers).toEqual([]);
    expect(() => model.inputs).toThrow('has no layers yet');
    model.add(layers.dense({ units: 1, inputShape: [7] }));
    expect(model.inputs[0].sampleShape).toEqual([7]);
  });

  it('is refused without layers, in training, and when nested', async () => {
    await expectError(() => sequential().pop(), 'INVALID_ARGUMENT', /has no layers yet/);
    const model = tinyClassifier();
    model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
    const fit = model.fit([[1, 2, 3, 4]], [2], { verbose: 0 });
    await expectError(() => model.pop(), 'MODEL_BUSY');
    await fit;
    const outer = sequential([model]);
    await expectError(() => model.pop(), 'INVALID_ARGUMENT', /is a layer of another model/);
    outer.pop();
    model.pop();
    expect(model.layers).toHaveLength(1);
  });

  it('is needed to change layers, whose list is frozen', () => {
    const model = tinyClassifier();
    expect(() => (model.layers as unknown[]).pop()).toThrow(TypeError);
    expect(model.layers).toHaveLength(2);
    const x = input({ shape: [2] });
    const graph = graphModel({ inputs: x, outputs: layers.dense({ units: 1 }).apply(x) });
    for (const list of [graph.layers, graph.inputs, graph.outputs]) expect(Object.isFrozen(list)).toBe(true);
  });
});

describe('a custom layer class', () => {
  it('is refused at construction, with a remedy', async () => {
    class Scale extends (layers.Layer as unknown as new (options?: object) => object) {
      static className = 'Scale';
      call(x: unknown) {
        return x;
      }
    }
    const error = await expectError(
      () => new Scale({}),
      'UNSUPPORTED',
      /^Scale extends Layer, but it has no/,
    );
    expect(error.message).toContain('inferShape and no lower');
    expect(error.message).toContain('Build it from existing layers');
    class Nameless extends (layers.Layer as unknown as new (options?: object) => object) {}
    await expectError(() => new Nameless(), 'UNSUPPORTED', /it has no static className of its own/);
    class Mine extends layers.Dense {
      call(x: unknown) {
        return x;
      }
    }
    await expectError(() => new Mine({ units: 1 }), 'UNSUPPORTED', /Mine extends Dense, but its method call/);
    class Named extends layers.Dense {}
    expect(new Named({ units: 1 }).getClassName()).toBe('Dense');
  });
});
