import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { describeFile } from '../../lib/cli/inspect/describe-file.js';
import { expectError } from '../support/convforge-error.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { runCli } from './run-cli.js';

const CASES = resolve(__dirname, '../io/keras/cases');
const pathOf = temporaryFolder();

it('tells of a graph model', async () => {
  const { out, err, code } = await runCli(['inspect', join(CASES, 'graph_mobile_graph')]);
  expect([err, code]).toEqual(['', 0]);
  expect(out.split('\n')).toEqual([
    'kind        a graph model of TensorFlow.js',
    'writer      TensorFlow 2.21.0, TensorFlow.js Converter v4.22.0',
    'inputs      image [null, 12, 12, 3] float',
    'outputs     classes [null, 3] float',
    '            features [null, 6] float',
    'parameters  207',
    'operations  12: _FusedConv2D 2, Identity 2, Pad 1, DepthwiseConv2dNative 1, Mul 1, AddV2 1, Relu6 1, Mean 1, _FusedMatMul 1, Softmax 1',
    'open it by  loadGraphModel(path) or loadModel(path)',
    '',
  ]);
});

it('tells as JSON what is not here', async () => {
  const node = [
    { name: 'x', op: 'Placeholder' },
    { name: 'a/b', op: 'LSTMBlockCell', input: ['x'] },
  ];
  const json = { format: 'graph-model', modelTopology: { node }, weightsManifest: [] };
  writeFileSync(pathOf('model.json'), JSON.stringify(json));
  const { out } = await runCli(['inspect', pathOf('model.json'), '--json']);
  expect(JSON.parse(out)).toEqual({
    file: pathOf('model.json'),
    kind: 'a graph model of TensorFlow.js',
    writer: 'unknown',
    inputs: [{ name: 'x', type: 'float', shape: null }],
    outputs: [{ name: 'a/b', type: 'float', shape: null }],
    parameters: 0,
    parts: 'operations',
    counts: { LSTMBlockCell: 1 },
    undone: [{ what: 'LSTMBlockCell', place: 'a/b', why: 'there is no layer for it' }],
    open: 'loadGraphModel(path) or loadModel(path)',
    loads: false,
  });
});

it('tells of layers by their config, also of those that are not here', async () => {
  const residual = await describeFile(join(CASES, 'residual_sgd.keras'));
  expect(residual).toMatchObject({
    kind: "a model in Keras's .keras format",
    writer: 'Keras 3.15.1',
    inputs: [{ name: 'input_layer', shape: [null, 10, 10, 3] }],
    outputs: [{ name: 'dense', shape: [null, 3] }],
    parameters: 515,
    counts: { Conv2D: 4, BatchNormalization: 2, Add: 2, ReLU: 2 },
    undone: [],
  });
  expect(await describeFile(join(CASES, 'tutorial_adam.h5'))).toMatchObject({ parameters: 403, undone: [] });
  expect(await describeFile(join(CASES, 'refused/lstm.keras'))).toMatchObject({
    parameters: null,
    counts: { InputLayer: 1, LSTM: 1 },
    undone: [{ what: 'LSTM', place: 'memory', why: 'there is no layer of this class' }],
  });
  const unsafe = await describeFile(join(CASES, 'refused/unsafe_lambda.keras'));
  expect(unsafe.undone).toHaveLength(1);
  expect(unsafe.undone[0].why).toMatch(/__lambda__/);
});

it('tells of tensors without layers', async () => {
  const header = JSON.stringify({ w: { dtype: 'F16', shape: [3, 2], data_offsets: [0, 12] } });
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  writeFileSync(pathOf('w.safetensors'), Buffer.concat([length, Buffer.from(header), Buffer.alloc(12)]));
  expect(await describeFile(pathOf('w.safetensors'))).toMatchObject({
    parameters: 6,
    parts: 'tensors',
    counts: { F16: 1 },
  });
});

it('refuses what is no model, and writes no control characters', async () => {
  writeFileSync(pathOf('page.html'), '<!doctype html><title>404</title>');
  await expectError(() => describeFile(pathOf('page.html')), 'UNSUPPORTED', /a web page/);
  await expectError(() => describeFile(pathOf('missing')), 'IO_ERROR');
  const node = [{ name: '\u001b[2J', op: 'Bell\u0007' }];
  writeFileSync(pathOf('model.json'), JSON.stringify({ modelTopology: { node }, weightsManifest: [] }));
  const { out } = await runCli(['inspect', pathOf('model.json')]);
  expect(out).toContain('Bell? at ?[2J: there is no layer for it');
});

it.each(['w.safetensors', 'w.weights.h5'])('converts to %s, which has the weights alone', async (name) => {
  const { out } = await runCli(['convert', join(CASES, 'tutorial_adam.h5'), pathOf(name)]);
  expect(out).toBe(`wrote ${pathOf(name)}\n`);
  expect(await describeFile(pathOf(name))).toMatchObject({ parts: 'tensors', parameters: 403, undone: [] });
});

it.each(['m.keras', 'm.onnx', 'folder'])('converts a graph model to %s', async (name) => {
  const given = join(CASES, 'graph_mobile_graph');
  const { out, err } = await runCli(['convert', given, pathOf(name)]);
  expect([out, err]).toEqual([`wrote ${pathOf(name)}\n`, '']);
  const described = await describeFile(pathOf(name));
  expect(described.outputs?.map(({ name: port }) => port)).toEqual(['classes', 'features']);
  expect(described.undone).toEqual([]);
});

it('converts to what --to says', async () => {
  const given = join(CASES, 'tutorial_adam.h5');
  expect((await runCli(['convert', given, pathOf('w'), '--to', 'weights.h5'])).out).toBe(
    `wrote ${pathOf('w.weights.h5')}\n`,
  );
  expect((await describeFile(pathOf('w.weights.h5'))).parameters).toBe(403);
  const { code, err } = await runCli(['convert', given, pathOf('w'), '--to', 'pickle']);
  expect([code, err]).toEqual([
    2,
    expect.stringContaining(
      "--to must be one of model.json, keras, onnx, safetensors, weights.h5, h5, not 'pickle'",
    ),
  ]);
});

it('tells machines what was written', async () => {
  const given = join(CASES, 'tutorial_adam.h5');
  const { out, err } = await runCli(['convert', given, pathOf('w'), '--to', 'onnx', '--json']);
  expect([JSON.parse(out), err]).toEqual([{ from: given, kind: 'onnx', path: pathOf('w.onnx') }, '']);
});

it('summary and explain take graph models and files of Keras', async () => {
  const graph = await runCli(['summary', join(CASES, 'graph_mobile_graph')]);
  expect(graph.out).toMatch(/features \(GlobalAveragePooling2D\)/);
  const keras = await runCli(['summary', join(CASES, 'tutorial_adam.keras'), '--json']);
  expect(JSON.parse(keras.out)).toMatchObject({ parameters: 403 });
  const explained = await runCli(['explain', join(CASES, 'graph_mobile_graph'), '--mode', 'predict']);
  expect([explained.code, explained.err]).toEqual([0, '']);
  expect(explained.out).toContain('re_lu_1/Relu6');
});
