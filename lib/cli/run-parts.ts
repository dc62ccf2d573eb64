import type { CallbackLike } from '../callbacks/callback.js';
import type { Dataset } from '../data/dataset.js';
import type { LabelledImage } from '../data/images.js';
import type { Distribution } from '../distribute/index.js';
import type { LayersModel } from '../models/index.js';
import { oneHot, type Tensor } from '../tensor/index.js';
import type { CheckpointOptions } from '../training/checkpoint-options.js';
import type { ObservationOptions } from '../training/observer.js';
import type { CompiledFor } from './compile-for.js';
import type { LabelledData, Part } from './labelled-data.js';

/** The settings of a fit that arrays and images share. */
export interface FitPartsOptions extends ObservationOptions {
  distribute: Distribution;
  epochs: number;
  batch: number;
  verbose: 0 | 1 | 2;
  callbacks: readonly CallbackLike[];
  checkpoint: CheckpointOptions;
  resume: boolean;
  signal: AbortSignal;
  /** Seed of the order of images of a folder. */
  orderSeed: number;
}

/** Trains on the data's training part, and validates on the one held out. Rejects as fit. */
export async function fitParts(
  model: LayersModel,
  { train, test }: LabelledData,
  targets: CompiledFor,
  { batch, orderSeed, ...settings }: FitPartsOptions,
): Promise<void> {
  if (train.kind === 'arrays') {
    const validationData = test?.kind === 'arrays' && ([test.images, targetsOf(test, targets)] as const);
    const options = { ...settings, batchSize: batch, ...(validationData && { validationData }) };
    await model.fit(train.images, targetsOf(train, targets), options);
    return;
  }
  const shuffled = train.images.shuffle(train.count, orderSeed);
  const validationData = test?.kind === 'images' && batchesOf(test.images, batch, targets);
  const options = { ...settings, ...(validationData && { validationData }) };
  await model.fitDataset(batchesOf(shuffled, batch, targets), options);
}

/** Loss and metrics on a part, by name. Ranks share the evaluation of arrays. Rejects as evaluate. */
export async function evaluatePart(
  model: LayersModel,
  part: Part,
  targets: CompiledFor,
  { batch, signal, distribute }: { batch: number; signal: AbortSignal; distribute?: Distribution },
): Promise<Record<string, number>> {
  const results =
    part.kind === 'arrays'
      ? await model.evaluate<never>(part.images, targetsOf(part, targets), {
          batchSize: batch,
          signal,
          distribute,
        })
      : await model.evaluateDataset<never>(batchesOf(part.images, batch, targets), { signal });
  const scores: Tensor[] = Array.isArray(results) ? results : [results];
  const names = model.metricsNames;
  return Object.fromEntries(scores.map((score, i) => [names[i], score.dataSync()[0]]));
}

/** Lines such as "Test accuracy: 91.62 %"; without `part`, "Accuracy: 91.62 %". */
export function scoreLines(scores: Readonly<Record<string, number>>, part = ''): string[] {
  return Object.entries(scores).map(([name, value]) => {
    const [what, shown] = name === 'acc' ? ['accuracy', percent(value)] : [name, value.toFixed(4)];
    const line = `${part} ${what}: ${shown}`.trimStart();
    return `${line.slice(0, 1).toUpperCase()}${line.slice(1)}`;
  });
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

function targetsOf({ labels }: Part & { kind: 'arrays' }, { isOneHot, classes }: CompiledFor): Tensor {
  return isOneHot ? oneHot(labels, classes) : labels;
}

/** Batches of images and their targets. */
function batchesOf(
  images: Dataset<LabelledImage>,
  batch: number,
  { isOneHot, classes }: CompiledFor,
): Dataset<{ xs: Tensor; ys: Tensor }> {
  const batches = images.batch(batch) as Dataset<{ xs: Tensor; ys: Tensor }>;
  return isOneHot ? batches.map(({ xs, ys }) => ({ xs, ys: oneHot(ys, classes) })) : batches;
}
