import { createRequire } from 'node:module';
import path from 'node:path';
import {
  BATCH,
  imageRates,
  type Inputs,
  latencies,
  PIXELS,
  printInference,
  printLatency,
  printTraining,
  readInputs,
} from './child.js';

/** TF.js's part of bench:peers: tfjs.ts PEERS_FOLDER FOLDER 1 cpu|wasm. */

interface TfTensor {
  dataSync(): Float32Array;
}

interface TfModel {
  compile(options: object): void;
  predict(x: TfTensor): TfTensor;
  trainOnBatch(x: TfTensor, y: TfTensor): Promise<number>;
}

/**
 * The used part of TF.js. Its own types aren't available, since the project doesn't depend on its packages.
 */
interface Tf {
  version: { tfjs: string };
  layers: Record<string, (options?: object) => unknown>;
  setBackend(name: string): Promise<boolean>;
  env(): { getAsync(flag: string): Promise<boolean> };
  sequential(options: { layers: unknown[] }): TfModel;
  tensor4d(values: Float32Array, shape: number[]): TfTensor;
  oneHot(classes: number[], depth: number): TfTensor;
  tidy<T>(run: () => T): T;
}

/** Few enough that the cpu backend, in plain JavaScript, takes seconds. */
const TRAINED = 8;

async function startBackend(tf: Tf, require: NodeJS.Require, name: string): Promise<string> {
  if (name === 'wasm') {
    const wasm = require('@tensorflow/tfjs-backend-wasm');
    wasm.setWasmPaths(`${path.dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
  }
  await tf.setBackend(name);
  const isSimd = name === 'wasm' && (await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT'));
  return `${name} backend${isSimd ? ', SIMD' : ''}`;
}

function lenet(tf: Tf): TfModel {
  const { layers } = tf;
  const model = tf.sequential({
    layers: [
      layers.conv2d({ filters: 32, kernelSize: 5, activation: 'relu', inputShape: [28, 28, 1] }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.conv2d({ filters: 64, kernelSize: 5, activation: 'relu' }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.flatten(),
      layers.dense({ units: 1000, activation: 'relu' }),
      layers.dense({ units: 10, activation: 'softmax' }),
    ],
  });
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
  return model;
}

async function train(tf: Tf, config: string, { pixels, labels }: Inputs): Promise<void> {
  const model = lenet(tf);
  const x = tf.tensor4d(pixels.subarray(0, TRAINED * PIXELS), [TRAINED, 28, 28, 1]);
  const y = tf.oneHot(Array.from(labels.subarray(0, TRAINED)), 10);
  const started = performance.now();
  const loss = await model.trainOnBatch(x, y);
  const values = [(1000 * TRAINED) / (performance.now() - started)];
  printTraining(tf.version.tfjs, { config: `${config}, one batch of only ${TRAINED}, once`, values, loss });
}

async function infer(tf: Tf, config: string, { pixels, count }: Inputs, isSlow: boolean): Promise<void> {
  const model = lenet(tf);
  const images = (first: number, n: number) =>
    tf.tensor4d(pixels.subarray(first * PIXELS, (first + n) * PIXELS), [n, 28, 28, 1]);
  const run = (x: TfTensor) => tf.tidy(() => model.predict(x).dataSync());
  const batches = Array.from({ length: isSlow ? 1 : count / BATCH }, (_, i) => images(i * BATCH, BATCH));
  const all = () => {
    for (const x of batches) run(x);
  };
  const values = await imageRates(batches.length * BATCH, all, isSlow ? 1 : 3);
  printInference(tf.version.tfjs, { config, values });
  const ones = Array.from({ length: 100 }, (_, i) => images(i, 1));
  const calls = { calls: ones.length, passes: isSlow ? 1 : 5 };
  printLatency(tf.version.tfjs, { config, values: await latencies((i) => run(ones[i]), calls) });
}

async function main(peers: string, folder: string, name: string): Promise<void> {
  const require = createRequire(path.join(peers, 'package.json'));
  const tf: Tf = require('@tensorflow/tfjs');
  const inputs = await readInputs(folder);
  const config = await startBackend(tf, require, name);
  if (name === 'cpu') await train(tf, config, inputs);
  await infer(tf, config, inputs, name === 'cpu');
}

main(process.argv[2], process.argv[3], process.argv[5]);
