import { setSeed } from '../../lib/random/index.js';
import type { LayersModel } from '../../lib/models/index.js';
import type { Program } from '../../lib/program/engine.js';
import { type PendingTensor, type Tensor, tensor } from '../../lib/tensor/index.js';
import { buildNetwork, type Network } from './networks/network.js';
import { networkSamples } from './networks/samples.js';

/** A network with images to train on and to classify. */
export interface Subject {
  batch: number;
  /** The number of images of an epoch. */
  count: number;
  program(): Program;
  /** Trains. Calls `onEpoch` at the beginning and after each epoch. */
  train(epochs: number, onEpoch: () => void): Promise<void>;
  /** Classifies all images, a batch at a time. */
  predictAll(): Promise<unknown>;
  /** Classifies one image, awaited. */
  predictOne(image: number): Promise<unknown>;
  /** Classifies one image, blocking the thread. */
  predictNow(image: number): unknown;
  dispose(): void;
}

/**
 * Uses the public API: float32 images, no validation, progress on. An epoch is `size` times the network's. `make` gives
 * its model, compiled.
 */
export async function openSubject(
  network: Network,
  size: number,
  make: (network: Network) => LayersModel | Promise<LayersModel> = (of) => buildNetwork(of).model,
): Promise<Subject> {
  setSeed(1);
  const { batch, input, perPixel } = network;
  const { images, labels, count } = await networkSamples(network, size * network.batches);
  const model = await make(network);
  const x = tensor(images, [count, ...input]);
  const y = tensor(labels, perPixel ? [count, ...input.slice(0, 2)] : [count], 'int32');
  const ones = Array.from({ length: Math.min(64, count) }, (_, i) => x.slice([i], [1]));
  return {
    batch,
    count,
    program: () => model.state.program,
    train: async (epochs, onEpoch) => {
      const callbacks = { onTrainBegin: onEpoch, onEpochEnd: onEpoch };
      await model.fit(x, y, { epochs, batchSize: batch, verbose: 1, callbacks });
    },
    predictAll: () => release(model.predict<PendingTensor>(x, { batchSize: batch })),
    predictOne: (image) => release(model.predict<PendingTensor>(ones[image % ones.length])),
    predictNow: (image) => {
      const y = model.predict(ones[image % ones.length]);
      y.dataSync();
      y.dispose();
    },
    dispose: () => model.dispose(),
  };
}

async function release(pending: PromiseLike<Tensor>): Promise<void> {
  (await pending).dispose();
}
