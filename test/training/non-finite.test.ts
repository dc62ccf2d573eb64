import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  Callback,
  callbacks,
  data,
  layers,
  optimizers,
  sequential,
  setEngine,
  setSeed,
  type Tensor,
  tensor,
} from '../../lib/index.js';
import { ENGINES } from '../support/engines.js';
import { compiledClassifier, tinySet, values } from '../support/tiny.js';

const { x, y } = tinySet(10);
const options = { epochs: 3, batchSize: 2, verbose: 0, shuffle: false, seed: 1 } as const;

/** tinySet with a NaN in one sample. */
function spoilt(sample: number): Tensor {
  const values = x.dataSync().slice();
  values[sample * 4 + 1] = Number.NaN;
  return tensor(values, [10, 4]);
}

const warnings = () => vi.mocked(console.warn).mock.calls.map(([message]) => String(message));

describe.each(ENGINES)('a non-finite loss on %s', (engine) => {
  beforeEach(() => {
    setEngine(engine);
    vi.spyOn(console, 'warn').mockReturnValue();
  });
  afterEach(() => vi.restoreAllMocks());

  const MESSAGE =
    "the loss of step 4 of 5 in epoch 1 is not a finite number: a value of the samples for 'dense_1_input' is NaN.";
  const OUTCOME = 'Training goes on; callbacks.terminateOnNaN() ends it there.';
  const report = {
    validation: false,
    epoch: 0,
    step: 3,
    layer: 'dense_1_input',
    description: "a value of the samples for 'dense_1_input' is NaN",
    message: MESSAGE,
  };

  it('warns once in fit, which continues', async () => {
    const model = compiledClassifier();
    const { history } = await model.fit(spoilt(7), y, options);
    expect(warnings()).toEqual([`convforge: tiny: ${MESSAGE} ${OUTCOME}`]);
    expect(history.loss).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    expect(values(model.getWeights()).flat().every(Number.isNaN)).toBe(true);
    // Each fit warns.
    await model.fit(spoilt(7), y, { ...options, epochs: 1 });
    expect(warnings()).toHaveLength(2);
  });

  it('is reported before its step to hooks of objects, classes and streams', async () => {
    const seen: unknown[] = [];
    const model = compiledClassifier();
    class Watching extends Callback {
      override onNonFinite(given: callbacks.NonFiniteReport): void {
        seen.push(given, values(this.model.getWeights()).flat().every(Number.isFinite));
      }
    }
    const custom = new callbacks.CustomCallback({ onNonFinite: ({ step }) => seen.push(step) });
    const plain = { onNonFinite: ({ layer }: callbacks.NonFiniteReport) => seen.push(layer) };
    await model.fit(spoilt(7), y, { ...options, callbacks: [new Watching(), custom, plain] });
    expect(seen).toEqual([report, true, 3, 'dense_1_input']);

    const events: unknown[] = [];
    const streamed = compiledClassifier();
    for await (const event of streamed.fitStream(spoilt(7), y, options)) {
      if (event.type === 'nonFinite')
        events.push(event, values(streamed.getWeights()).flat().every(Number.isFinite));
    }
    expect(events).toEqual([{ type: 'nonFinite', ...report }, true]);
    expect(warnings()).toHaveLength(2);
  });

  // The reference engine's losses are float64, so none overflows here.
  it.runIf(engine === 'native').each([
    ['in one run an epoch', {}],
    ['batch by batch', { onBatchEnd: () => undefined }],
  ])("doesn't change training %s", async (_way, hooks) => {
    const make = () => {
      setSeed(4);
      const model = sequential({
        layers: [
          layers.dense({ units: 4, inputShape: [4] }),
          layers.batchNormalization({ momentum: 0.5 }),
          layers.dropout({ rate: 0.5 }),
          layers.dense({ units: 1 }),
        ],
      });
      const optimizer = optimizers.sgd({ learningRate: 0.1, momentum: 0.9, clipValue: 1 });
      model.compile({ optimizer, loss: 'meanSquaredError', metrics: ['mae'] });
      return model;
    };
    // The square of the difference overflows; its gradient is clipped.
    const targets = new Float32Array(10);
    targets[5] = 1e30;
    const model = make();
    const { history } = await model.fit(x, tensor(targets, [10]), {
      ...options,
      epochs: 1,
      callbacks: hooks,
    });
    expect(warnings()).toEqual([
      expect.stringMatching(/step 3 of 5 in epoch 1 .* the output of '\w+' is finite, but its loss isn't/),
    ]);

    const plain = make();
    const { engine } = plain.state;
    const sets = [x.dataSync(), targets].map((values, i) => {
      const samples = engine.allocateSamples([10, i === 0 ? 4 : 1], 'float32');
      samples.write(values as Float32Array, 0);
      return samples;
    });
    const order = Uint32Array.from({ length: 10 }, (_, i) => i);
    const run = { x: [sets[0]], y: [sets[1]], batchSize: 2, seed: options.seed, order };
    const totals = await plain.state.programToTrain().train(run);
    expect(history).toEqual({ loss: [totals.loss / 10], mae: [totals.metrics[0][0] / 10] });
    expect(values(model.getWeights()).flat().every(Number.isFinite)).toBe(true);
    expect(values(model.getWeights())).toEqual(values(plain.getWeights()));
  });

  it('ends training before the step if a hook says so', async () => {
    const model = compiledClassifier();
    const stopping = {
      onNonFinite: () => {
        model.stopTraining = true;
      },
    };
    const { epoch } = await model.fit(spoilt(7), y, { ...options, callbacks: stopping });
    expect(epoch).toEqual([0]);
    expect(warnings()).toEqual([
      `convforge: tiny: ${MESSAGE} Training ends there, with the weights from before that step.`,
    ]);
    const before = compiledClassifier();
    await before.fit(x.slice([0, 0], [6, 4]), y.slice([0], [6]), { ...options, epochs: 1 });
    expect(values(model.getWeights())).toEqual(values(before.getWeights()));
  });

  it("rejects with a hook's error, and leaves the model usable", async () => {
    const model = compiledClassifier();
    const failing = {
      onNonFinite: () => {
        throw new Error('enough');
      },
    };
    await expect(model.fit(spoilt(0), y, { ...options, callbacks: failing })).rejects.toThrow('enough');
    expect((await model.fit(x, y, options)).history.loss.every(Number.isFinite)).toBe(true);
  });

  it('is reported by fitDataset, per batch', async () => {
    const batches = [0, 1, 2].map((i) => ({
      xs: spoilt(3).slice([2 * i, 0], [2, 4]),
      ys: y.slice([2 * i], [2]),
    }));
    const model = compiledClassifier();
    const seen: unknown[] = [];
    const onNonFinite = ({ epoch, step }: callbacks.NonFiniteReport) => seen.push([epoch, step]);
    await model.fitDataset(data.array(batches), { epochs: 2, verbose: 0, callbacks: { onNonFinite } });
    expect(seen).toEqual([[0, 1]]);
    expect(warnings()).toEqual([
      `convforge: tiny: the loss of step 2 of 3 in epoch 1 is not a finite number: a value of the samples for 'dense_1_input' is NaN. ${OUTCOME}`,
    ]);
    const terminating = callbacks.terminateOnNaN();
    const other = compiledClassifier();
    await other.fitDataset(data.array(batches), { epochs: 2, verbose: 0, callbacks: terminating });
    expect(terminating.report).toMatchObject({ epoch: 0, step: 1 });
    expect(values(other.getWeights()).flat().every(Number.isFinite)).toBe(true);
  });

  const VALIDATION_MESSAGE =
    "the validation loss of batch 4 of 5 in epoch 1 is not a finite number: a value of the samples for 'dense_1_input' is NaN.";
  const validationReport = {
    ...report,
    validation: true,
    message: VALIDATION_MESSAGE,
  };

  it('warns once after the first epoch if only validation has one', async () => {
    const model = compiledClassifier();
    const seen: unknown[] = [];
    const terminating = callbacks.terminateOnNaN();
    const watching = {
      onNonFinite: (given: callbacks.NonFiniteReport) => void seen.push(given),
      onEpochEnd: (epoch: number) => void seen.push(epoch),
    };
    const { history } = await model.fit(x, y, {
      ...options,
      validationData: [spoilt(7), y],
      callbacks: [watching, terminating],
    });
    expect(seen).toEqual([validationReport, 0, 1, 2]);
    expect(terminating.report).toBeUndefined();
    expect(history.val_loss).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    expect(history.loss.every(Number.isFinite)).toBe(true);
    expect(warnings()).toEqual([`convforge: tiny: ${VALIDATION_MESSAGE} Training goes on.`]);
  });

  it('is an event if only validation has one', async () => {
    const model = compiledClassifier();
    const types: string[] = [];
    for await (const event of model.fitStream(x, y, { ...options, validationData: [spoilt(7), y] })) {
      if (event.type === 'nonFinite') expect(event).toEqual({ type: 'nonFinite', ...validationReport });
      if (event.type !== 'progress') types.push(event.type);
    }
    expect(types.slice(0, 5)).toEqual(['trainBegin', 'epochBegin', 'nonFinite', 'epochEnd', 'epochBegin']);
    expect(types.filter((type) => type === 'nonFinite')).toHaveLength(1);
  });

  it('warns once if training and validation have one', async () => {
    const seen: unknown[] = [];
    const onNonFinite = ({ validation }: callbacks.NonFiniteReport) => seen.push(validation);
    await compiledClassifier().fit(spoilt(7), y, {
      ...options,
      validationData: [spoilt(7), y],
      callbacks: { onNonFinite },
    });
    expect(seen).toEqual([false]);
    expect(warnings()).toHaveLength(1);
  });

  it('ends training after the epoch if a hook says so for a validation loss', async () => {
    const model = compiledClassifier();
    const onNonFinite = () => {
      model.stopTraining = true;
    };
    const { epoch, history } = await model.fit(x, y, {
      ...options,
      validationData: [spoilt(7), y],
      callbacks: { onNonFinite },
    });
    expect(epoch).toEqual([0]);
    expect(history.val_loss).toEqual([Number.NaN]);
    expect(warnings()).toEqual([`convforge: tiny: ${VALIDATION_MESSAGE} Training ends after that epoch.`]);
  });

  it('is reported by fitDataset if only validation has one', async () => {
    const batchesOf = (samples: Tensor) =>
      data.array(
        [0, 1, 2].map((i) => ({ xs: samples.slice([2 * i, 0], [2, 4]), ys: y.slice([2 * i], [2]) })),
      );
    const seen: unknown[] = [];
    const onNonFinite = ({ validation, epoch, step }: callbacks.NonFiniteReport) =>
      seen.push([validation, epoch, step]);
    const run = { epochs: 2, verbose: 0, callbacks: { onNonFinite } } as const;
    await compiledClassifier().fitDataset(batchesOf(x), { ...run, validationData: batchesOf(spoilt(3)) });
    await compiledClassifier().fitDataset(batchesOf(x), {
      ...run,
      validationData: [spoilt(3), y],
      validationBatchSize: 2,
    });
    expect(seen).toEqual([
      [true, 0, 1],
      [true, 0, 1],
    ]);
    const cause =
      "is not a finite number: a value of the samples for 'dense_1_input' is NaN. Training goes on.";
    expect(warnings()).toEqual([
      `convforge: tiny: the validation loss of batch 2 in epoch 1 ${cause}`,
      `convforge: tiny: the validation loss of batch 2 of 5 in epoch 1 ${cause}`,
    ]);
  });

  it('is reported by trainOnBatch at its origin', async () => {
    const model = compiledClassifier();
    const [good, bad] = [x.slice([0, 0], [2, 4]), spoilt(0).slice([0, 0], [2, 4])];
    const labels = y.slice([0], [2]);
    const start = model.getWeights();
    const losses: unknown[] = [];
    for (const batch of [good, bad, bad]) losses.push(await model.trainOnBatch(batch, labels));
    expect(losses).toEqual([
      [expect.any(Number), expect.any(Number)],
      [Number.NaN, expect.any(Number)],
      [Number.NaN, expect.any(Number)],
    ]);
    expect(warnings()).toEqual([
      "convforge: tiny: the loss of trainOnBatch is not a finite number: a value of the samples for 'dense_1_input' is NaN.",
    ]);
    expect(values(model.getWeights()).flat().every(Number.isNaN)).toBe(true);
    model.setWeights(start);
    await model.trainOnBatch(good, labels);
    await model.trainOnBatch(bad, labels);
    expect(warnings()).toHaveLength(2);
  });

  it('names the first layer with a non-finite output for any sample', async () => {
    const model = sequential({
      layers: ['first', 'second', 'third'].map((name) =>
        layers.dense({ units: 1, useBias: false, name, ...(name === 'first' && { inputShape: [1] }) }),
      ),
    });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    model.setWeights([1e20, 1e10, 1e10].map((weight) => tensor([weight], [1, 1])));
    const seen: unknown[] = [];
    const onNonFinite = ({ description }: callbacks.NonFiniteReport) => seen.push(description);
    await model.fit([[0], [1], [1e10], [0]], [[0], [0], [0], [0]], {
      verbose: 0,
      callbacks: { onNonFinite },
    });
    expect(seen).toEqual(["an output of 'second' is Infinity"]);
  });

  it("doesn't end a fit whose samples were transferred", async () => {
    const own = new Float32Array(spoilt(7).dataSync());
    const model = compiledClassifier();
    const onEpochBegin = () => {
      structuredClone(own.buffer, { transfer: [own.buffer] });
    };
    const { epoch } = await model.fit(tensor(own, [10, 4]), y, {
      ...options,
      epochs: 1,
      callbacks: { onEpochBegin },
    });
    expect(epoch).toEqual([0]);
    expect(warnings()[0]).toMatch(/is not a finite number: its cause can't be found: x: its buffer was/);
  });
});
