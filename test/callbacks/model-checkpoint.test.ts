import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Callback, modelCheckpoint } from '../../lib/callbacks/index.js';
import { loadLayersModel } from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';
import { simulate } from '../support/simulated-logs.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { compiledClassifier, tinySet, values } from '../support/tiny.js';

describe('modelCheckpoint', () => {
  const path = temporaryFolder();
  const { x, y } = tinySet(9);

  it('saves the model after each epoch, to a path with fields filled in', async () => {
    const model = compiledClassifier();
    const weights: number[][][] = [];
    const noting = { onEpochEnd: () => weights.push(values(model.getWeights())) };
    const checkpoint = modelCheckpoint({ filepath: path('{epoch:03d}-{loss:.2f}') });
    const callbacks = [noting, checkpoint];
    const { history } = await model.fit(x, y, { epochs: 2, verbose: 0, callbacks });
    const names = [0, 1].map((epoch) => `00${epoch + 1}-${history.loss[epoch].toFixed(2)}`);
    expect(readdirSync(path(''))).toEqual(names);
    expect(checkpoint.savedTo).toBe(path(names[1]));
    for (const [i, name] of names.entries()) {
      const loaded = await loadLayersModel(path(name));
      expect(values(loaded.getWeights())).toEqual(weights[i]);
      expect(loaded.isCompiled).toBe(true);
    }
  });

  it('omits the optimizer with saveWeightsOnly', async () => {
    const model = compiledClassifier();
    const callbacks = modelCheckpoint({ filepath: path('weights'), saveWeightsOnly: true });
    await model.fit(x, y, { verbose: 0, callbacks });
    const loaded = await loadLayersModel(path('weights'));
    expect(loaded.isCompiled).toBe(false);
    const again = compiledClassifier();
    again.setWeights(loaded.getWeights());
    expect(values(again.getWeights())).toEqual(values(model.getWeights()));
  });

  it('saves every saveFreq batches, counted across epochs', async () => {
    const model = compiledClassifier();
    const weights: number[][][] = [];
    const noting = { onBatchEnd: () => weights.push(values(model.getWeights())) };
    const checkpoint = modelCheckpoint({ filepath: path('{epoch}-{batch:02d}'), saveFreq: 4 });
    const callbacks = [noting, checkpoint];
    await model.fit(x, y, { epochs: 3, batchSize: 3, verbose: 0, callbacks });
    const [first, second] = ['2-01', '3-02'];
    expect(readdirSync(path(''))).toEqual([first, second]);
    expect(checkpoint.savedTo).toBe(path(second));
    expect(values((await loadLayersModel(path(first))).getWeights())).toEqual(weights[3]);
    expect(values((await loadLayersModel(path(second))).getWeights())).toEqual(weights[7]);
  });

  it('saves the best of every saveFreq batches with saveBestOnly', async () => {
    const saved: string[] = [];
    const model = { save: async (where: string) => void saved.push(where) };
    const options = { filepath: '{batch}', monitor: 'loss', saveBestOnly: true, saveFreq: 2 };
    const checkpoint = modelCheckpoint(options);
    checkpoint.setModel(model as never);
    checkpoint.onEpochBegin(0);
    for (const [batch, loss] of [9, 5, 1, 6, 1, 4].entries()) {
      await checkpoint.onBatchEnd(batch, { batch, size: 1, loss });
    }
    await checkpoint.onEpochEnd(0, { loss: 0 });
    expect([saved, checkpoint.best]).toEqual([['2', '6'], 4]);
  });

  it('has a batch hook only if saveFreq is a number', () => {
    const hook = (saveFreq: 'epoch' | number) => modelCheckpoint({ filepath: 'a', saveFreq }).onBatchEnd;
    expect(hook('epoch')).toBe(Callback.prototype.onBatchEnd);
    expect(hook(1)).not.toBe(Callback.prototype.onBatchEnd);
  });

  /** The epochs, from 1, after which it saves. */
  async function savedEpochs(options: object, losses: readonly number[]): Promise<string[]> {
    const saved: string[] = [];
    const model = {
      stopTraining: false,
      optimizer: { learningRate: 1 },
      save: async (where: string) => void saved.push(where),
    };
    const checkpoint = modelCheckpoint({ filepath: '{epoch}', ...options });
    await simulate(
      checkpoint,
      losses.map((val_loss) => ({ val_loss })),
      model,
    );
    return saved;
  }

  it('saves only improvements with saveBestOnly', async () => {
    const losses = [5, 6, 4, Number.NaN, 4, 3];
    expect(await savedEpochs({ saveBestOnly: true }, losses)).toEqual(['1', '3', '6']);
    expect(await savedEpochs({ saveBestOnly: true, mode: 'max' }, losses)).toEqual(['1', '2']);
    expect(await savedEpochs({ saveBestOnly: true, initialValueThreshold: 4 }, losses)).toEqual(['6']);
    expect(await savedEpochs({}, losses)).toEqual(['1', '2', '3', '4', '5', '6']);
  });

  it('formats numbers as Python does', async () => {
    const filled = async (filepath: string) => (await savedEpochs({ filepath }, [0.12345]))[0];
    expect(await filled('{epoch:4d}|{epoch:04d}|{epoch}')).toBe('   1|0001|1');
    expect(await filled('{val_loss:.3f} {val_loss:f} {val_loss:8.2f} {val_loss}')).toBe(
      '0.123 0.123450     0.12 0.12345',
    );
  });

  it('refuses invalid options', async () => {
    const make = (options: object) => () => modelCheckpoint({ filepath: 'a', ...options });
    await expectError(make({ saveWeightsOnly: 1 }), 'INVALID_ARGUMENT', /saveWeightsOnly is 1/);
    for (const saveFreq of [0, 1.5, 'batch'])
      await expectError(make({ saveFreq }), 'INVALID_ARGUMENT', /saveFreq is .* 'epoch', or a whole number/);
    const ahead = make({ saveFreq: 2, saveBestOnly: true });
    await expectError(ahead, 'INVALID_ARGUMENT', /'val_loss', which is known after an epoch only/);
    await expectError(
      make({ filepath: '{epoch:x}' }),
      'INVALID_ARGUMENT',
      /'\{epoch:x\}' in filepath is not a valid field/,
    );
    await expectError(make({ filepath: '' }), 'INVALID_ARGUMENT', /filepath is ''/);
    await expectError(make({ filepath: '{epoch}.h5' }), 'UNSUPPORTED', /\.h5 format/);
    await expectError(make({ initialValueThreshold: 1 }), 'INVALID_ARGUMENT', /saveBestOnly/);
    await expectError(make({ saveBestOnly: true, monitor: 'score' }), 'INVALID_ARGUMENT', /mode/);
    await expectError(
      make({ file_path: 'a' }),
      'UNKNOWN_OPTION',
      /no option 'file_path'; did you mean 'filepath'/,
    );
    await expectError(
      () => savedEpochs({ filepath: '{los:.2f}' }, [1]),
      'UNKNOWN_OPTION',
      /filepath: there is no log key 'los'/,
    );
  });

  it("ends fit with IO_ERROR if it can't save, and the model stays usable", async () => {
    writeFileSync(path('file'), '');
    const model = compiledClassifier();
    const callbacks = modelCheckpoint({ filepath: path('file/{epoch}') });
    await expectError(() => model.fit(x, y, { verbose: 0, callbacks }), 'IO_ERROR');
    expect(existsSync(path('file/1'))).toBe(false);
    expect((await model.fit(x, y, { verbose: 0 })).epoch).toEqual([0]);
  });
});
