import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeOnnx } from '../../lib/onnx/describe.js';

const describeCase = (name: string) =>
  describeOnnx(name, readFileSync(join(__dirname, 'cases', `${name}.onnx`)));

test('tells the writer, ports and operators of a file', async () => {
  const found = await describeCase('bn_residual');
  expect(found.writer).toBe('pytorch 2.15.0');
  expect({ ir: found.irVersion, opsets: found.opsets }).toEqual({ ir: 8, opsets: { 'ai.onnx': 17 } });
  expect(found.inputs).toEqual([{ name: 'x', type: 'float', shape: ['batch', 3, 'height', 'width'] }]);
  expect(found.outputs).toEqual([{ name: 'y', type: 'float', shape: ['batch', 4] }]);
  expect(Object.fromEntries(found.operators)).toMatchObject({
    Conv: 3,
    BatchNormalization: 3,
    Add: 1,
    Gemm: 1,
  });
  expect(found.parameters).toBe(1452 + 48);
  expect(found.undone).toEqual([]);
});

test('tells which nodes cannot be done, and external data as what it needs', async () => {
  expect((await describeCase('refuse_lstm')).undone).toEqual([
    { node: "LSTM 'y'", index: 0, why: expect.stringContaining('operator') as string },
  ]);
  expect((await describeCase('mobile_dynamo')).parameters).toBeGreaterThan(905);
});
