import { describeProgram } from '../../lib/program/description.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { currentEngine, setEngine } from '../../lib/program/current-engine.js';
import { measureCopy, measurePeak } from '../../lib/program/native-engine.js';
import { activation, chain, conv2d, dense, pool2d, reshape, training } from '../support/chain.js';
import { CLASSIFIER, COUNT, create, data, run, refusal } from '../support/engine-runs.js';
import { ENGINES } from '../support/engines.js';

const NETWORK = chain(
  [6, 6, 2],
  [
    conv2d([3, 3], 8),
    activation('relu'),
    pool2d('max', [2, 2]),
    reshape(32),
    dense(5),
    activation('softmax'),
  ],
  training('sparseCategoricalCrossentropy'),
);

const CONV_FLOPS = 2 * 4 * 4 * (3 * 3 * 2) * 8;
const DENSE_FLOPS = 2 * 32 * 5;

describe.each(ENGINES)('the %s engine', (engine) => {
  beforeAll(() => setEngine(engine));

  test('lists the passes of each mode and their operations', () => {
    const program = currentEngine().createProgram(NETWORK);
    const flops = (mode: 'train' | 'evaluate' | 'predict') =>
      program
        .explain(mode, 7)
        .wait()
        .passes.reduce((sum, pass) => sum + pass.flops, 0);
    expect(flops('predict')).toBe(CONV_FLOPS + DENSE_FLOPS);
    expect(flops('evaluate')).toBe(CONV_FLOPS + DENSE_FLOPS);
    const { batchSize, passes, profile } = program.explain('train', 7).wait();
    expect([batchSize, profile]).toEqual([7, undefined]);
    const of = (kind: string) => passes.filter((pass) => pass.kind === kind).map((pass) => pass.node);
    expect(of('forward')).toEqual(expect.arrayContaining(['conv2d_1', 'dense_5']));
    expect([of('loss'), of('update')]).toEqual([['loss'], ['optimizer']]);
    expect(passes.at(-1)?.kind).toBe('update');
    for (const { algorithm } of passes) expect(algorithm).not.toBe('');
  });

  test('without training explains only predictions, and nothing after dispose', async () => {
    const program = currentEngine().createProgram(describeProgram({ nodes: NETWORK.graph.nodes }));
    expect(program.explain('predict').wait().batchSize).toBe(32);
    expect((await refusal(() => program.explain('train').wait())).code).toBe('NOT_COMPILED');
    expect((await refusal(() => program.explain('evaluate').wait())).code).toBe('NOT_COMPILED');
    expect((await refusal(() => program.explain('predict', 0).wait())).code).toBe('INVALID_ARGUMENT');
    expect((await refusal(() => program.explain('predict', 1.5).wait())).code).toBe('INVALID_ARGUMENT');
    program.dispose();
    expect((await refusal(() => program.explain('predict').wait())).code).toBe('DISPOSED');
    expect((await refusal(() => program.profile(false))).code).toBe('DISPOSED');
  });
});

describe('the native engine', () => {
  beforeAll(() => setEngine('native'));

  test('fuses ops, and plans only needed gradients', () => {
    const { passes, memory } = currentEngine().createProgram(NETWORK).explain('train', 7).wait();
    expect(passes.map(({ node, kind }) => `${node} ${kind}`)).toEqual([
      'input read',
      'conv2d_1 forward',
      'dense_5 forward',
      'loss loss',
      'dense_5 kernel gradient',
      'dense_5 input gradient',
      'conv2d_1 kernel gradient',
      'optimizer update',
    ]);
    expect(passes[1]).toMatchObject({ fused: 'bias, relu, max-pooling 2x2', flops: CONV_FLOPS });
    expect(passes[4]).toMatchObject({ flops: DENSE_FLOPS });
    expect(passes[5]).toMatchObject({ flops: DENSE_FLOPS });
    expect(memory?.weights).toBe(memory?.gradients);
    expect(memory?.arena).toBeGreaterThan(7 * 4 * (6 * 6 * 2 + 2 * 2 * 8));
  });

  test('profiles runs from when profiling is switched on', async () => {
    const program = create(CLASSIFIER);
    program.profile(true);
    await program.train(run({ batchSize: 10 }));
    const { batchSize, profile, passes } = program.explain('train').wait();
    expect(batchSize).toBe(10);
    expect(profile).toMatchObject({ steps: 3, samples: COUNT });
    const sum = passes.reduce((total, pass) => total + (pass.seconds ?? Number.NaN), 0);
    expect(sum / (profile?.seconds ?? 0)).toBeCloseTo(1, 6);
    expect(program.explain('predict').wait().profile).toBeUndefined();
    await program.predict({ x: data().x, batchSize: COUNT }).promise;
    expect(program.explain('predict').wait().profile).toMatchObject({ steps: 1, samples: COUNT });
    program.profile(true);
    expect(program.explain('train').wait().profile).toBeUndefined();
    program.profile(false);
    await program.train(run({ batchSize: 10 }));
    expect(program.explain('train').wait().profile).toBeUndefined();
  });

  test('measures peak and bandwidth', async () => {
    const [peak, copy] = [await measurePeak(1, 2), await measureCopy(1, 2)];
    for (const rates of [peak, copy]) expect(rates).toEqual([expect.any(Number), expect.any(Number)]);
    for (const rate of [...peak, ...copy]) expect(rate).toBeGreaterThan(0);
    expect((await refusal(() => measurePeak(0))).code).toBe('INVALID_ARGUMENT');
    expect((await refusal(() => measurePeak(1024, 1))).code).toBe('INVALID_ARGUMENT');
  });
});

test("the reference engine can't be profiled", async () => {
  setEngine('reference');
  const program = currentEngine().createProgram(NETWORK);
  expect((await refusal(() => program.profile(true))).code).toBe('UNSUPPORTED');
  program.profile(false);
  const { passes, memory } = program.explain('train').wait();
  expect(new Set(passes.map(({ algorithm }) => algorithm))).toEqual(new Set(['reference']));
  expect(passes.flatMap(({ declined }) => declined)).toEqual([]);
  expect(memory).toBeUndefined();
});
