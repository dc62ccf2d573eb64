import { existsSync, writeFileSync } from 'node:fs';
import { inflateSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { tensorBoard } from '../../../lib/callbacks/index.js';
import { setEngine, tensor } from '../../../lib/index.js';
import { expectError } from '../../support/convforge-error.js';
import { ENGINES } from '../../support/engines.js';
import { fieldOf, readDoubles, readEvents } from '../../support/event-files.js';
import { simulate } from '../../support/simulated-logs.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { compiledClassifier, tinySet } from '../../support/tiny.js';

const path = temporaryFolder();

describe.each(ENGINES)('tensorBoard on %s', (engine) => {
  beforeEach(() => setEngine(engine));

  const { x, y } = tinySet(8);

  it('writes training and validation logs of epochs to separate runs', async () => {
    const callbacks = tensorBoard({ logDir: path('logs') });
    const options = { epochs: 2, verbose: 0, validationSplit: 0.5, callbacks } as const;
    const { history } = await compiledClassifier().fit(x, y, options);
    const expected = (prefix: string) =>
      [0, 1].flatMap((step) =>
        ['loss', 'acc'].map((key) => ({
          step,
          tag: `epoch_${key}`,
          simple: Math.fround(history[prefix + key][step]),
        })),
      );
    expect(readEvents(path('logs/train'))).toEqual(expected(''));
    expect(readEvents(path('logs/validation'))).toEqual(expected('val_'));
  });

  it('writes batch logs every updateFreq batches', async () => {
    const options = { epochs: 2, batchSize: 2, verbose: 0 } as const;
    await compiledClassifier().fit(x, y, {
      ...options,
      callbacks: tensorBoard(path('a'), { updateFreq: 'batch' }),
    });
    await compiledClassifier().fit(x, y, {
      ...options,
      callbacks: tensorBoard(path('b'), { updateFreq: 3 }),
    });
    const steps = (name: string) =>
      readEvents(path(`${name}/train`))
        .filter(({ tag }) => tag === 'batch_loss')
        .map(({ step }) => step);
    expect(steps('a')).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(steps('b')).toEqual([0, 3, 6]);
    expect(existsSync(path('a/validation'))).toBe(false);
    expect([...new Set(readEvents(path('a/train')).map(({ tag }) => tag))]).toEqual([
      'batch_loss',
      'batch_acc',
      'epoch_loss',
      'epoch_acc',
    ]);
  });

  it('writes histograms and images of weights every histogramFreq epochs', async () => {
    const model = compiledClassifier();
    const callbacks = tensorBoard({ logDir: path('logs'), histogramFreq: 2, writeImages: true });
    await model.fit(x, y, { epochs: 3, verbose: 0, callbacks });
    const events = readEvents(path('logs/train'));
    const [kernel] = model.getWeights();
    const names = model.layers.flatMap(({ name }) => [`${name}/kernel`, `${name}/bias`]);
    const histograms = events.filter((event) => event.histogram);
    expect(histograms.map(({ step, tag }) => [step, tag])).toEqual(
      [0, 2].flatMap((step) => names.map((name) => [step, `${name}/histogram`])),
    );
    const last = histograms[4].histogram ?? [];
    const values = [...kernel.dataSync()];
    expect([1, 2, 3].map((field) => fieldOf(last, field))).toEqual([
      Math.min(...values),
      Math.max(...values),
      20,
    ]);
    expect(fieldOf(last, 4)).toBeCloseTo(
      values.reduce((sum, value) => sum + value, 0),
      10,
    );
    expect(fieldOf(last, 5)).toBeCloseTo(
      values.reduce((sum, value) => sum + value * value, 0),
      10,
    );
    const limits = readDoubles(fieldOf(last, 6) as Buffer);
    const counts = readDoubles(fieldOf(last, 7) as Buffer);
    expect([limits.length, limits[29]]).toEqual([30, Math.max(...values)]);
    expect(counts.reduce((sum, count) => sum + count)).toBe(20);
    expect(counts[0]).toBeGreaterThan(0);
    expect(counts[29]).toBeGreaterThan(0);
    expect(limits.every((limit, i) => i === 0 || limit > limits[i - 1])).toBe(true);

    const images = events.filter((event) => event.image);
    expect(images.map(({ tag }) => tag)).toEqual([...names, ...names].map((name) => `${name}/image`));
    const image = images[4].image ?? [];
    expect([1, 2, 3].map((field) => fieldOf(image, field))).toEqual([4, 5, 1]);
    const png = fieldOf(image, 4) as Buffer;
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    const rows = inflateSync(png.subarray(8 + 25 + 8));
    const [least, most] = [Math.min(...values), Math.max(...values)];
    const shades = values.map((value) => Math.round((255 * (value - least)) / (most - least)));
    expect([...rows]).toEqual([0, 1, 2, 3].flatMap((row) => [0, ...shades.slice(row * 5, row * 5 + 5)]));
  });
});

describe('tensorBoard', () => {
  it('refuses unknown options and invalid values; a write error ends the fit', async () => {
    await expectError(() => tensorBoard({ logdir: 'a' } as never), 'UNKNOWN_OPTION', /did you mean 'logDir'/);
    await expectError(() => tensorBoard({ histogramFreq: -1 }), 'INVALID_ARGUMENT', /histogramFreq is -1/);
    await expectError(
      () => tensorBoard({ updateFreq: 'day' as never }),
      'INVALID_ARGUMENT',
      /updateFreq is 'day'/,
    );
    await expectError(() => tensorBoard({ updateFreq: 0 }), 'INVALID_ARGUMENT', /updateFreq is 0/);
    await expectError(() => tensorBoard(''), 'INVALID_ARGUMENT', /logDir is ''/);
    writeFileSync(path('file'), '');
    await expectError(
      () => simulate(tensorBoard(path('file')), [{ loss: 1 }]),
      'IO_ERROR',
      /tensorBoard: can't write to .*train/,
    );
  });

  it('writes a scalar NaN, but no histogram of weights with NaN', async () => {
    const model = compiledClassifier();
    const [kernel, ...others] = model.getWeights();
    model.setWeights([
      tensor(
        kernel.dataSync().map(() => Number.NaN),
        kernel.shape,
      ),
      ...others,
    ]);
    const board = tensorBoard({ logDir: path('logs'), histogramFreq: 1, writeImages: true });
    board.setModel(model);
    await board.onEpochEnd(0, { loss: Number.NaN, lossless: Number.POSITIVE_INFINITY });
    const events = readEvents(path('logs/train'));
    expect(events.slice(0, 2).map(({ simple }) => simple)).toEqual([Number.NaN, Number.POSITIVE_INFINITY]);
    expect(events.filter(({ histogram }) => histogram)).toHaveLength(3);
    expect(events.filter(({ image }) => image)).toHaveLength(4);
  });
});
