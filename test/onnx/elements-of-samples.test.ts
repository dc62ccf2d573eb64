import { expect, test } from 'vitest';
import { loadModel, tensor } from '../../lib/index.js';
import { MODEL } from '../../lib/onnx/messages.js';
import { writeMessage } from '../../lib/onnx/write-message.js';
import { expectError } from '../support/convforge-error.js';

const FLOAT = 1;
const INT64 = 7;

const integers = (name: string, dims: number[], values: number[]) => ({
  name,
  dataType: INT64,
  dims,
  rawData: new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
});

/**
 * y picks `picked` of the elements of all samples, one after another, shifted by `stride` from sample to sample,
 * as torch.export writes as_strided.
 */
function file(picked: number[], stride: number): Uint8Array {
  const port = (name: string, sizes: number[]) => {
    const dim = [{ dimParam: 'n' }, ...sizes.map((dimValue) => ({ dimValue }))];
    return { name, type: { tensorType: { elemType: FLOAT, shape: { dim } } } };
  };
  const node = (opType: string, input: string[], output: string) => ({ opType, input, output: [output] });
  return writeMessage(MODEL, {
    irVersion: 8,
    opsetImport: [{ domain: '', version: 17 }],
    graph: {
      input: [port('x', [2, 2])],
      output: [port('y', [picked.length])],
      initializer: [
        integers('zero', [], [0]),
        integers('one', [], [1]),
        integers('axis', [1], [1]),
        integers('all', [1], [-1]),
        integers('stride', [], [stride]),
        integers('picked', [1, picked.length], picked),
      ],
      node: [
        node('Shape', ['x'], 'shape'),
        node('Gather', ['shape', 'zero'], 'n'),
        node('Range', ['zero', 'n', 'one'], 'samples'),
        node('Mul', ['samples', 'stride'], 'firsts'),
        node('Unsqueeze', ['firsts', 'axis'], 'column'),
        node('Add', ['column', 'picked'], 'indices'),
        node('Reshape', ['x', 'all'], 'flat'),
        node('Gather', ['flat', 'indices'], 'y'),
      ],
    },
  });
}

const x = tensor([
  [
    [1, 2],
    [3, 4],
  ],
  [
    [5, 6],
    [7, 8],
  ],
]);

test.each([
  [
    [0, 1, 2, 3],
    [
      [1, 2, 3, 4],
      [5, 6, 7, 8],
    ],
  ],
  [
    [3, 0],
    [
      [4, 1],
      [8, 5],
    ],
  ],
])('a Gather from the elements of all samples picks %j of each', async (picked, right) => {
  const model = await loadModel(file(picked, 4));
  expect((model.predict(x) as { arraySync(): unknown }).arraySync()).toEqual(right);
});

test('one that picks of other samples is refused', async () => {
  await expectError(() => loadModel(file([0, 1], 3)), 'UNSUPPORTED', /picks from several samples/);
  await expectError(() => loadModel(file([4], 4)), 'UNSUPPORTED', /picks from several samples/);
});
