import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type FitOptions,
  type LayersModel,
  layers,
  loadLayersModel,
  optimizers,
  sequential,
  Tensor,
} from '../../lib/index.js';
import { temporaryPath } from '../../lib/io/temporaries.js';
import { expectError } from '../support/convforge-error.js';
import {
  bitsOf,
  CHECKPOINTED,
  noisyData,
  noisyDataset,
  noisyModel,
  stopAfter,
  trainIn,
} from '../support/resumed-fits.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const pathOf = temporaryFolder();
const { x, y } = noisyData();
let dir: string;
beforeEach(() => {
  dir = pathOf('checkpoints');
});

const train = (options?: FitOptions, model?: LayersModel) => trainIn(dir, options, model);

interface Place {
  epoch: number;
  steps: number;
}

/** Where the training stood at each checkpoint in the folder. */
function places(): Place[] {
  return readdirSync(dir)
    .sort()
    .map((name) => {
      const { data } = JSON.parse(readFileSync(join(dir, name, 'manifest.json'), 'utf8')).content;
      return { epoch: data.place.epoch, steps: data.place.steps };
    });
}

describe('checkpoints', () => {
  it('are written after each epoch, and the newest two are kept', async () => {
    const counts: number[] = [];
    const onEpochEnd = () => counts.push(existsSync(dir) ? readdirSync(dir).length : 0);
    const model = await train({ epochs: 4, callbacks: { onEpochEnd } });
    expect(counts[0]).toBe(0);
    expect(places()).toEqual([
      { epoch: 3, steps: 21 },
      { epoch: 4, steps: 28 },
    ]);
    expect(readdirSync(dir)).toEqual(['checkpoint-000003', 'checkpoint-000004']);
    const plain = await train({ epochs: 4, checkpoint: undefined });
    expect(await bitsOf(model)).toBe(await bitsOf(plain));
  });

  it('are written after so many steps, counted across epochs, and at the end', async () => {
    await train({ checkpoint: { dir, everySteps: 5, keep: 9 } });
    expect(places()).toEqual([
      { epoch: 0, steps: 5 },
      { epoch: 1, steps: 10 },
      { epoch: 2, steps: 15 },
      { epoch: 2, steps: 20 },
      { epoch: 3, steps: 21 },
    ]);
  });

  it('due at the end of an epoch come after it', async () => {
    await train({ checkpoint: { dir: `file://${dir}`, everySteps: 7, keep: 5 } });
    expect(places()).toEqual([1, 2, 3].map((epoch) => ({ epoch, steps: 7 * epoch })));
  });

  it('can be rarer than epochs', async () => {
    await train({ checkpoint: { dir, everySteps: 16, keep: 5 } });
    expect(places()).toEqual([
      { epoch: 2, steps: 16 },
      { epoch: 3, steps: 21 },
    ]);
  });

  it('are no models to load, which is told', async () => {
    await train();
    const path = join(dir, 'checkpoint-000003');
    await expectError(() => loadLayersModel(path), 'UNSUPPORTED', /manifest of a checkpoint.*resume: true/);
  });

  it('leave what else is in the folder, but for what killed writers left', async () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    const target = temporaryPath(join(dir, 'checkpoint-000001'));
    const stray = target.replace(`-${process.pid}-`, `-${pid}-`);
    for (const path of [stray, target, join(dir, 'mine')]) mkdirSync(path, { recursive: true });
    writeFileSync(join(stray, 'arrays.bin'), 'torn');
    await train({ epochs: 1 });
    const left = readdirSync(dir).map((name) => join(dir, name));
    expect(left.sort()).toEqual([join(dir, 'checkpoint-000001'), target, join(dir, 'mine')].sort());
  });

  it('of a fit that is not resumed begin anew, and are resumed in place of older ones', async () => {
    await train({ epochs: 5 });
    const controller = new AbortController();
    // Ends while the first checkpoint is written, which is completed.
    const getState = () => {
      setImmediate(() => controller.abort());
      return undefined;
    };
    const fit = train({ seed: 9, callbacks: { getState }, signal: controller.signal });
    await expectError(() => fit, 'ABORTED');
    expect(places()).toEqual([
      { epoch: 5, steps: 35 },
      { epoch: 0, steps: 0 },
    ]);
    const resumed = await train({ seed: 9, resume: true });
    const plain = await train({ seed: 9, checkpoint: undefined });
    expect(await bitsOf(resumed)).toBe(await bitsOf(plain));
  });

  it('tell of a folder that cannot be written, and the fit rejects', async () => {
    writeFileSync(dir, 'a file');
    await expectError(() => train(), 'IO_ERROR', /checkpoints/);
    await expectError(() => train({ resume: true }), 'IO_ERROR', /checkpoints/);
  });

  it.skipIf(process.platform === 'win32')('leave the one before whole if the disk is full', async () => {
    const code = `
      const { fitOnce } = require(${JSON.stringify(join(process.cwd(), 'test/support/fit-once.cjs'))});
      fitOnce(${JSON.stringify(dir)}, Number(process.argv[1])).then(
        () => console.log('fitted'), ({ code, message }) => console.log(code, message));`;
    const run = (blocks: string, units: number) =>
      spawnSync(
        'bash',
        [
          '-c',
          `trap "" XFSZ; ulimit -f ${blocks}; exec "$0" -e "$1" "$2"`,
          process.execPath,
          code,
          `${units}`,
        ],
        { encoding: 'utf8' },
      );
    expect(run('unlimited', 20).stdout).toBe('fitted\n');
    const before = readdirSync(dir);
    const full = run('3', 20);
    expect(full.stdout, full.stderr).toMatch(/^IO_ERROR Can't write .*checkpoint-000003.*EFBIG/);
    expect(readdirSync(dir)).toEqual(before);
  });
});

describe('resume', () => {
  it('begins at the start if there is no checkpoint', async () => {
    const resumed = await train({ resume: true });
    expect(await bitsOf(resumed)).toBe(await bitsOf(await train({ checkpoint: undefined })));
  });

  it('of a finished training changes nothing, and goes on with more epochs', async () => {
    const model = await train();
    const again = noisyModel();
    const history = await again.fit(x, y, { ...CHECKPOINTED, epochs: 3, checkpoint: { dir }, resume: true });
    expect(history.epoch).toEqual([0, 1, 2]);
    expect(await bitsOf(again)).toBe(await bitsOf(model));
    const fewer = await train({ epochs: 1, resume: true });
    expect(await bitsOf(fewer)).toBe(await bitsOf(model));
    const more = await train({ epochs: 5, resume: true, seed: undefined });
    expect(await bitsOf(more)).toBe(await bitsOf(await train({ epochs: 5, checkpoint: undefined })));
  });

  it('goes on where stopTraining ended it, which it does soon without batch hooks', async () => {
    const model = noisyModel();
    const onEpochBegin = () =>
      setTimeout(() => {
        model.stopTraining = true;
      }, 300);
    const options = {
      ...CHECKPOINTED,
      stepsPerEpoch: 1_000_000,
      checkpoint: { dir },
      callbacks: { onEpochBegin },
    };
    const history = await model.fit(x, y, options);
    expect(history.epoch).toEqual([0]);
    const steps = model.optimizer.iterations;
    expect(places()).toEqual([{ epoch: 0, steps }]);
    expect(steps).toBeLessThan(1_000_000);
  });

  it('restores the checkpoint even if a callback ends it before its first step', async () => {
    const options = { checkpoint: { dir, everySteps: 5 }, epochs: 1 };
    const first = noisyModel();
    await train({ ...options, callbacks: stopAfter(first, 3) }, first);
    const second = noisyModel();
    const onTrainBegin = () => {
      second.stopTraining = true;
    };
    await train({ ...options, resume: true, callbacks: { onTrainBegin } }, second);
    expect(await bitsOf(second)).toBe(await bitsOf(first));
  });

  it('streams events, from the epoch that goes on', async () => {
    await train({ epochs: 2, seed: undefined });
    const events: string[] = [];
    const options = { batchSize: 8, epochs: 3, checkpoint: { dir }, resume: true };
    for await (const event of noisyModel().fitStream(x, y, options))
      if (event.type !== 'progress')
        events.push(`${event.type} ${'epoch' in event ? event.epoch : ''}`.trim());
    expect(events).toEqual(['trainBegin', 'epochBegin 2', 'epochEnd 2', 'trainEnd']);
  });

  it('tells of a NaN loss once', async () => {
    const warned = vi.spyOn(console, 'warn').mockReturnValue();
    const onNonFinite = vi.fn();
    const pixels = Float32Array.from(x.dataSync());
    pixels[20 * 36] = Number.NaN;
    const spoilt = new Tensor(pixels, x.shape, 'float32');
    const trained = async (options: FitOptions) => {
      const model = noisyModel();
      const all = { ...CHECKPOINTED, shuffle: false, callbacks: { onNonFinite }, ...options };
      await model.fit(spoilt, y, all);
      return bitsOf(model);
    };
    const checkpoint = { dir, everySteps: 4 };
    const expected = await trained({ epochs: 3 });
    expect(onNonFinite).toHaveBeenCalledTimes(1);
    await trained({ epochs: 1, checkpoint });
    expect(onNonFinite).toHaveBeenCalledTimes(2);
    expect(await trained({ epochs: 3, checkpoint, resume: true })).toBe(expected);
    expect(onNonFinite).toHaveBeenCalledTimes(2);
    warned.mockRestore();
  });
});

describe('a checkpoint of another training is refused', () => {
  const refused = (options: FitOptions, message: RegExp, model?: LayersModel) =>
    expectError(() => train({ resume: true, ...options }, model), 'INVALID_ARGUMENT', message);
  const other = (change: (model: LayersModel) => unknown) => {
    const model = noisyModel();
    change(model);
    return model;
  };
  const compiled = (optimizer: unknown, loss = 'sparseCategoricalCrossentropy', metrics = ['accuracy']) =>
    other((model) => model.compile({ optimizer, loss, metrics } as never));

  beforeEach(() => train());

  it('naming each option that differs', async () => {
    await refused({ batchSize: 4 }, /batchSize is 8 there and 4 here/);
    await refused({ shuffle: false }, /shuffle is true there and false here/);
    await refused({ seed: 5 }, /seed is 4 there and 5 here/);
    await refused({ stepsPerEpoch: 3 }, /stepsPerEpoch is null there and 3 here/);
    await refused({ initialEpoch: 1 }, /initialEpoch is 0 there and 1 here/);
    await refused({ classWeight: { 0: 2 } }, /classWeight is null there and \{"0":2\} here/);
    await refused(
      { validationSplit: 0.5 },
      /training samples is 52 there and 26 here; validation batches is none there and 4 here/,
    );
    const customMetrics = { worst: () => 1 };
    await refused(
      { validationSplit: 0.5, customMetrics },
      /customMetrics is \[\] there and \[".*worst"\] here/,
    );
    await refused({ sampleWeight: new Array(52).fill(1) }, /sampleWeight is none there and given here/);
  });

  it('naming what differs in the model', async () => {
    const small = sequential({
      layers: [layers.flatten({ inputShape: [6, 6, 1] }), layers.dense({ units: 3, activation: 'softmax' })],
    });
    small.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
    await refused(
      {},
      /weights is kernel \[3, 3, 1, 3\].* there and kernel \[36, 3\], bias \[3\] here/,
      small,
    );
    await refused({}, /optimizer is adam there and sgd here/, compiled('sgd'));
    await refused(
      {},
      /optimizer's options is .*"beta1":0\.9.* there and .*"beta1":0\.8/,
      compiled(optimizers.adam({ beta1: 0.8 })),
    );
    const learningRate = optimizers.schedules.exponentialDecay({
      initialLearningRate: 0.1,
      decaySteps: 5,
      decayRate: 0.5,
    });
    await refused(
      {},
      /learning rate is a number there and \{"kind":"exponentialDecay"/,
      compiled(optimizers.adam({ learningRate })),
    );
    await refused({}, /metrics is /, compiled('adam', undefined, []));
    const frozen = other((model) => {
      model.layers[2].trainable = false;
      model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
    });
    await refused({}, /layers and their options/, frozen);
  });

  it('naming data of another kind', async () => {
    const fit = () =>
      noisyModel().fitDataset(noisyDataset(), { verbose: 0, checkpoint: { dir }, resume: true });
    await expectError(fit, 'INVALID_ARGUMENT', /method is fit there and fitDataset here/);
    const shorter = pathOf('dataset');
    const options = { verbose: 0, epochs: 2, checkpoint: { dir: shorter, everySteps: 5 } } as const;
    const model = noisyModel();
    await model.fitDataset(noisyDataset(), {
      ...options,
      callbacks: stopAfter(model, 5),
    });
    const short = noisyModel().fitDataset(noisyDataset().take(3) as never, { ...options, resume: true });
    await expectError(() => short, 'INVALID_ARGUMENT', /the dataset ended after 3 batches, and 6 were taken/);
  });

  it('but another constant learning rate is taken from it', async () => {
    const model = compiled(optimizers.adam({ learningRate: 0.5 }));
    await train({ resume: true, epochs: 4 }, model);
    expect(model.optimizer.learningRate).toBe(0.01);
    expect(await bitsOf(model)).toBe(await bitsOf(await train({ epochs: 4, checkpoint: undefined })));
  });

  it('and so is one of another version of the format', async () => {
    for (const name of readdirSync(dir)) {
      const path = join(dir, name, 'manifest.json');
      const rest = readFileSync(path, 'utf8').slice(78).replace('"version":1', '"version":2');
      const sha256 = createHash('sha256').update(rest).digest('hex');
      writeFileSync(path, `{"sha256":"${sha256}",\n${rest}`);
    }
    await expectError(() => train({ resume: true }), 'UNSUPPORTED', /version 2 of the format/);
  });
});

it('wrong options are refused', async () => {
  const refused = (
    options: object,
    code: 'INVALID_ARGUMENT' | 'UNKNOWN_OPTION' | 'UNSUPPORTED',
    message: RegExp,
  ) => expectError(() => train(options), code, message);
  await refused({ checkpoint: undefined, resume: true }, 'INVALID_ARGUMENT', /resume needs checkpoint/);
  await refused({ resume: 'yes' }, 'INVALID_ARGUMENT', /resume is 'yes'/);
  await refused({ checkpoint: 'folder' }, 'INVALID_ARGUMENT', /fit: checkpoint: options must be an object/);
  await refused({ checkpoint: null }, 'INVALID_ARGUMENT', /options must be an object/);
  await refused({ checkpoint: {} }, 'INVALID_ARGUMENT', /checkpoint: dir: undefined is not a location/);
  await refused({ checkpoint: { dir: 's3://bucket' } }, 'UNSUPPORTED', /s3/);
  await refused({ checkpoint: { dir, everyStep: 2 } }, 'UNKNOWN_OPTION', /did you mean 'everySteps'/);
  await refused({ checkpoint: { dir, everySteps: 0 } }, 'INVALID_ARGUMENT', /everySteps is 0/);
  await refused({ checkpoint: { dir, keep: 1.5 } }, 'INVALID_ARGUMENT', /keep is 1.5/);
  const states: [state: unknown, where: string][] = [
    [new Map(), 'an object of type Map'],
    [() => 1, 'a function'],
    [{ a: [1n] }, '1'],
    [new DataView(new ArrayBuffer(1)), 'DataView'],
  ];
  for (const [state, where] of states)
    await refused(
      { callbacks: { getState: () => state } },
      'INVALID_ARGUMENT',
      new RegExp(`callbacks.*${where}; a checkpoint takes`),
    );
  const large = () => 'x'.repeat(2 ** 26);
  const tooLarge = () => train({ callbacks: { getState: large } });
  await expectError(tooLarge, 'TOO_LARGE', /manifest.*67108864; .* as typed arrays/);
  expect(readdirSync(dir)).toEqual([]);
  const setState = () => {
    throw new Error('no room');
  };
  await train({ callbacks: { getState: () => 1 } });
  await refused(
    { callbacks: { setState }, resume: true },
    'INVALID_ARGUMENT',
    /can't take its state from the checkpoint: no room/,
  );
});
