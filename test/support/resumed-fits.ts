import { createHash } from 'node:crypto';
import {
  type Callback,
  data,
  type FitOptions,
  layers,
  type LayersModel,
  optimizers,
  sequential,
  setSeed,
  Tensor,
} from '../../lib/index.js';
import type { Dataset } from '../../lib/data/dataset.js';
import type { Optimizer } from '../../lib/optimizers/index.js';
import { RandomGenerator } from '../../lib/random/index.js';

/** Every optimizer, with the settings that keep a state of their own. */
export const OPTIMIZERS: Readonly<Record<string, () => Optimizer>> = {
  sgd: () => optimizers.sgd({ learningRate: 0.05 }),
  momentum: () => optimizers.sgd({ learningRate: 0.02, momentum: 0.9, nesterov: true }),
  adam: () => optimizers.adam({ learningRate: 0.01, clipNorm: 1 }),
  amsgrad: () => optimizers.adam({ learningRate: 0.01, amsgrad: true }),
  adamw: () => optimizers.adamw({ learningRate: 0.01, weightDecay: 0.01 }),
  adamax: () => optimizers.adamax({ learningRate: 0.01 }),
  nadam: () => optimizers.nadam({ learningRate: 0.01 }),
  rmsprop: () => optimizers.rmsprop({ learningRate: 0.01, momentum: 0.5, centered: true }),
  adagrad: () => optimizers.adagrad({ learningRate: 0.05 }),
  adadelta: () => optimizers.adadelta({ learningRate: 1 }),
  lion: () => optimizers.lion({ learningRate: 0.001, globalClipNorm: 2 }),
  averaged: () => optimizers.adam({ learningRate: 0.01, useEma: true, emaOverwriteFrequency: 5 }),
  accumulated: () => optimizers.sgd({ learningRate: 0.05, momentum: 0.9, gradientAccumulationSteps: 3 }),
  scheduled: () =>
    optimizers.adam({
      learningRate: optimizers.schedules.cosineDecay({
        initialLearningRate: 0.02,
        decaySteps: 30,
        warmupSteps: 4,
        warmupTarget: 0.03,
      }),
    }),
};

/** A network with augmentation, dropout, batch normalization and a regularizer. */
export function noisyModel(optimizer: Optimizer = optimizers.adam({ learningRate: 0.01 })): LayersModel {
  setSeed(3);
  const model = sequential({
    name: 'noisy',
    layers: [
      layers.randomFlip({ mode: 'horizontal', inputShape: [6, 6, 1] }),
      layers.randomTranslation({ heightFactor: 0.2, widthFactor: 0.2 }),
      layers.conv2d({ filters: 3, kernelSize: 3, kernelRegularizer: 'l2' }),
      layers.batchNormalization(),
      layers.reLU(),
      layers.flatten(),
      layers.dropout({ rate: 0.3 }),
      layers.dense({ units: 3, activation: 'softmax' }),
    ],
  });
  model.compile({ optimizer, loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

/** Number of samples of noisyData: 7 batches of 8, the last of 4. */
export const SAMPLES = 52;

export function noisyData(): { x: Tensor; y: Tensor } {
  const random = new RandomGenerator(5);
  const x = Float32Array.from({ length: SAMPLES * 36 }, () => random.normal());
  const y = Int32Array.from({ length: SAMPLES }, () => random.integer(3));
  return { x: new Tensor(x, [SAMPLES, 6, 6, 1], 'float32'), y: new Tensor(y, [SAMPLES], 'int32') };
}

/** The samples, shuffled in another way in each pass, in batches of 8. */
export function noisyDataset(): Dataset<{ xs: Tensor; ys: Tensor }> {
  const { x, y } = noisyData();
  const elements = Array.from({ length: SAMPLES }, (_, i) => ({
    xs: x.slice([i], [1]).reshape([6, 6, 1]),
    ys: y.dataSync()[i],
  }));
  return data.array(elements).shuffle(20, 9).batch(8) as unknown as Dataset<{ xs: Tensor; ys: Tensor }>;
}

/** Options of trainIn: seven steps an epoch. */
export const CHECKPOINTED = { batchSize: 8, verbose: 0, seed: 4 } as const;

/** Trains on noisyData, with checkpoints in a folder. */
export async function trainIn(
  dir: string,
  options: FitOptions = {},
  model: LayersModel = noisyModel(),
): Promise<LayersModel> {
  const { x, y } = noisyData();
  await model.fit(x, y, { ...CHECKPOINTED, epochs: 3, checkpoint: { dir }, ...options });
  return model;
}

/** A digest of the weights and of the optimizer's state. */
export async function bitsOf(model: LayersModel): Promise<string> {
  const { weights, optimizer } = await model.state.snapshot();
  const hash = createHash('sha256').update(String(optimizer?.iterations));
  for (const array of [...weights, ...Object.values(optimizer?.slots ?? {}).flat()])
    hash.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  return hash.digest('hex').slice(0, 12);
}

/** Ends a fit as a kill does: a signal that fires `milliseconds` after the given checkpoint was begun. */
export class Killer {
  readonly #controller = new AbortController();
  readonly signal: AbortSignal = this.#controller.signal;
  readonly callback: Pick<Callback, 'getState'>;

  constructor(checkpoint: number, milliseconds: number) {
    let count = 0;
    this.callback = {
      getState: () => {
        count++;
        if (count === checkpoint) setTimeout(() => this.#controller.abort(), milliseconds);
        return undefined;
      },
    };
  }
}

/** A callback that ends training after the batch with this index. */
export function stopAfter(model: LayersModel, index: number): Pick<Callback, 'onBatchEnd'> {
  return {
    onBatchEnd: (batch: number) => {
      if (batch === index) model.stopTraining = true;
    },
  };
}
