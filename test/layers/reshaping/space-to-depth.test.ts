import '@tensorflow/tfjs-backend-cpu';
import * as tfjs from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { input, layers, loadLayersModel, model, sequential, tensor, train } from '../../../lib/index.js';
import { expectError } from '../../support/convforge-error.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

/** 0, 1, 2 ... of this shape. */
function counting(...shape: number[]) {
  const size = shape.reduce((product, each) => product * each, 1);
  return { values: Float32Array.from({ length: size }, (_, i) => i), shape };
}

describe.each([2, 3])('blocks of size %i', (blockSize) => {
  const { values, shape } = counting(2, 2, 3, 2 * blockSize * blockSize);
  const spread = tfjs.depthToSpace(
    tfjs.tensor4d(values, shape as [number, number, number, number]),
    blockSize,
  );
  const [, ...enlarged] = spread.shape;

  it("depthToSpace equals TF.js's", async () => {
    const net = sequential({ layers: [layers.depthToSpace({ blockSize, inputShape: shape.slice(1) })] });
    const output = await net.predict(tensor(values, shape));
    expect(output.shape).toEqual(spread.shape);
    expect(await output.data()).toEqual(await spread.data());
  });

  it('spaceToDepth is the inverse', async () => {
    const net = sequential({ layers: [layers.spaceToDepth({ blockSize, inputShape: enlarged })] });
    const output = await net.predict(tensor((await spread.data()) as Float32Array, spread.shape));
    expect(output.shape).toEqual(shape);
    expect(await output.data()).toEqual(values);
  });
});

it('unknown sizes stay unknown', () => {
  const image = input({ shape: [null, null, 8] });
  expect(image.pipe(layers.depthToSpace({ blockSize: 2 })).shape).toEqual([null, null, null, 2]);
  expect(image.pipe(layers.spaceToDepth({ blockSize: 2 })).shape).toEqual([null, null, null, 32]);
});

const folder = temporaryFolder();

it('trains through both, and is saved and loaded', async () => {
  const image = input({ shape: [4, 4, 3] });
  const features = image.pipe(
    layers.spaceToDepth({ blockSize: 2 }),
    layers.conv2d({ filters: 12, kernelSize: 1 }),
    layers.depthToSpace({ blockSize: 2 }),
  );
  const net = model({ inputs: image, outputs: features });
  net.compile({ optimizer: train.adam(0.05), loss: 'meanSquaredError' });
  const { values, shape } = counting(3, 4, 4, 3);
  const x = tensor(values, shape).div(144);
  const { history } = await net.fit(x, x, { epochs: 30, verbose: 0 });
  expect(history.loss.at(-1)).toBeLessThan(history.loss[0] / 2);
  await net.save(folder('model'));
  const again = await loadLayersModel(folder('model'));
  expect(await (await again.predict(x)).data()).toEqual(await (await net.predict(x)).data());
});

describe('refuses', () => {
  it("images whose sizes aren't multiples of the block", async () => {
    await expectError(
      () =>
        input({ shape: [4, 5, 3] as number[] }).pipe(layers.spaceToDepth({ blockSize: 2, name: 'blocks' })),
      'SHAPE_MISMATCH',
      /^blocks: the input is \[4, 5, 3\]; for blocks of size 2 its height and width must be multiples of 2/,
    );
  });

  it("channels that aren't a multiple of the block's cells", async () => {
    await expectError(
      () =>
        input({ shape: [4, 5, 6] as number[] }).pipe(layers.depthToSpace({ blockSize: 2, name: 'pixels' })),
      'SHAPE_MISMATCH',
      /^pixels: .* its channels must be a multiple of 4/,
    );
  });

  it('a block size that is not a whole number', async () => {
    await expectError(() => layers.spaceToDepth({ blockSize: 1.5 }), 'INVALID_ARGUMENT', /blockSize is 1\.5/);
  });
});
