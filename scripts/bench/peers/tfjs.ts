import { createRequire } from 'node:module';
import path from 'node:path';
import { LENET } from '../../../lib/compare/network.js';
import { loadTfjs, type Tf, type TfModel, type TfTensor, tfjsLayers } from '../../../lib/compare/tfjs.js';
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

/** Few enough that the cpu backend, in plain JavaScript, takes seconds. */
const TRAINED = 8;

function lenet(tf: Tf): TfModel {
  const model = tf.sequential({ layers: tfjsLayers(tf, LENET) });
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
  return model;
}

async function train(tf: Tf, config: string, { pixels, labels }: Inputs): Promise<void> {
  const model = lenet(tf);
  const x = tf.tensor(pixels.subarray(0, TRAINED * PIXELS), [TRAINED, 28, 28, 1]);
  const y = tf.oneHot(Array.from(labels.subarray(0, TRAINED)), 10);
  const started = performance.now();
  const loss = await model.trainOnBatch(x, y);
  const values = [(1000 * TRAINED) / (performance.now() - started)];
  printTraining(tf.version.tfjs, { config: `${config}, one batch of only ${TRAINED}, once`, values, loss });
}

async function infer(tf: Tf, config: string, { pixels, count }: Inputs, isSlow: boolean): Promise<void> {
  const model = lenet(tf);
  const images = (first: number, n: number) =>
    tf.tensor(pixels.subarray(first * PIXELS, (first + n) * PIXELS), [n, 28, 28, 1]);
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
  const inputs = await readInputs(folder);
  const { tf, config } = await loadTfjs(require, name);
  if (name === 'cpu') await train(tf, config, inputs);
  await infer(tf, config, inputs, name === 'cpu');
}

main(process.argv[2], process.argv[3], process.argv[5]);
