import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadModel } from '../../lib/index.js';
import { MODEL, type ModelMessage } from '../../lib/onnx/messages.js';
import { writeMessage, type Written } from '../../lib/onnx/write-message.js';
import { expectError } from '../support/convforge-error.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const CASES = join(__dirname, 'cases');
const pathOf = temporaryFolder();

const FLOAT = 1;
const port = (name: string, dims: number[]) => ({
  name,
  type: { tensorType: { elemType: FLOAT, shape: { dim: dims.map((dimValue) => ({ dimValue })) } } },
});

type Graph = NonNullable<Written<ModelMessage>['graph']>;

/** A file with x [1, 4] and the output y. */
function file(graph: Partial<Graph>): Uint8Array {
  return writeMessage(MODEL, {
    irVersion: 8,
    opsetImport: [{ domain: '', version: 17 }],
    graph: { input: [port('x', [1, 4])], output: [port('y', [1, 4])], ...graph },
  });
}

test('a file that ends at any byte is refused', async () => {
  const bytes = readFileSync(join(CASES, 'two_ports.onnx'));
  for (let length = 1; length < bytes.length; length += 7) {
    const caught = await loadModel(bytes.subarray(0, length)).catch((error: unknown) => error);
    expect((caught as { code?: string }).code).toMatch(/^(CORRUPT_FILE|UNSUPPORTED)$/);
  }
}, 60_000);

test('cycles, missing and repeated values are refused', async () => {
  const relu = (from: string, to: string) => ({ opType: 'Relu', input: [from], output: [to] });
  const cycle = file({ node: [relu('b', 'a'), relu('a', 'b'), relu('b', 'y')] });
  await expectError(
    () => loadModel(cycle),
    'CORRUPT_FILE',
    /Relu 'a' uses 'b', which nothing before it gives/,
  );
  const twice = file({ node: [relu('x', 'y'), relu('x', 'y')] });
  await expectError(() => loadModel(twice), 'CORRUPT_FILE', /exists already/);
  await expectError(() => loadModel(file({})), 'CORRUPT_FILE', /nothing gives the output 'y'/);
});

test('sizes are checked before memory is taken', async () => {
  const node = [{ opType: 'Add', input: ['x', 'w'], output: ['y'] }];
  const weight = (dims: number[], bytes: number) =>
    file({ node, initializer: [{ name: 'w', dataType: FLOAT, dims, rawData: new Uint8Array(bytes) }] });
  await expectError(
    () => loadModel(weight([2 ** 20, 2 ** 20], 4)),
    'TOO_LARGE',
    /tensor 'w' of \[1048576, 1048576\]/,
  );
  await expectError(() => loadModel(weight([-1], 4)), 'CORRUPT_FILE', /shape \[-1\]/);
  await expectError(() => loadModel(weight([4], 15)), 'CORRUPT_FILE', /needs 16 bytes, but it has 15/);
});

test('all nodes that cannot be done are listed with their places', async () => {
  const node = ['LSTM', 'Relu', 'Loop'].map((opType, i) => ({
    opType,
    input: [i === 0 ? 'x' : `v${i - 1}`],
    output: [i === 2 ? 'y' : `v${i}`],
  }));
  await expectError(
    () => loadModel(file({ node })),
    'UNSUPPORTED',
    /2 nodes .*LSTM 'v0' \(node 0\).*Loop 'y' \(node 2\)/,
  );
});

test('external data cannot leave the folder, not by a link either', async () => {
  const folder = pathOf('models');
  mkdirSync(folder);
  writeFileSync(pathOf('secret.bin'), new Uint8Array(16));
  symlinkSync(pathOf('secret.bin'), join(folder, 'link.bin'));
  const load = (location: string) => {
    const external = { name: 'w', dataType: FLOAT, dims: [4], dataLocation: 1 };
    const externalData = [{ key: 'location', value: location }];
    const node = [{ opType: 'Add', input: ['x', 'w'], output: ['y'] }];
    writeFileSync(join(folder, 'm.onnx'), file({ node, initializer: [{ ...external, externalData }] }));
    return loadModel(join(folder, 'm.onnx'));
  };
  for (const location of ['../secret.bin', 'a/../../secret.bin', pathOf('secret.bin'), '..\\secret.bin'])
    await expectError(() => load(location), 'CORRUPT_FILE', /outside of the model's folder/);
  await expectError(() => load('link.bin'), 'CORRUPT_FILE', /link/);
  await expectError(() => load('none.bin'), 'IO_ERROR');
});

test('functions that use themselves, or come to too many nodes, are refused', async () => {
  const own = (name: string, node: object[]) => ({ domain: 'f', name, input: ['a'], output: ['b'], node });
  const use = (opType: string, input: string, output: string) => ({
    domain: 'f',
    opType,
    input: [input],
    output: [output],
  });
  const load = (functions: object[]) => () =>
    loadModel(
      writeMessage(MODEL, {
        irVersion: 8,
        opsetImport: [{ domain: '', version: 17 }],
        graph: { node: [use('F0', 'x', 'y')], input: [port('x', [1, 4])], output: [port('y', [1, 4])] },
        functions,
      }),
    );
  await expectError(load([own('F0', [use('F0', 'a', 'b')])]), 'CORRUPT_FILE', /function 'F0' uses itself/);
  const tenfold = Array.from({ length: 12 }, (_, level) =>
    own(
      `F${level}`,
      Array.from({ length: 10 }, (_, i) =>
        use(`F${level + 1}`, i === 0 ? 'a' : `v${i}`, i === 9 ? 'b' : `v${i + 1}`),
      ),
    ),
  );
  await expectError(load(tenfold), 'TOO_LARGE', /more than 100000 nodes/);
  // Doubling without end in nodes that give nothing.
  const empty = Array.from({ length: 31 }, (_, level) =>
    own(`F${level}`, level === 30 ? [] : [use(`F${level + 1}`, 'a', 'b'), use(`F${level + 1}`, 'a', 'b')]),
  );
  await expectError(load(empty), 'TOO_LARGE', /more than 100000 nodes/);
});

test('sparse tensors are checked before memory is taken', async () => {
  const load =
    (dims: number[], places: bigint[], placeDims: number[], count = 1) =>
    () =>
      loadModel(
        file({
          node: [{ opType: 'Add', input: ['x', 'w'], output: ['y'] }],
          sparseInitializer: [
            {
              values: { name: 'w', dataType: FLOAT, dims: [count], rawData: new Uint8Array(4 * count) },
              indices: {
                dataType: 7,
                dims: placeDims,
                rawData: new Uint8Array(BigInt64Array.from(places).buffer),
              },
              dims,
            },
          ],
        }),
      );
  await expectError(load([2 ** 20, 2 ** 20], [0n], [1]), 'TOO_LARGE', /'w' of \[1048576, 1048576\]/);
  await expectError(load([4], [4n], [1]), 'CORRUPT_FILE', /'w' has a value outside of its shape/);
  await expectError(load([2, 2], [0n, -1n], [1, 2]), 'CORRUPT_FILE', /outside of its shape/);
  await expectError(load([2, 2], [0n, 1n, 1n], [1, 3]), 'CORRUPT_FILE', /'w' has values of \[1\]/);
  await expectError(load([0], [], [0], 0), 'CORRUPT_FILE', /the shape \[0\]/);
});
