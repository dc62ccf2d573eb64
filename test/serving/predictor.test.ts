import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import {
  createPredictor,
  input,
  layers,
  model as functional,
  type Predictor,
  type Sequential,
  sequential,
  setEngine,
  type Tensor,
  tensor,
} from '../../lib/index.js';
import { resultOf } from '../native/child.js';
import { expectError } from '../support/convforge-error.js';
import { compiledClassifier, tinyClassifier, tinySet } from '../support/tiny.js';

const SAMPLE = Float32Array.of(0.1, 0.2, 0.3, 0.4);

/** A model of 2 inputs whose output is always `value`. */
function constant(value: number): Sequential {
  const made = sequential({ layers: [layers.dense({ units: 1, inputShape: [2] })] });
  made.setWeights([tensor([0, 0], [2, 1]), tensor([value])]);
  return made;
}

/** The same in the reference engine, which needs no warm-up. */
async function constantInReference(value: number): Promise<Sequential> {
  const made = constant(value);
  setEngine('reference');
  await made.predict([[1, 2]]);
  setEngine('native');
  return made;
}

function turnOfEventLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The first value of each output; errors by their code. */
async function outcomes(requests: readonly Promise<Tensor>[]): Promise<(number | string)[]> {
  const settled = await Promise.allSettled(requests);
  return settled.map((each) => (each.status === 'fulfilled' ? each.value.dataSync()[0] : each.reason.code));
}

describe('a sample', () => {
  const model = tinyClassifier();
  const predictor = createPredictor(model);

  it('is a tensor, a typed array or nested arrays', async () => {
    const expected = (await model.predict([[...SAMPLE]])).arraySync() as number[][];
    for (const x of [SAMPLE, [...SAMPLE], tensor([...SAMPLE]), Float64Array.from(SAMPLE, (value) => value)]) {
      const output: Tensor = await predictor.predict(x);
      expect(output.shape).toEqual([3]);
      expect(output.arraySync()).toEqual(expected[0]);
    }
  });

  it('may be a flat typed array for an image, and is an image in any other case', async () => {
    const images = sequential({ layers: [layers.flatten({ inputShape: [2, 3, 1] })] });
    const server = createPredictor(images);
    const values = Uint8Array.of(1, 2, 3, 4, 5, 6);
    const output = await server.predict(values);
    expect(output.arraySync()).toEqual([1, 2, 3, 4, 5, 6]);
    await expectError(
      () => server.predict([1, 2, 3, 4, 5, 6]),
      'SHAPE_MISMATCH',
      /\[6\].*\[2, 3, 1\].*Reshape/,
    );
    const flat = tensor(values, [6], 'uint8');
    await expectError(() => server.predict(flat), 'SHAPE_MISMATCH');
    await expectError(() => server.predict(flat.reshape([1, 2, 3, 1])), 'SHAPE_MISMATCH', /batch axis/);
  });

  it('is copied at once', async () => {
    const values = Float32Array.from(SAMPLE);
    const requested = predictor.predict(values);
    values.fill(99);
    expect((await requested).arraySync()).toEqual((await predictor.predict(SAMPLE)).arraySync());
  });

  it('that does not fit rejects only its own request', async () => {
    const before = predictor.stats().invalid;
    const good = predictor.predict(SAMPLE);
    const bad = predictor.predict([1, 2, 3]);
    const strange = predictor.predict('cat' as never);
    expect(await outcomes([good, bad, strange])).toEqual([
      expect.any(Number),
      'SHAPE_MISMATCH',
      'INVALID_ARGUMENT',
    ]);
    expect(predictor.stats().invalid - before).toBe(2);
    expect(await outcomes([predictor.predict([Number.NaN, 1, 2, 3])])).toEqual([Number.NaN]);
  });

  it('of indexes is checked before it shares a batch', async () => {
    const words = sequential({
      layers: [layers.embedding({ inputDim: 5, outputDim: 2, inputLength: 3 }), layers.flatten()],
    });
    const server = createPredictor(words);
    const requests = [
      [1, 2, 3],
      [1, 9, 3],
      [4, 4, 4],
    ].map((x) => server.predict(Int32Array.from(x)));
    expect(await outcomes(requests)).toEqual([expect.any(Number), 'INVALID_INDEX', expect.any(Number)]);

    const number = input({ shape: [1], dtype: 'int32' });
    const whole = functional({ inputs: number, outputs: layers.flatten().apply(number) as typeof number });
    const counter = createPredictor(whole);
    const numbers = [3, 2 ** 25, -7].map((value) => counter.predict(Int32Array.of(value)));
    expect(await outcomes(numbers)).toEqual([3, 'INVALID_ARGUMENT', -7]);
  });

  it('has a value for each input, and an output for each of the model', async () => {
    const [a, b] = [input({ shape: [2], name: 'a' }), input({ shape: [3], name: 'b' })];
    const joined = layers.concatenate().apply([a, b]) as ReturnType<typeof input>;
    const both = functional({ inputs: [a, b], outputs: [joined, a] });
    const server = createPredictor(both);
    for (const x of [
      [
        [1, 2],
        [3, 4, 5],
      ],
      { b: Float32Array.of(3, 4, 5), a: [1, 2] },
    ]) {
      const outputs = await server.predict<Tensor[]>(x as never);
      expect(outputs.map((output) => output.arraySync())).toEqual([
        [1, 2, 3, 4, 5],
        [1, 2],
      ]);
    }
    await expectError(() => server.predict({ a: [1, 2] }), 'INVALID_ARGUMENT', /'b'/);
    await expectError(() => server.predict({ a: [1, 2], c: [1] }), 'UNKNOWN_OPTION', /'c'/);
  });

  it('may have any size where the model leaves it open, and shares batches with its like', async () => {
    const open = sequential({ layers: [layers.globalMaxPooling2d({ inputShape: [null, null, 1] })] });
    const server = createPredictor(open);
    const image = (size: number, value: number) =>
      tensor(new Float32Array(size * size).fill(value), [size, size, 1]);
    const requests = [2, 3, 2, 3, 3].map((size, i) => server.predict(image(size, i)));
    expect(await outcomes(requests)).toEqual([0, 1, 2, 3, 4]);
    expect(server.stats().batchSizes).toEqual({ 2: 1, 3: 1 });
    await expectError(() => server.predict(new Float32Array(4)), 'SHAPE_MISMATCH');
  });
});

describe('batches', () => {
  it('take the requests of one turn of the event loop, up to maxBatchSize', async () => {
    const predictor = createPredictor(tinyClassifier(), { maxBatchSize: 4 });
    await Promise.all(Array.from({ length: 10 }, () => predictor.predict(SAMPLE)));
    expect(predictor.stats()).toMatchObject({ served: 10, batches: 3, batchSizes: { 2: 1, 4: 2 } });
  });

  it('do not wait for others where a request is alone', async () => {
    const predictor = createPredictor(tinyClassifier(), { maxWaitMs: 60_000 });
    await predictor.predict(SAMPLE);
    expect(predictor.stats().batchSizes).toEqual({ 1: 1 });
  });

  it('wait for others while requests keep coming, until they are full', async () => {
    const predictor = createPredictor(tinyClassifier(), { maxWaitMs: 60_000, maxBatchSize: 3 });
    await predictor.predict(SAMPLE);
    const requests = [];
    for (let i = 0; i < 3; i++) {
      requests.push(predictor.predict(SAMPLE));
      for (let turn = 0; turn < 5; turn++) await turnOfEventLoop();
      expect(predictor.stats()).toMatchObject(i < 2 ? { queued: i + 1, running: 0 } : { queued: 0 });
    }
    await Promise.all(requests);
    expect(predictor.stats().batchSizes).toEqual({ 1: 1, 3: 1 });
  });

  it('wait for others no longer than maxWaitMs', async () => {
    const predictor = createPredictor(tinyClassifier(), { maxWaitMs: 20 });
    for (let i = 0; i < 3; i++) await predictor.predict(SAMPLE);
    expect(predictor.stats().served).toBe(3);
  });

  it('that are full do not wait behind samples of another size', async () => {
    const open = sequential({ layers: [layers.globalMaxPooling2d({ inputShape: [null, null, 1] })] });
    const predictor = createPredictor(open, { maxWaitMs: 60_000, maxBatchSize: 2 });
    const request = (size: number) =>
      predictor.predict(tensor(new Float32Array(size * size), [size, size, 1]));
    await request(2);
    const waiting = request(2);
    await Promise.all([request(3), request(3)]);
    expect(predictor.stats()).toMatchObject({ queued: 1, served: 3, batchSizes: { 1: 1, 2: 1 } });
    await predictor.close();
    expect((await waiting).dataSync()[0]).toBe(0);
  });

  it('run while the model trains', async () => {
    const model = compiledClassifier();
    const { x, y } = tinySet(200);
    const predictor = createPredictor(model);
    const training = model.fit(x, y, { epochs: 20, verbose: 0 });
    for (let i = 0; i < 20; i++) {
      const output = await predictor.predict(SAMPLE);
      expect(output.sum().dataSync()[0]).toBeCloseTo(1, 5);
    }
    await training;
    const after = await model.predict(tensor(SAMPLE, [1, 4]));
    expect((await predictor.predict(SAMPLE)).arraySync()).toEqual((after.arraySync() as number[][])[0]);
  });
});

describe('the queue', () => {
  it('refuses more than maxQueue requests, and serves those that it has', async () => {
    const predictor = createPredictor(constant(3), { maxQueue: 4 });
    const requests = Array.from({ length: 7 }, () => predictor.predict([1, 2]));
    expect(predictor.stats()).toMatchObject({ queued: 4, rejected: 3 });
    expect(await outcomes(requests)).toEqual([3, 3, 3, 3, 'QUEUE_FULL', 'QUEUE_FULL', 'QUEUE_FULL']);
    await predictor.predict([1, 2]);
    expect(predictor.stats()).toMatchObject({ queued: 0, running: 0, served: 5, rejected: 3 });
    for (let i = 0; i < 4; i++) predictor.predict([1, 2]);
    await expectError(() => predictor.predict([1, 2]), 'QUEUE_FULL', /4 requests.*maxQueue.*try again later/);
  });

  it('loses requests whose signal fires, before, while they wait, and while they run', async () => {
    const predictor = createPredictor(constant(3), { maxBatchSize: 2, maxQueue: 10 });
    await expectError(() => predictor.predict([1, 2], { signal: AbortSignal.abort('why') }), 'ABORTED');
    const controllers = Array.from({ length: 6 }, () => new AbortController());
    const requests = controllers.map(({ signal }) => predictor.predict([1, 2], { signal }));
    expect(predictor.stats()).toMatchObject({ queued: 2, running: 4 });
    controllers[1].abort('no more');
    controllers[4].abort();
    expect(predictor.stats()).toMatchObject({ queued: 1, aborted: 3 });
    const error = await expectError(() => requests[1], 'ABORTED');
    expect(error.cause).toBe('no more');
    expect(await outcomes(requests)).toEqual([3, 'ABORTED', 3, 3, 'ABORTED', 3]);
    expect(predictor.stats()).toMatchObject({ queued: 0, running: 0, served: 4, failed: 0, aborted: 3 });
    controllers[0].abort();
    expect(predictor.stats().aborted).toBe(3);
  });

  it('leaves no listener at a signal', async () => {
    const predictor = createPredictor(constant(3));
    const { signal } = new AbortController();
    await Promise.all(Array.from({ length: 50 }, () => predictor.predict([1, 2], { signal })));
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

describe('replace', () => {
  it('changes the model between two batches, in the order of calls', async () => {
    const models = [constant(1), constant(2), await constantInReference(3)];
    const predictor = createPredictor(models[0], { maxBatchSize: 4 });
    const seen: number[] = []; // by call, since answers of two engines may come in another order
    let calls = 0;
    let isDone = false;
    const load = async () => {
      while (!isDone) {
        const call = calls++;
        const batch = await outcomes(Array.from({ length: 4 }, () => predictor.predict([1, 2])));
        expect(new Set(batch).size).toBe(1);
        seen[call] = batch[0] as number;
      }
    };
    const loads = [load(), load(), load()];
    for (let i = 0; i < 20; i++) await turnOfEventLoop();
    const replaced = await Promise.all([predictor.replace(models[1]), predictor.replace(models[2])]);
    expect(replaced).toEqual([models[0], models[1]]);
    expect(predictor.model).toBe(models[2]);
    for (const old of replaced) old.dispose();
    expect(await outcomes([predictor.predict([1, 2])])).toEqual([3]);
    isDone = true;
    await Promise.all(loads);
    expect(seen[0]).toBe(1);
    expect(seen).toEqual([...seen].sort());
    expect(predictor.stats().failed).toBe(0);
  });

  it('resolves when the old model has no batch any more', async () => {
    const [old, next] = [constant(1), constant(2)];
    const predictor = createPredictor(old, { maxBatchSize: 1 });
    const requests = Array.from({ length: 30 }, () => predictor.predict([1, 2]));
    (await predictor.replace(next)).dispose();
    const served = await outcomes([...requests, predictor.predict([1, 2])]);
    expect(served).toEqual([...served].sort());
    expect(served[30]).toBe(2);
  });

  it('refuses a model of other shapes, a disposed one and none', async () => {
    const predictor = createPredictor(constant(1));
    await expectError(() => predictor.replace(tinyClassifier()), 'SHAPE_MISMATCH', /inputs of \[4\].*\[2\]/);
    const wide = sequential({ layers: [layers.dense({ units: 2, inputShape: [2] })] });
    await expectError(() => predictor.replace(wide), 'SHAPE_MISMATCH', /outputs of \[2\].*\[1\]/);
    const disposed = constant(2);
    disposed.dispose();
    await expectError(() => predictor.replace(disposed), 'DISPOSED');
    await expectError(() => predictor.replace({} as never), 'INVALID_ARGUMENT', /model/);
    expect(await outcomes([predictor.predict([1, 2])])).toEqual([1]);
  });

  it('refuses an embedding that takes fewer indexes', async () => {
    const words = (inputDim: number) =>
      sequential({ layers: [layers.embedding({ inputDim, outputDim: 2, inputLength: 3 })] });
    const predictor = createPredictor(words(5));
    await expectError(() => predictor.replace(words(4)), 'SHAPE_MISMATCH', /below 4/);
    await predictor.replace(words(6));
    await predictor.predict([5, 5, 5]);
  });
});

describe('close', () => {
  it('serves what was accepted and refuses the rest', async () => {
    const predictor = createPredictor(constant(3), { maxBatchSize: 2 });
    const requests = Array.from({ length: 9 }, () => predictor.predict([1, 2]));
    const closed = predictor.close();
    expect(predictor.close()).toBe(closed);
    await expectError(() => predictor.predict([1, 2]), 'DISPOSED', /closed/);
    await expectError(() => predictor.replace(constant(2)), 'DISPOSED', /closed/);
    await closed;
    expect(predictor.stats()).toMatchObject({ queued: 0, running: 0, served: 9 });
    expect(await outcomes(requests)).toEqual(Array(9).fill(3));
  });

  it('lets nobody wait for others', async () => {
    const predictor = createPredictor(constant(3), { maxWaitMs: 60_000 });
    await predictor.predict([1, 2]);
    const requests = [predictor.predict([1, 2]), predictor.predict([1, 2])];
    await predictor[Symbol.asyncDispose]();
    expect(await outcomes(requests)).toEqual([3, 3]);
  });
});

describe('stats', () => {
  it('have the latencies of served requests', async () => {
    const predictor = createPredictor(constant(3));
    expect(predictor.stats().latencyMs).toEqual({ p50: Number.NaN, p99: Number.NaN });
    for (let i = 0; i < 5; i++) await predictor.predict([1, 2]);
    const { p50, p99 } = predictor.stats().latencyMs;
    expect(p50).toBeGreaterThan(0);
    expect(p99).toBeGreaterThanOrEqual(p50);
  });

  it('count failures, after which another model serves', async () => {
    const model = constant(3);
    const predictor: Predictor = createPredictor(model);
    const waiting = predictor.predict([1, 2]);
    model.dispose();
    expect(await outcomes([waiting, predictor.predict([1, 2])])).toEqual(['DISPOSED', 'DISPOSED']);
    expect(predictor.stats()).toMatchObject({ served: 0, failed: 2, invalid: 0 });
    await predictor.replace(constant(4));
    expect(await outcomes([predictor.predict([1, 2])])).toEqual([4]);
  });
});

describe('options', () => {
  it.each([
    [{ maxBatchSize: 0 }, /maxBatchSize is 0/],
    [{ maxBatchSize: 1.5 }, /maxBatchSize is 1.5/],
    [{ maxQueue: -1 }, /maxQueue is -1/],
    [{ maxWaitMs: -1 }, /maxWaitMs is -1/],
    [{ maxWaitMs: Number.NaN }, /maxWaitMs is NaN/],
    [{ maxWaitMs: 1e9 }, /maxWaitMs is 1000000000/],
    [{ threads: 0 }, /threads is 0/],
  ])('%o is refused', async (options, message) => {
    await expectError(() => createPredictor(constant(1), options), 'INVALID_ARGUMENT', message);
  });

  it('are checked by name, like those of predict', async () => {
    const options = { maxBatch: 3 } as never;
    await expectError(() => createPredictor(constant(1), options), 'UNKNOWN_OPTION', /maxBatchSize/);
    await expectError(() => createPredictor(null as never), 'INVALID_ARGUMENT', /model is null/);
    const predictor = createPredictor(constant(1));
    await expectError(() => predictor.predict([1, 2], { sign: 1 } as never), 'UNKNOWN_OPTION', /signal/);
    await expectError(
      () => predictor.predict([1, 2], { signal: 1 } as never),
      'INVALID_ARGUMENT',
      /signal is 1/,
    );
  });

  it('set the threads of the process', async () => {
    const threads = await resultOf(async (tf, { print }) => {
      const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
      tf.createPredictor(model, { threads: 3 });
      print(tf.engineInfo().threads);
    });
    expect(threads).toBe(3);
  });
});

it('lets the process end', async () => {
  const served = await resultOf(async (tf, { print }) => {
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
    const predictor = tf.createPredictor(model, { maxWaitMs: 60_000 });
    await predictor.predict([1, 2]);
    const waiting = new AbortController();
    const aborted = predictor.predict([1, 2], { signal: waiting.signal }).catch(() => 'aborted');
    await new Promise((resolve) => setImmediate(resolve));
    waiting.abort();
    print([predictor.stats().served, await aborted]);
  });
  expect(served).toEqual([1, 'aborted']);
});
