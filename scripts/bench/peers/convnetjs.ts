import { createRequire } from 'node:module';
import path from 'node:path';
import { convnetjsLayers } from '../../../lib/compare/convnetjs.js';
import { LENET } from '../../../lib/compare/network.js';
import {
  BATCH,
  imageRates,
  latencies,
  PIXELS,
  printInference,
  printLatency,
  printTraining,
  readInputs,
} from './child.js';

/** ConvNetJS's part of bench:peers: convnetjs.ts PEERS_FOLDER FOLDER. ConvNetJS takes one image at a time. */

async function main(peers: string, folder: string): Promise<void> {
  const require = createRequire(path.join(peers, 'package.json'));
  const { Net, Trainer, Vol } = require('convnetjs');
  const { version } = require('convnetjs/package.json');
  const { pixels, labels } = await readInputs(folder);
  const net = new Net();
  net.makeLayers(convnetjsLayers(LENET));
  const images = Array.from({ length: BATCH }, (_, i) => {
    const image = new Vol(28, 28, 1, 0);
    image.w.set(pixels.subarray(i * PIXELS, (i + 1) * PIXELS));
    return image;
  });
  const infer = () => {
    for (const image of images) net.forward(image);
  };
  printInference(version, { config: 'one image at a time', values: await imageRates(BATCH, infer, 1) });
  const one = (i: number) => net.forward(images[i]);
  const values = await latencies(one, { calls: 100, passes: 1 });
  printLatency(version, { config: 'one image at a time', values });
  const trainer = new Trainer(net, { method: 'sgd', learning_rate: 0.01, momentum: 0.9, batch_size: BATCH });
  let loss = 0;
  const train = () => {
    loss = 0;
    images.forEach((image, i) => {
      loss += trainer.train(image, labels[i]).cost_loss / BATCH;
    });
  };
  const rates = await imageRates(BATCH, train, 1);
  printTraining(version, { config: 'SGD with momentum: it has no Adam', values: rates, loss });
}

main(process.argv[2], process.argv[3]);
