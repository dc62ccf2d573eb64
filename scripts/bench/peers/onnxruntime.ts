import { createRequire } from 'node:module';
import path from 'node:path';
import { type OnnxRuntime, openOnnx } from '../../../lib/compare/onnxruntime.js';
import { BATCH, imageRates, latencies, PIXELS, printInference, printLatency, readInputs } from './child.js';

/**
 * onnxruntime-node's part of bench:peers: onnxruntime.ts PEERS_FOLDER FOLDER THREADS. The model is
 * FOLDER/lenet.onnx.
 */

async function main(peers: string, folder: string, threads: number): Promise<void> {
  const require = createRequire(path.join(peers, 'package.json'));
  const library: OnnxRuntime = require('onnxruntime-node');
  const { version } = require('onnxruntime-node/package.json');
  const session = await openOnnx(library, path.join(folder, 'lenet.onnx'), threads);
  const { pixels, count } = await readInputs(folder);
  const images = (first: number, n: number) =>
    new library.Tensor('float32', pixels.subarray(first * PIXELS, (first + n) * PIXELS), [n, 1, 28, 28]);
  const batches = Array.from({ length: count / BATCH }, (_, i) => images(i * BATCH, BATCH));
  const all = async () => {
    for (const x of batches) await session.run({ x });
  };
  const config = 'CPU provider, all graph optimizations, session.run';
  printInference(version, { config, values: await imageRates(count, all, 5) });
  const ones = Array.from({ length: 300 }, (_, i) => images(i, 1));
  printLatency(version, { config, values: await latencies((i) => session.run({ x: ones[i] })) });
}

main(process.argv[2], process.argv[3], Number(process.argv[4]));
