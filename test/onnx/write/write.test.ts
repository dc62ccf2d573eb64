import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { applications, input, io, layers, type LayersModel, model, sequential } from '../../../lib/index.js';
import type { ModelMessage } from '../../../lib/onnx/messages.js';
import { readModelMessage } from '../../../lib/onnx/read-message.js';
import { SlicedWork } from '../../../lib/program/sliced-work.js';
import { VERSION } from '../../../lib/version.js';
import { expectError } from '../../support/convforge-error.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const pathOf = temporaryFolder();

async function written(made: LayersModel, options?: io.OnnxOptions): Promise<ModelMessage> {
  const bytes = await io.onnx(made, options);
  return new SlicedWork(readModelMessage('m.onnx', bytes)).promise;
}

const opsOf = ({ graph }: ModelMessage) => graph?.node.map(({ opType }) => opType);

/** Sizes of the inputs and outputs, by their names. */
function ports({ graph }: ModelMessage): Record<string, (number | string | undefined)[]> {
  const all = [...(graph?.input ?? []), ...(graph?.output ?? [])];
  return Object.fromEntries(
    all.map(({ name = '', type }) => [
      name,
      type?.tensorType?.shape?.dim.map(({ dimValue, dimParam }) => dimValue ?? dimParam) ?? [],
    ]),
  );
}

const small = () =>
  sequential({ name: 'small', layers: [layers.dense({ units: 2, inputShape: [3], name: 'y' })] });

test('says who wrote it, for which opset, and how the model is called', async () => {
  const { irVersion, producerName, producerVersion, opsetImport, graph } = await written(small());
  expect({ irVersion, producerName, producerVersion, opsetImport }).toEqual({
    irVersion: 8,
    producerName: 'convforge',
    producerVersion: VERSION,
    opsetImport: [{ domain: '', version: 17 }],
  });
  expect(graph?.name).toBe('small');
  expect(graph?.initializer.map(({ name, dims }) => [name, dims])).toEqual([
    ['y/kernel', [3, 2]],
    ['y/bias', [2]],
  ]);
});

test('inputs and outputs have the names and shapes of the model, and open sizes have names', async () => {
  const image = input({ shape: [null, 4, 3], name: 'image' });
  const map = layers.conv2d({ filters: 2, kernelSize: 1, name: 'map' }).apply(image);
  const made = model({
    inputs: image,
    outputs: [map, layers.globalAveragePooling2d({ name: 'y' }).apply(map)],
  });
  expect(ports(await written(made))).toEqual({
    image: ['N', 'image_1', 4, 3],
    map: ['N', 'map_1', 4, 2],
    y: ['N', 2],
  });
  const first = await written(made, { layout: 'channelsFirst' });
  expect(ports(first)).toEqual({ image: ['N', 3, 'image_1', 4], map: ['N', 2, 'map_1', 4], y: ['N', 2] });
  expect(opsOf(first)).toEqual(['Conv', 'GlobalAveragePool', 'Reshape']);
});

test('a ResNet has one Transpose, at its input', async () => {
  const resnet = applications.resnet18({ inputShape: [16, 16, 3], classes: 4, width: 4 });
  const ops = opsOf(await written(resnet)) ?? [];
  expect(ops.filter((op) => op === 'Transpose')).toHaveLength(1);
  expect(ops.filter((op) => op === 'BatchNormalization')).toHaveLength(20);
  expect(opsOf(await written(resnet, { layout: 'channelsFirst' }))).not.toContain('Transpose');
});

test('save writes the same file, in the place of an older one', async () => {
  const made = small();
  writeFileSync(pathOf('m.onnx'), 'old');
  const { modelArtifactsInfo } = await made.save(`file://${pathOf('m.onnx')}`);
  const bytes = readFileSync(pathOf('m.onnx'));
  expect(Buffer.from(await io.onnx(made)).equals(bytes)).toBe(true);
  expect(modelArtifactsInfo.weightDataBytes).toBe(bytes.length);
  expect(readdirSync(pathOf(''))).toEqual(['m.onnx']);
});

test('save refuses what a file of ONNX cannot hold, and a folder of its name', async () => {
  const made = small();
  await expectError(
    () => made.save(pathOf('m.onnx'), { includeOptimizer: true }),
    'UNSUPPORTED',
    /no optimizers/,
  );
  mkdirSync(pathOf('m.onnx'));
  await expectError(() => made.save(pathOf('m.onnx')), 'IO_ERROR', /no regular file/);
  await expectError(() => made.save(pathOf('n.onnx'), { signal: AbortSignal.abort() }), 'ABORTED');
  expect(readdirSync(pathOf(''))).toEqual(['m.onnx']);
});

test('refuses what is no model, unknown options, draws in prediction, and what depends on open sizes', async () => {
  await expectError(() => io.onnx({} as LayersModel), 'INVALID_ARGUMENT', /no model/);
  await expectError(() => io.onnx(small(), { opset: 9 } as io.OnnxOptions), 'UNKNOWN_OPTION', /opset/);
  await expectError(
    () => io.onnx(small(), { layout: 'nchw' as 'channelsFirst' }),
    'INVALID_ARGUMENT',
    /channelsFirst/,
  );
  const x = input({ shape: [3] });
  const drawing = layers.dropout({ rate: 0.5, name: 'drop' }).apply(x, { training: true });
  await expectError(() => io.onnx(model({ inputs: x, outputs: drawing })), 'UNSUPPORTED', /drop: it draws/);
  const image = input({ shape: [null, null, 3] });
  const crop = layers.centerCrop({ height: 2, width: 2, name: 'crop' }).apply(image);
  await expectError(() => io.onnx(model({ inputs: image, outputs: crop })), 'UNSUPPORTED', /crop: .*open/);
});

test('writes the weights between two steps of a model that trains', async () => {
  const made = small();
  made.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  const fit = made.fit([[1, 2, 3]], [[1, 2]], { epochs: 20, verbose: 0 });
  expect((await written(made)).graph?.initializer).toHaveLength(2);
  await fit;
});
