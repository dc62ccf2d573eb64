import '@tensorflow/tfjs-backend-cpu';
import * as tfjs from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { io, tensor } from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';

tfjs.env().set('IS_TEST', true);

const VALUES = {
  'a/kernel': tensor([1.5, -2, 3e-8, 4], [2, 2]),
  steps: tensor([7], [], 'int32'),
  mask: tensor([true, false, true]),
};

describe('encodeWeights and decodeWeights', () => {
  it('give the same bytes and specs as TF.js', async () => {
    const theirs = await tfjs.io.encodeWeights({
      'a/kernel': tfjs.tensor2d([1.5, -2, 3e-8, 4], [2, 2]),
      steps: tfjs.scalar(7, 'int32'),
      mask: tfjs.tensor1d([true, false, true]),
    });
    expect(await io.encodeWeights(VALUES)).toEqual(theirs);
    const list = Object.entries(VALUES).map(([name, each]) => ({ name, tensor: each }));
    const grouped = theirs.specs.map((spec) => ({ ...spec, group: 'optimizer' }));
    expect((await io.encodeWeights(list, 'optimizer')).specs).toEqual(grouped);
  });

  it('are inverses', async () => {
    const { data, specs } = await io.encodeWeights(VALUES);
    const pieces = [data.slice(0, 5), data.slice(5), new ArrayBuffer(9)];
    const decoded = io.decodeWeights(pieces, specs);
    expect(Object.keys(decoded)).toEqual(Object.keys(VALUES));
    for (const [name, expected] of Object.entries(VALUES)) {
      expect(decoded[name].dtype).toBe(expected.dtype);
      expect(decoded[name].arraySync()).toEqual(expected.arraySync());
    }
  });

  it('decodes quantized weights', () => {
    const quantization = { dtype: 'uint8', scale: 0.5, min: -1 } as const;
    const decoded = io.decodeWeights(Uint8Array.of(0, 2, 255), [
      { name: 'w', shape: [3], dtype: 'float32', quantization },
    ]);
    expect([...decoded.w.dataSync()]).toEqual([-1, 0, 126.5]);
  });

  it("refuse values that the format can't hold", async () => {
    await expectError(() => io.encodeWeights({ w: 1 as never }), 'INVALID_ARGUMENT', /'w' is 1/);
    const bytes = tensor(Uint8Array.of(1));
    await expectError(() => io.encodeWeights({ w: bytes }), 'UNSUPPORTED', /'w' is uint8/);
    const spec = { name: 'w', shape: [3], dtype: 'float32' } as const;
    const decode = (data: ArrayBuffer, change: object) => () =>
      io.decodeWeights(data, [{ ...spec, shape: [3], ...change }]);
    await expectError(
      decode(new ArrayBuffer(11), {}),
      'CORRUPT_FILE',
      /need 12 bytes, but weightData has 11/,
    );
    await expectError(decode(new ArrayBuffer(12), { dtype: 'string' }), 'UNSUPPORTED', /'string'/);
    await expectError(decode(1 as never, {}), 'INVALID_ARGUMENT', /holds no bytes/);
  });
});

it('concatenateArrayBuffers and CompositeArrayBuffer join pieces as TF.js does', async () => {
  const bytes = Uint8Array.from({ length: 10 }, (_, i) => i);
  const pieces = [bytes.slice(0, 3).buffer, new ArrayBuffer(0), bytes.slice(3).buffer];
  expect(io.concatenateArrayBuffers(pieces)).toEqual(bytes.buffer);
  expect(io.CompositeArrayBuffer.join(pieces)).toEqual(bytes.buffer);
  expect(io.CompositeArrayBuffer.join()).toEqual(new ArrayBuffer(0));
  const [ours, theirs] = [new io.CompositeArrayBuffer(pieces), new tfjs.io.CompositeArrayBuffer(pieces)];
  expect(ours.byteLength).toBe(10);
  for (const [start, end] of [
    [0, 10],
    [2, 5],
    [3, 3],
    [4, 99],
    [-2, 4],
    [8, 2],
  ]) {
    expect(ours.slice(start, end), `${start} to ${end}`).toEqual(theirs.slice(start, end));
  }
  await expectError(() => io.concatenateArrayBuffers('x' as never), 'INVALID_ARGUMENT', /holds no bytes/);
});

describe('a model.json becomes artifacts, as in TF.js', () => {
  const spec = { name: 'w', shape: [1], dtype: 'float32' } as const;
  const json = {
    modelTopology: { class_name: 'Sequential' },
    format: 'layers-model',
    generatedBy: 'me',
    convertedBy: null,
    userDefinedMetadata: { a: 1 },
    weightsManifest: [{ paths: ['a.bin'], weights: [{ ...spec, shape: [1] }] }],
  };

  it('with a function that loads the weights', async () => {
    const paths: string[] = [];
    const fetchAll = async (manifest: readonly { paths: string[]; weights: io.WeightsManifestEntry[] }[]) => {
      paths.push(...manifest.flatMap((group) => group.paths));
      return [io.getWeightSpecs(manifest), new ArrayBuffer(4)] as const;
    };
    const ours = await io.getModelArtifactsForJSON(json, fetchAll);
    const theirs = await tfjs.io.getModelArtifactsForJSON(json as never, fetchAll as never);
    expect(ours).toEqual(theirs);
    expect(paths).toEqual(['a.bin', 'a.bin']);
  });

  it('with the loaded weights', async () => {
    const weights: [io.WeightsManifestEntry[], ArrayBuffer] = [[{ ...spec, shape: [1] }], new ArrayBuffer(4)];
    const theirs = tfjs.io.getModelArtifactsForJSONSync(json as never, weights[0], weights[1]);
    expect(io.getModelArtifactsForJSONSync(json, weights[0], weights[1])).toEqual(theirs);
    await expectError(
      () => io.getModelArtifactsForJSONSync(json),
      'INVALID_ARGUMENT',
      /weightSpecs and weightData/,
    );
    await expectError(() => io.getModelArtifactsForJSONSync(null as never), 'INVALID_ARGUMENT', /null/);
    await expectError(() => io.getWeightSpecs([1] as never), 'INVALID_ARGUMENT', /not a weightsManifest/);
    await expectError(() => io.getModelArtifactsInfoForJSON(null as never), 'INVALID_ARGUMENT', /null/);
  });
});
