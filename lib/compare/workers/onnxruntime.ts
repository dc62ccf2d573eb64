import { createRequire } from 'node:module';
import path from 'node:path';
import type { Inputs } from '../inputs.js';
import { imagesChannelsFirst, imagesShape, sizeOf } from '../network.js';
import { type OnnxRuntime, openOnnx } from '../onnxruntime.js';
import { batchesOf, type BuiltNetwork, serve } from './worker.js';

/** onnxruntime-node's worker: onnxruntime.js FILE THREADS. Its package is the one that FILE would find. */

async function build(library: OnnxRuntime, threads: number, inputs: Inputs): Promise<BuiltNetwork> {
  const { network, folder } = inputs;
  const session = await openOnnx(library, path.join(folder, 'model.onnx'), threads);
  const samples = imagesChannelsFirst(inputs.samples, network.input);
  const size = sizeOf(network.input);
  const x = (first: number, count: number) =>
    new library.Tensor('float32', samples.subarray(first * size, (first + count) * size), [
      count,
      ...imagesShape(network.input),
    ]);
  return {
    outputs: async (count) => (await session.run({ x: x(0, count) }))[session.outputNames[0]].data,
    losses: async () => {
      throw new Error('it only infers');
    },
    prepare: (_, count, batch) => {
      const batches = batchesOf(count, batch).map(([first, n]) => x(first, n));
      return async () => {
        for (const each of batches) await session.run({ x: each });
      };
    },
    dispose: () => {},
  };
}

serve(() => {
  const require = createRequire(process.argv[2]);
  const library = require('onnxruntime-node') as OnnxRuntime;
  const { version } = require('onnxruntime-node/package.json') as { version: string };
  const config = 'CPU provider, all graph optimizations';
  return { version, config, build: (inputs) => build(library, Number(process.argv[3]), inputs) };
});
