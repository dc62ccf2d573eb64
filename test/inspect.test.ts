import { inspect } from 'node:util';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  constraints,
  data,
  initializers,
  input,
  layers,
  model,
  ones,
  optimizers,
  range,
  regularizers,
  scalar,
  Sequential,
  sequential,
  setSeed,
  SymbolicTensor,
  Tensor,
  tensor,
  zeros,
} from '../lib/index.js';
import { nextSeed } from '../lib/random/index.js';
import { compiledClassifier, tinyClassifier } from './support/tiny.js';

// Tests the output of console.log.

const { dense, conv2d } = layers;

describe('a tensor', () => {
  it('is shown with shape, dtype and values', () => {
    const matrix = tensor([1, 2, 3, 4, 5.25, -6], [2, 3]);
    expect(inspect(matrix)).toBe('Tensor [2, 3] float32\n[[1, 2   , 3 ],\n [4, 5.25, -6]]');
    expect(inspect(tensor([1, 2, 3], [3], 'int32'))).toBe('Tensor [3] int32 [1, 2, 3]');
    expect(inspect(tensor([1, 0], [2], 'bool'))).toBe('Tensor [2] bool [true, false]');
    expect(inspect(scalar(0.5))).toBe('Tensor [] float32 0.5');
    expect(inspect(zeros([0, 3]))).toBe('Tensor [0, 3] float32\n[]');
  });

  it('is shown by its first and last values if it is large', () => {
    expect(inspect(range(0, 1_000_000))).toBe(
      'Tensor [1000000] float32 [0, 1, 2, ..., 999997, 999998, 999999]',
    );
    const lines = inspect(ones([500, 400])).split('\n');
    const row = '[1, 1, 1, ..., 1, 1, 1]';
    expect(lines).toEqual([
      'Tensor [500, 400] float32',
      `[${row},`,
      ` ${row},`,
      ` ${row},`,
      ' ...,',
      ` ${row},`,
      ` ${row},`,
      ` ${row}]`,
    ]);
    expect(inspect(zeros([32, 28, 28, 3])).split('\n').length).toBeLessThan(130);
    expect(inspect(zeros(new Array(7).fill(5))).split('\n').length).toBeLessThan(400);
    expect(inspect(zeros(new Array(12).fill(2)))).toBe(
      'Tensor [2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2] float32\n[...]',
    );
  });

  it("says why its values can't be shown", async () => {
    const disposed = zeros([2]);
    disposed.dispose();
    expect(inspect(disposed)).toBe('Tensor [2] float32 (disposed)');
    const values = new Float32Array(2);
    const moved = new Tensor(values, [2], 'float32');
    structuredClone(values, { transfer: [values.buffer] });
    expect(inspect(moved)).toBe('Tensor [2] float32 (its memory was transferred)');
    const pending = tinyClassifier().predict(zeros([1, 4]));
    expect(inspect(pending)).toBe('PendingTensor [1, 3] float32 (not computed yet)');
    await pending.data();
    expect(inspect(pending)).toMatch(/^PendingTensor \[1, 3\] float32\n\[\[0\.\d+, 0\.\d+, 0\.\d+\]\]$/);
  });

  it('is one line when nested, with few values', () => {
    expect(inspect({ loss: scalar(2), x: ones([2, 2]), many: ones([9]) })).toBe(
      '{\n  loss: Tensor [] float32 2,\n  x: Tensor [2, 2] float32,\n  many: Tensor [9] float32\n}',
    );
    expect(inspect([ones([2])])).toBe('[ Tensor [2] float32 [1, 1] ]');
    expect(inspect([[[ones([2])]]], { depth: 2 })).toBe('[ [ [ [Tensor] ] ] ]');
  });

  it('has colored numbers', () => {
    const number = (text: string) => inspect(Number(text), { colors: true });
    expect(inspect(tensor([1, 22], [2, 1]), { colors: true })).toBe(
      `Tensor [${number('2')}, ${number('1')}] float32\n[[${number('1')} ],\n [${number('22')}]]`,
    );
  });
});

describe('a layer', () => {
  it('is shown with its name, its non-default options and its output shape', () => {
    const layer = conv2d({ filters: 32, kernelSize: 3, activation: 'relu', kernelInitializer: 'heNormal' });
    const text = "{ filters: 32, kernelSize: [3, 3], activation: 'relu', kernelInitializer: HeNormal }";
    expect(inspect(layer)).toBe(`Conv2D 'conv2d' ${text}`);
    layer.apply(input({ shape: [28, null, 1] }));
    expect(inspect(layer)).toBe(`Conv2D 'conv2d' ${text} -> [null, 26, null, 32]`);
  });

  it('is shown with its regularizers, and whether it is frozen', () => {
    const layer = dense({
      units: 3,
      name: 'head',
      trainable: false,
      kernelRegularizer: regularizers.l2({ l2: 0.01 }),
      kernelConstraint: constraints.maxNorm({ maxValue: 2 }),
    });
    expect(inspect(layer)).toBe(
      "Dense 'head' { units: 3, trainable: false, kernelRegularizer: L2 { l2: 0.01 }, " +
        'kernelConstraint: MaxNorm { maxValue: 2, axis: 0 } }',
    );
    expect(inspect(layers.flatten())).toBe("Flatten 'flatten'");
    expect(inspect(layers.maxPooling2d({ poolSize: 3, name: 'pool' }))).toBe(
      "MaxPooling2D 'pool' { poolSize: [3, 3] }",
    );
    expect(inspect(layers.rescaling({ scale: 1, name: 'same' }))).toBe("Rescaling 'same' { scale: 1 }");
    expect(inspect(layers.batchNormalization({ momentum: 0.9, epsilon: 0.001, name: 'norm' }))).toBe(
      "BatchNormalization 'norm' { momentum: 0.9 }",
    );
    expect(inspect(layers.timeDistributed({ layer: dense({ units: 5, name: 'inner' }) }))).toBe(
      "TimeDistributed 'time_distributed' { layer: Dense 'inner' { units: 5 } }",
    );
  });

  it('of a custom class is shown with the name of the class', () => {
    class Twice extends layers.Dense {
      override getConfig() {
        return { ...super.getConfig(), times: 2 };
      }
    }
    class Named extends layers.Dense {
      static override readonly className = 'Other';
    }
    class Broken extends layers.Dense {
      override getConfig(): never {
        throw new Error('broken');
      }
    }
    expect(inspect(new Twice({ units: 3 }))).toBe("Twice 'dense' { units: 3, times: 2 }");
    expect(inspect(new Named({ units: 3 }))).toBe("Other 'other' { units: 3 }");
    expect(inspect(new Broken({ units: 3 }))).toContain('Broken');
  });
});

describe('a model', () => {
  it('is shown with its size, its inputs and its outputs', () => {
    const lines = [
      "Sequential 'tiny' { layers: 2, parameters: 43 }",
      '  inputs: dense_1_input [null, 4]',
      '  outputs: dense_2 [null, 3]',
    ];
    expect(inspect(tinyClassifier()).split('\n')).toEqual(lines);
    expect(inspect(compiledClassifier()).split('\n')).toEqual([
      ...lines,
      '  optimizer: SGD { learningRate: 0.01 }',
      '  loss: sparseCategoricalCrossentropy',
      '  metrics: acc',
    ]);
    expect(inspect(sequential({ name: 'empty' }))).toBe("Sequential 'empty' { layers: 0, parameters: 0 }");
  });

  it('shows how many of its parameters are trainable', () => {
    const net = tinyClassifier();
    net.layers[0].trainable = false;
    expect(inspect(net)).toMatch(
      /^Sequential 'tiny' { layers: 2, parameters: 43, trainableParameters: 18 }\n/,
    );
  });

  it('is one line when nested, and as a layer of a model', () => {
    const head = "Sequential 'tiny' { layers: 2, parameters: 43 }";
    const net = tinyClassifier();
    expect(inspect([net])).toBe(`[\n  ${head} [null, 4] -> [null, 3]\n]`);
    const x = input({ shape: [4], name: 'x' });
    const y = net.apply(x);
    expect(inspect(net.asLayer())).toBe(`${head} -> [null, 3]`);
    const outer = model({ inputs: x, outputs: [y, net.apply(x)], name: 'outer' });
    expect(inspect([outer])).toContain(
      "Functional 'outer' { layers: 2, parameters: 43 } [null, 4] -> [null, 3], [null, 3]",
    );
  });

  it('is shown without creating weights, and also after dispose', () => {
    setSeed(3);
    const expected = nextSeed();
    const net = compiledClassifier();
    setSeed(3);
    const created = net.state.engine.createProgram;
    net.state.engine.createProgram = () => {
      throw new Error('a program was made');
    };
    try {
      expect(inspect(net)).toContain('acc');
      inspect([net.layers, net.inputs, net.optimizer]);
    } finally {
      net.state.engine.createProgram = created;
    }
    expect(nextSeed()).toBe(expected);
    net.dispose();
    expect(inspect(net)).toMatch(/^Sequential 'tiny' { layers: 2, parameters: 43 }\n/);
  });
});

it('a symbolic tensor is shown with its shape, its dtype and its layer', () => {
  const x = input({ shape: [null, 3], name: 'x', dtype: 'int32' });
  expect(inspect(x)).toBe("SymbolicTensor [null, null, 3] int32 of InputLayer 'x'");
  expect(inspect(dense({ units: 2, name: 'd' }).apply(input({ shape: [3] })))).toBe(
    "SymbolicTensor [null, 2] float32 of Dense 'd'",
  );
  expect(inspect(tinyClassifier().apply(input({ shape: [4] })))).toBe(
    "SymbolicTensor [null, 3] float32 of Sequential 'tiny'",
  );
});

it('an optimizer is shown with its learning rate and non-default options', () => {
  const { adam, lion, sgd, schedules } = optimizers;
  expect(inspect(adam())).toBe('Adam { learningRate: 0.001 }');
  expect(inspect(lion({ clipNorm: 1 }))).toBe('Lion { learningRate: 0.001, clipNorm: 1 }');
  const optimizer = sgd({ momentum: 0.9, nesterov: true });
  optimizer.learningRate = 0.5;
  expect(inspect(optimizer)).toBe('SGD { learningRate: 0.5, momentum: 0.9, nesterov: true }');
  const schedule = schedules.polynomialDecay({ initialLearningRate: 0.1, decaySteps: 100 });
  expect(inspect(adam({ learningRate: schedule }))).toMatch(
    /^Adam { learningRate: PolynomialDecay { initialLearningRate: 0\.1, decaySteps: 100, .* } }$/,
  );
});

it('initializers, constraints and the like are shown with non-default options', () => {
  expect(inspect(optimizers.adamw({ useEma: true }))).toBe(
    'AdamW { learningRate: 0.001, useEma: true, emaMomentum: 0.99 }',
  );
  const schedule = optimizers.schedules.oneCycle({ maxLearningRate: 1, totalSteps: 5, divFactor: 25 });
  expect(inspect(schedule)).toBe('OneCycle { maxLearningRate: 1, totalSteps: 5 }');
  expect(inspect(initializers.heNormal())).toBe('HeNormal');
  expect(inspect(initializers.varianceScaling({ mode: 'fan_out', seed: 3 }))).toBe(
    "VarianceScaling { mode: 'fanOut', seed: 3 }",
  );
  expect(inspect([regularizers.l1l2({ l2: 0.1 })])).toBe('[ L1L2 { l2: 0.1 } ]');
  expect(inspect(constraints.minMaxNorm({ axis: [0, 1] }))).toBe('MinMaxNorm { axis: [0, 1] }');
});

describe('a dataset', () => {
  beforeEach(() => setSeed(1));

  it('is shown with its size and element type', () => {
    let reads = 0;
    const read = data.array([1, 2, 3, 4, 5]).map((each) => {
      reads++;
      return each;
    });
    expect(inspect(read)).toBe('Dataset { size: 5 }');
    expect(inspect(read.batch(2).shuffle(9).prefetch(1))).toBe('Dataset { size: 3, batchSize: 2 }');
    expect(inspect(read.batch(2).map((each) => each))).toBe('Dataset { size: 3 }');
    expect(inspect(read.batch(2).filter(() => true))).toBe('Dataset { size: unknown, batchSize: 2 }');
    expect(inspect(data.array([1]).repeat(2))).toBe('Dataset { size: 2, element: number }');
    expect(inspect(read.repeat())).toBe('Dataset { size: Infinity }');
    expect(inspect([data.csv('none.csv')])).toBe('[ CsvDataset { size: unknown } ]');
    expect(reads).toBe(0);
  });

  it('is shown with its elements if it was made from an array', () => {
    const images = data.array([zeros([4, 4, 1]), zeros([4, 4, 1])]);
    const labels = data.array(new Uint8Array([1, 0]));
    const zipped = data.zip({ xs: images, ys: labels });
    expect(inspect(zipped)).toBe(
      'Dataset { size: 2, element: { xs: Tensor [4, 4, 1] float32, ys: number } }',
    );
    expect(inspect(zipped.shuffle(2).batch(2).take(1))).toBe(
      'Dataset { size: 1, batchSize: 2, element: { xs: Tensor [null, 4, 4, 1] float32, ys: Tensor [null] float32 } }',
    );
    expect(inspect(zipped.map(({ xs }) => xs))).toBe('Dataset { size: 2 }');
    const specs = (items: readonly unknown[]) => {
      const dataset = data.array(items);
      return [dataset, dataset.batch(2)].map((each) => inspect(each).match(/element: (.*) }$/)?.[1]);
    };
    expect(specs(['a'])).toEqual(['string', 'Array [null] string']);
    expect(specs([[[1], [2]]])).toEqual(['Array [2, 1]', 'Tensor [null, 2, 1]']);
    expect(specs([true])).toEqual(['boolean', 'Tensor [null] bool']);
    expect(specs([new Int16Array(3)])).toEqual(['Int16Array [3]', 'Tensor [null, 3] int32']);
    expect(specs([[zeros([2]), scalar(1)]])).toEqual([
      '[Tensor [2] float32, Tensor [] float32]',
      '[Tensor [null, 2] float32, Tensor [null] float32]',
    ]);
    expect(specs([])).toEqual([undefined, undefined]);
    expect(inspect(data.zip([images, data.csv('none.csv')]))).toBe('Dataset { size: unknown }');
  });
});

it('prototypes are shown like those of built-in classes', () => {
  for (const { prototype } of [
    Tensor,
    SymbolicTensor,
    Sequential,
    layers.Dense,
    optimizers.Adam,
    initializers.HeNormal,
    data.Dataset,
  ])
    expect(inspect(prototype)).toMatch(/ ?{}$/);
});
