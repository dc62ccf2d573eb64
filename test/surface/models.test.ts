import { describe, expect, it, vi } from 'vitest';
import * as tf from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';
import { temporaryFolder } from '../support/temporary-folder.js';

// Each method of models and each option of fit, tested by an effect that only it has.

const pathOf = temporaryFolder();

/** y = w x + b with w = 1 and b = 0, as a chain or as a graph. */
const KINDS: [string, () => tf.LayersModel][] = [
  ['sequential', () => tf.sequential({ name: 'net', layers: [line({ inputShape: [1] })] })],
  [
    'model',
    () => {
      const x = tf.input({ shape: [1] });
      return tf.model({ name: 'net', inputs: x, outputs: line().apply(x) });
    },
  ],
];

function line(options: object = {}): tf.layers.Layer {
  return tf.layers.dense({ units: 1, kernelInitializer: 'ones', name: 'line', ...options });
}

const X = tf.tensor([[1], [2]]);
const Y = tf.tensor([[3], [4]]);
const BATCHES = tf.data.array([{ xs: X, ys: Y }]);
/** Mean of 2^2 and 2^2. */
const LOSS = 4;

function compiled(make: () => tf.LayersModel): tf.LayersModel {
  const net = make();
  net.compile({ optimizer: tf.train.sgd(0.1), loss: 'meanSquaredError', metrics: ['mae'] });
  return net;
}

const numbers = (tensors: tf.Tensor | readonly tf.Tensor[]) =>
  [tensors].flat().flatMap((each) => [...(each as tf.Tensor).dataSync()]);

// One step: the mean of 2 (p - y) x is -6, that of 2 (p - y) is -4.
const STEPPED = [expect.closeTo(1.6, 5), expect.closeTo(0.4, 5)];

/** The methods, called on a compiled model. */
const METHODS: Record<string, (net: tf.LayersModel) => unknown> = {
  compile: (net) => {
    net.compile({ optimizer: 'adam', loss: 'meanAbsoluteError' });
    expect(numbers(net.evaluate(X, Y) as unknown as tf.Tensor)).toEqual([2]);
  },
  fit: async (net) => {
    const { history } = await net.fit(X, Y, { verbose: 0 });
    expect(history).toEqual({ loss: [LOSS], mae: [2] });
    expect(numbers(net.getWeights())).toEqual(STEPPED);
  },
  fitStream: async (net) => {
    const types: string[] = [];
    for await (const { type } of net.fitStream(X, Y)) types.push(type);
    expect(types).toEqual(expect.arrayContaining(['trainBegin', 'epochBegin', 'epochEnd', 'trainEnd']));
    expect(numbers(net.getWeights())).toEqual(STEPPED);
  },
  fitDataset: async (net) => {
    await net.fitDataset(BATCHES, { verbose: 0 });
    expect(numbers(net.getWeights())).toEqual(STEPPED);
  },
  fitDatasetStream: async (net) => {
    for await (const { type } of net.fitDatasetStream(BATCHES)) expect(type).not.toBe('');
    expect(numbers(net.getWeights())).toEqual(STEPPED);
  },
  evaluate: async (net) => expect(numbers((await net.evaluate(X, Y)) as tf.Tensor[])).toEqual([LOSS, 2]),
  evaluateDataset: async (net) => expect(numbers(await net.evaluateDataset(BATCHES))).toEqual([LOSS, 2]),
  predict: async (net) => expect(numbers(await net.predict(X))).toEqual([1, 2]),
  predictOnBatch: async (net) => expect(numbers(await net.predictOnBatch(X))).toEqual([1, 2]),
  trainOnBatch: async (net) => {
    expect(await net.trainOnBatch(X, Y)).toEqual([LOSS, 2]);
    expect(numbers(net.getWeights())).toEqual(STEPPED);
  },
  gradients: async (net) => {
    const { loss, gradients } = await net.gradients(X, Y);
    expect(loss).toBe(LOSS);
    expect(numbers(Object.values(gradients))).toEqual([-6, -4]);
  },
  applyGradients: async (net) => {
    await net.applyGradients((await net.gradients(X, Y)).gradients);
    expect(numbers(net.getWeights())).toEqual(STEPPED);
  },
  summary: (net) => {
    const lines: string[] = [];
    net.summary(undefined, undefined, (text) => lines.push(String(text)));
    expect(lines.join('\n')).toMatch(/line[\s\S]*Total params: 2/);
  },
  explain: async (net) => expect(tf.formatExplanation(await net.explain({}))).toMatch(/line/),
  getLayer: (net) => expect(net.getLayer('line').countParams()).toBe(2),
  countParams: (net) => expect(net.countParams()).toBe(2),
  getWeights: (net) => expect(numbers(net.getWeights())).toEqual([1, 0]),
  setWeights: async (net) => {
    net.setWeights([tf.tensor([[2]]), tf.tensor([5])]);
    expect(numbers(await net.predict(X))).toEqual([7, 9]);
  },
  toJSON: async (net) => {
    const again = await tf.models.modelFromJSON(net.toJSON());
    expect(again.getConfig()).toEqual(net.getConfig());
  },
  save: async (net) => {
    await net.fit(X, Y, { verbose: 0 });
    await net.save(`file://${pathOf('saved')}`);
    const again = await tf.loadLayersModel(`file://${pathOf('saved')}/model.json`);
    expect(numbers(again.getWeights())).toEqual(numbers(net.getWeights()));
  },
  dispose: async (net) => {
    net.dispose();
    net.dispose();
    await expectError(() => net.predict(X), 'DISPOSED', /net/);
  },
};

/** By property. */
const PROPERTIES: Record<string, (net: tf.LayersModel) => unknown> = {
  layers: (net) => expect(net.layers.at(-1)?.name).toBe('line'),
  name: (net) => expect(net.name).toBe('net'),
  inputs: (net) => expect(net.inputs.map(({ shape }) => shape)).toEqual([[null, 1]]),
  outputs: (net) => expect(net.outputs.map(({ shape }) => shape)).toEqual([[null, 1]]),
  input: (net) => expect(net.input).toBe(net.inputs[0]),
  output: (net) => expect(net.output).toBe(net.outputs[0]),
  optimizer: (net) => expect(net.optimizer.getClassName()).toBe('SGD'),
  trainable: async (net) => {
    net.trainable = false;
    expect(net.getLayer('line').countParams()).toBe(2);
    net.compile({ optimizer: tf.train.sgd(0.1), loss: 'meanSquaredError' });
    await net.fit(X, Y, { verbose: 0 });
    expect(numbers(net.getWeights())).toEqual([1, 0]);
  },
  stopTraining: async (net) => {
    const onEpochEnd = () => {
      net.stopTraining = true;
    };
    const { epoch } = await net.fit(X, Y, { epochs: 5, verbose: 0, callbacks: { onEpochEnd } });
    expect(epoch).toEqual([0]);
  },
};

describe.each(KINDS)('of %s', (_, make) => {
  it.each(Object.keys(METHODS))('%s', async (name) => {
    const net = compiled(make);
    expect(typeof (net as unknown as Record<string, unknown>)[name]).toBe('function');
    await METHODS[name](net);
  });

  it.each(Object.keys(PROPERTIES))('the property %s', async (name) => {
    await PROPERTIES[name](compiled(make));
  });
});

it('add appends a layer to a sequential model', async () => {
  const net = tf.sequential();
  net.add(line({ inputShape: [1] }));
  net.add(tf.layers.rescaling({ scale: 3 }));
  expect(numbers(await net.predict(X))).toEqual([3, 6]);
});

it('freezes a layer and shares one', async () => {
  const shared = line();
  const x = tf.input({ shape: [1] });
  const once = shared.apply(x) as tf.SymbolicTensor;
  const head = line({ name: 'head', useBias: false });
  const net = tf.model({ inputs: x, outputs: head.apply(shared.apply(once)) });
  expect(net.countParams()).toBe(3);
  shared.trainable = false;
  net.compile({ optimizer: tf.train.sgd(0.1), loss: 'meanSquaredError' });
  await net.fit(X, Y, { verbose: 0 });
  expect(numbers(shared.getWeights())).toEqual([1, 0]);
  expect(numbers(head.getWeights())).toEqual([expect.closeTo(1.6, 5)]);
});

describe('options of fit', () => {
  const N = 8;
  const xs = tf.tensor(Array.from({ length: N }, (_, i) => [i / N]));
  const ys = tf.tensor(Array.from({ length: N }, (_, i) => [i % 2]));
  const classifier = () => {
    const net = tf.sequential({
      layers: [
        tf.layers.dense({ units: 2, kernelInitializer: 'zeros', activation: 'softmax', inputShape: [1] }),
      ],
    });
    net.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
    return net;
  };
  const steps = async (options: tf.FitOptions) => {
    let batches = 0;
    const onBatchEnd = () => {
      batches++;
    };
    const history = await compiled(KINDS[0][1]).fit(xs, ys, {
      verbose: 0,
      ...options,
      callbacks: { onBatchEnd },
    });
    return { batches, ...history };
  };

  const OPTIONS: Record<string, () => unknown> = {
    batchSize: async () => {
      expect((await steps({})).batches).toBe(1);
      expect((await steps({ batchSize: 3 })).batches).toBe(3);
    },
    epochs: async () => expect((await steps({ epochs: 3 })).epoch).toEqual([0, 1, 2]),
    initialEpoch: async () => expect((await steps({ epochs: 3, initialEpoch: 2 })).epoch).toEqual([2]),
    stepsPerEpoch: async () => expect((await steps({ batchSize: 2, stepsPerEpoch: 3 })).batches).toBe(3),
    verbose: async () => {
      const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
      const log = vi.spyOn(console, 'log').mockReturnValue();
      await steps({ verbose: 0 });
      expect(write.mock.calls.length + log.mock.calls.length).toBe(0);
      await steps({ verbose: 2 });
      expect(write.mock.calls.length + log.mock.calls.length).toBeGreaterThan(0);
      vi.restoreAllMocks();
    },
    callbacks: async () => {
      const begun: number[] = [];
      await compiled(KINDS[0][1]).fit(X, Y, {
        epochs: 2,
        verbose: 0,
        callbacks: [{ onEpochBegin: (epoch) => void begun.push(epoch) }],
      });
      expect(begun).toEqual([0, 1]);
    },
    validationSplit: async () => {
      // The last two samples: 6 / 8 against 0, and 7 / 8 against 1, with the initial weights.
      const net = KINDS[0][1]();
      net.compile({ optimizer: tf.train.sgd(0), loss: 'meanSquaredError' });
      const { history } = await net.fit(xs, ys, { validationSplit: 0.25, verbose: 0 });
      expect(history.val_loss[0]).toBeCloseTo((0.75 ** 2 + 0.125 ** 2) / 2, 5);
    },
    validationData: async () => {
      const net = KINDS[0][1]();
      net.compile({ optimizer: tf.train.sgd(0), loss: 'meanSquaredError' });
      const { history } = await net.fit(xs, ys, { validationData: [X, Y], verbose: 0 });
      expect(history.val_loss).toEqual([LOSS]);
    },
    shuffle: async () => {
      const first = async (shuffle: boolean, seed = 1) =>
        (await steps({ batchSize: 1, stepsPerEpoch: 1, shuffle, seed })).history.loss[0];
      expect(await first(false)).toBe(0);
      const firsts = await Promise.all([1, 2, 3, 4, 5].map((seed) => first(true, seed)));
      expect(new Set(firsts).size).toBeGreaterThan(1);
    },
    seed: async () => {
      const losses = async (seed: number) => (await steps({ batchSize: 3, epochs: 2, seed })).history.loss;
      expect(await losses(1)).toEqual(await losses(1));
      expect(await losses(1)).not.toEqual(await losses(2));
    },
    classWeight: async () => {
      const { history } = await classifier().fit(xs, ys, { classWeight: { 0: 3, 1: 0 }, verbose: 0 });
      expect(history.loss[0]).toBeCloseTo(1.5 * Math.LN2, 5);
    },
    sampleWeight: async () => {
      const sampleWeight = Array.from({ length: N }, (_, i) => (i === 0 ? 4 : 0));
      const { history } = await classifier().fit(xs, ys, { sampleWeight, verbose: 0 });
      expect(history.loss[0]).toBeCloseTo((4 / N) * Math.LN2, 5);
    },
    signal: () => expectError(() => steps({ signal: AbortSignal.abort() }), 'ABORTED'),
  };

  it.each(Object.keys(OPTIONS))('%s', async (name) => {
    await OPTIONS[name]();
  });

  it('unknown ones are refused, naming the nearest', async () => {
    for (const name of Object.keys(OPTIONS)) {
      const option = { [`${name}x`]: 1 };
      await expectError(
        () => steps(option as object),
        'UNKNOWN_OPTION',
        new RegExp(`did you mean '${name}'`),
      );
    }
  });
});
