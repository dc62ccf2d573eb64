import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { input, io, layers, type LayersModel, model, sequential, tensor } from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';
import { temporaryFolder } from '../support/temporary-folder.js';

// State dicts that torch 2.15 and safetensors wrote, with what the modules give.
const FOLDER = join(__dirname, 'fixtures', 'safetensors');
const fileOf = (name: string) => join(FOLDER, `${name}.safetensors`);
const pathOf = temporaryFolder();

interface Answer {
  x: { shape: number[]; values: number[] };
  y: number[];
}

const answerOf = (name: string) => JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8')) as Answer;

async function expectAnswer(made: LayersModel, { x, y }: Answer): Promise<void> {
  const given = [...(await made.predict(tensor(x.values, x.shape))).dataSync()];
  const range = Math.max(...y) - Math.min(...y);
  expect(given).toHaveLength(y.length);
  for (const [i, value] of y.entries()) expect(Math.abs(given[i] - value)).toBeLessThan(1e-5 * range);
}

/** Kernels of all kinds, and vectors that were images, in a model and one inside it. */
function images(): LayersModel {
  const stem = sequential({
    name: 'features',
    layers: [
      layers.conv2d({ filters: 4, kernelSize: 3, inputShape: [4, 5, 2], name: 'conv' }),
      layers.batchNormalization({ epsilon: 1e-5, name: 'norm' }),
      layers.prelu({ sharedAxes: [1, 2], name: 'slopes' }),
    ],
  });
  const x = input({ shape: [4, 5, 2] });
  let y = stem.apply(x);
  y = layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, padding: 'same', name: 'depth' }).apply(y);
  y = layers.separableConv2d({ filters: 6, kernelSize: 3, padding: 'same', name: 'separable' }).apply(y);
  y = layers.conv2d({ filters: 4, kernelSize: 3, groups: 2, padding: 'same', name: 'grouped' }).apply(y);
  y = layers.groupNormalization({ groups: 2, epsilon: 1e-5, name: 'groups' }).apply(y);
  y = layers.conv2dTranspose({ filters: 3, kernelSize: 2, strides: 2, name: 'up' }).apply(y);
  y = layers.batchNormalization({ epsilon: 1e-5, name: 'flat' }).apply(layers.flatten().apply(y));
  // As many units as the vector has elements: its bias keeps its order.
  y = layers
    .dense({ units: 72, activation: 'relu', name: 'hidden' })
    .apply(layers.dropout({ rate: 0.5 }).apply(y));
  return model({ inputs: x, outputs: layers.dense({ units: 3, name: 'scores' }).apply(y) });
}

const NAMES = { conv: 'stem.0', norm: 'stem.1', slopes: 'stem.2', groups: 'norm' };

test('the weights of a PyTorch module give its outputs', async () => {
  const made = images();
  const loaded = await io.loadSafetensors(made, fileOf('torch_images'), { layout: 'pytorch', names: NAMES });
  expect(loaded.unused.sort()).toEqual(['flat.num_batches_tracked', 'stem.1.num_batches_tracked']);
  await expectAnswer(made, answerOf('torch_images'));
});

test('a file of its own weights gives the same values in each layout', async () => {
  const made = images();
  await io.loadSafetensors(made, fileOf('torch_images'), { layout: 'pytorch', names: NAMES });
  await io.saveSafetensors(made, pathOf('own.safetensors'));
  await io.saveSafetensors(made, pathOf('torch.safetensors'), { layout: 'pytorch', names: NAMES });
  const theirs = await io.readSafetensors(fileOf('torch_images'));
  for (const [name, written] of await io.readSafetensors(pathOf('torch.safetensors'))) {
    expect({ name, shape: written.shape }).toEqual({ name, shape: theirs.get(name)?.shape });
    expect(written.dataSync()).toEqual(theirs.get(name)?.dataSync());
  }
  const own = await io.readSafetensors(pathOf('own.safetensors'));
  expect(own.get('depth/depthwise_kernel')?.shape).toEqual([3, 3, 4, 2]);
  const other = images();
  expect(await io.loadSafetensors(other, readFileSync(pathOf('own.safetensors')))).toEqual({ unused: [] });
  await expectAnswer(other, answerOf('torch_images'));
});

test('an embedding, a normalization and vectors that were sequences come from PyTorch', async () => {
  const made = sequential([
    layers.embedding({ inputDim: 7, outputDim: 4, inputLength: 5, name: 'table' }),
    layers.layerNormalization({ epsilon: 1e-3, name: 'norm' }),
    layers.conv1d({ filters: 3, kernelSize: 2, name: 'conv' }),
    layers.flatten(),
    layers.dense({ units: 2, name: 'scores' }),
  ]);
  await io.loadSafetensors(made, fileOf('torch_words'), { layout: 'pytorch' });
  await expectAnswer(made, answerOf('torch_words'));
});

const dense = () => sequential([layers.dense({ units: 2, inputShape: [3], name: 'y' })]);

test('names may be a function, or those of single weights', async () => {
  const made = dense();
  await io.saveSafetensors(made, pathOf('a'), { names: (name) => name.toUpperCase() });
  await io.saveSafetensors(made, pathOf('b'), { names: { 'y/bias': 'offset', y: 'layer' } });
  expect([...(await io.readSafetensors(pathOf('a'))).keys()]).toEqual(['Y/KERNEL', 'Y/BIAS']);
  expect([...(await io.readSafetensors(pathOf('b'))).keys()]).toEqual(['layer/kernel', 'offset']);
});

test('refuses missing weights, other shapes, integers and unknown names, and then changes nothing', async () => {
  const made = dense();
  const before = made.getWeights().map((each) => [...each.dataSync()]);
  const write = (tensors: Record<string, ReturnType<typeof tensor>>) =>
    io.writeSafetensors(pathOf('w'), tensors);
  const load = (options?: io.LoadSafetensorsOptions) => io.loadSafetensors(made, pathOf('w'), options);
  const kernel = tensor([1, 2, 3, 4, 5, 6], [3, 2]);
  await write({ 'y/kernel': kernel, 'y/bia': tensor([1, 2]) });
  await expectError(load, 'INVALID_ARGUMENT', /y\/bias.*did you mean 'y\/bia'/);
  await write({ 'y/kernel': kernel, 'y/bias': tensor([1, 2, 3]) });
  await expectError(load, 'SHAPE_MISMATCH', /'y\/bias' is 3; the weight y\/bias needs 2/);
  await write({ 'y/kernel': kernel, 'y/bias': tensor([1, 2], [2], 'int32') });
  await expectError(load, 'UNSUPPORTED', /dtype I32/);
  await expectError(() => load({ names: { z: 'a' } }), 'UNKNOWN_OPTION', /'z'/);
  await expectError(() => load({ layout: 'nchw' as 'pytorch' }), 'INVALID_ARGUMENT', /layout/);
  await expectError(() => io.loadSafetensors({} as LayersModel, pathOf('w')), 'INVALID_ARGUMENT', /no model/);
  expect(made.getWeights().map((each) => [...each.dataSync()])).toEqual(before);
});

test('refuses vectors of two flattened inputs, and vectors that become images, in the layout of PyTorch', async () => {
  const inputs = [input({ shape: [2, 2, 3] }), input({ shape: [2, 2, 3] })];
  const flat = inputs.map((x) => layers.flatten().apply(x));
  const y = layers.dense({ units: 1, name: 'y' }).apply(layers.concatenate().apply(flat));
  const made = model({ inputs, outputs: y });
  const save = (options?: io.SaveSafetensorsOptions) => io.saveSafetensors(made, pathOf('w'), options);
  await expectError(() => save({ layout: 'pytorch' }), 'UNSUPPORTED', /y\/kernel takes several flattened/);
  await save();
  const decoder = sequential([
    layers.dense({ units: 12, inputShape: [3], name: 'code' }),
    layers.reLU(),
    layers.reshape({ targetShape: [2, 2, 3] }),
  ]);
  const saveDecoder = () => io.saveSafetensors(decoder, pathOf('d'), { layout: 'pytorch' });
  await expectError(saveDecoder, 'UNSUPPORTED', /code\/kernel .*becomes an image/);
});

test('writes tensors of all types, with metadata, and reads them again from bytes', async () => {
  const tensors = {
    flags: tensor([true, false, true]),
    bytes: tensor([1, 255], [2], 'uint8'),
    numbers: tensor([1.5, -2, Number.NaN]),
    counts: tensor([[3], [-4]], [2, 1], 'int32'),
    none: tensor([], [0, 2]),
  };
  await io.writeSafetensors(pathOf('w'), new Map(Object.entries(tensors)), { metadata: { format: 'pt' } });
  const bytes = readFileSync(pathOf('w'));
  const length = Number(bytes.readBigUInt64LE());
  expect(length % 8).toBe(0);
  expect(JSON.parse(bytes.toString('utf8', 8, 8 + length))).toMatchObject({
    __metadata__: { format: 'pt' },
    flags: { dtype: 'BOOL' },
    bytes: { dtype: 'U8' },
  });
  const read = await io.readSafetensors(bytes);
  for (const [name, each] of Object.entries(tensors)) {
    expect(read.get(name)?.shape).toEqual(each.shape);
    expect([...(read.get(name)?.dataSync() ?? [])].map(Number)).toEqual([...each.dataSync()].map(Number));
  }
});

test('refuses what is no tensor, names and metadata that a file cannot hold, and too many names', async () => {
  const write = (tensors: object, options?: object) =>
    io.writeSafetensors(pathOf('w'), tensors as Record<string, number[]>, options);
  await expectError(() => write([1]), 'INVALID_ARGUMENT', /an object or a Map/);
  await expectError(() => write({ a: 'text' }), 'INVALID_ARGUMENT', /io.writeSafetensors: a/);
  await expectError(() => write({ __metadata__: [1] }), 'INVALID_ARGUMENT', /reserved/);
  await expectError(() => write({ a: [1] }, { metadata: { a: 1 } }), 'INVALID_ARGUMENT', /metadata/);
  await expectError(() => write({ ['a'.repeat(2 ** 20)]: [1] }), 'TOO_LARGE', /names/);
  expect(() => statSync(pathOf('w'))).toThrow();
});
