import { benchImages } from './support/images.js';
import type { LayersModel } from '../../lib/models/index.js';
import { randomBatch } from '../../lib/models/profile-run.js';
import type { Program } from '../../lib/program/engine.js';
import { nativeEngine } from '../../lib/program/native-engine.js';
import { RandomGenerator } from '../../lib/random/index.js';
import { type PendingTensor, type Tensor, tensor } from '../../lib/tensor/index.js';
import { lenet, resnet, vgg } from './networks.js';
import { drawnWeights } from './pass-figures.js';

export const BATCH = 128;

/** A network with images to train on and to classify. */
export interface Subject {
  /** The number of images of an epoch. */
  count: number;
  program(): Program;
  /** Trains. Calls `onEpoch` at the beginning and after each epoch. */
  train(epochs: number, onEpoch: () => void): Promise<void>;
  /** Classifies all images, BATCH at a time. */
  predictAll(): Promise<unknown>;
  /** Classifies one image, awaited. */
  predictOne(image: number): Promise<unknown>;
  /** Classifies one image, blocking the thread. */
  predictNow(image: number): unknown;
  dispose(): void;
}

export const SUBJECTS: Record<string, (batches: number) => Promise<Subject>> = {
  lenet: async (batches) => {
    const { images, labels } = await benchImages(4 * batches * BATCH);
    return modelSubject(lenet([28, 28, 1], 10), images, Int32Array.from(labels));
  },
  vgg: async (batches) => {
    const random = new RandomGenerator(2);
    const count = batches * BATCH;
    const images = Uint8Array.from({ length: count * 32 * 32 * 3 }, () => random.integer(256));
    return modelSubject(
      vgg(),
      images,
      Int32Array.from({ length: count }, () => random.integer(10)),
    );
  },
  resnet: async (batches) => resnetSubject(batches * BATCH),
};

/** Uses the public API: uint8 images, no validation, progress on. */
function modelSubject(model: LayersModel, images: Uint8Array, labels: Int32Array): Subject {
  const count = labels.length;
  const x = tensor(images, [count, ...(model.signature.inputs[0].shape as number[])], 'uint8');
  const y = tensor(labels, [count], 'int32');
  const ones = Array.from({ length: 64 }, (_, i) => x.slice([i], [1]));
  return {
    count,
    program: () => model.state.program,
    train: async (epochs, onEpoch) => {
      const callbacks = { onTrainBegin: onEpoch, onEpochEnd: onEpoch };
      await model.fit(x, y, { epochs, batchSize: BATCH, verbose: 1, callbacks });
    },
    predictAll: () => release(model.predict<PendingTensor>(x, { batchSize: BATCH })),
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

/** Uses a program, without the public API. */
function resnetSubject(count: number): Subject {
  const engine = nativeEngine();
  const description = resnet();
  const program = engine.createProgram(description);
  program.writeWeights(drawnWeights(program, description));
  const { x, y = x } = randomBatch(engine, description, count);
  const one = randomBatch(engine, description, 1).x;
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  return {
    count,
    program: () => program,
    train: async (epochs, onEpoch) => {
      onEpoch();
      for (let seed = 0; seed < epochs; seed++) {
        await program.train({ x, y, batchSize: BATCH, order, seed });
        onEpoch();
      }
    },
    predictAll: () => program.predict({ x, batchSize: BATCH }).promise,
    predictOne: () => program.predict({ x: one, batchSize: 1 }).promise,
    predictNow: () => program.predict({ x: one, batchSize: 1 }).wait(),
    dispose: () => program.dispose(),
  };
}
