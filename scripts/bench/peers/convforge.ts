import { lenet } from '../../../lib/applications/index.js';
import type { LayersModel } from '../../../lib/models/index.js';
import { setSeed } from '../../../lib/random/index.js';
import { type Tensor, tensor1d, tensor4d } from '../../../lib/tensor/index.js';
import { VERSION } from '../../../lib/version.js';
import {
  BATCH,
  imageRates,
  latencies,
  printInference,
  printLatency,
  printTraining,
  readInputs,
} from './child.js';
import { benchKernels } from './convforge-kernels.js';

/** convforge's part of bench:peers: convforge.ts lenet|kernels FOLDER. CONVFORGE_THREADS sets the threads. */

function compiledLenet(): LayersModel {
  const model = lenet({ inputShape: [28, 28, 1], classes: 10 });
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

async function train(x: Tensor, y: Tensor): Promise<void> {
  const model = compiledLenet();
  let loss = 0;
  const epoch = async () => {
    const { history } = await model.fit(x, y, { batchSize: BATCH, epochs: 1, verbose: 0 });
    loss = history.loss[0] as number;
  };
  const values = await imageRates(x.shape[0], epoch, 2);
  printTraining(VERSION, { config: 'model.fit on bytes', values, loss });
  model.dispose();
}

async function infer(x: Tensor): Promise<void> {
  const model = compiledLenet();
  const all = async () => (await model.predict(x, { batchSize: BATCH })).dispose();
  const values = await imageRates(x.shape[0], all, 5);
  printInference(VERSION, { config: 'model.predict on bytes', values });
  const ones = Array.from({ length: 300 }, (_, i) => x.slice([i], [1]));
  const awaited = async (i: number) => (await model.predict(ones[i])).dispose();
  const blocking = (i: number) => {
    const y = model.predict(ones[i]);
    y.dataSync();
    y.dispose();
  };
  printLatency(VERSION, { config: 'await model.predict', values: await latencies(awaited) });
  printLatency(VERSION, { config: 'model.predict, dataSync', values: await latencies(blocking) });
  model.dispose();
}

async function benchLenet(folder: string): Promise<void> {
  setSeed(1);
  const { images, labels, count } = await readInputs(folder);
  const x = tensor4d(images, [count, 28, 28, 1], 'uint8');
  await train(x, tensor1d(Int32Array.from(labels), 'int32'));
  await infer(x);
}

if (process.argv[2] === 'lenet') benchLenet(process.argv[3]);
else benchKernels();
