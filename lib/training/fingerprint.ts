import { createHash } from 'node:crypto';
import type { Model } from '../network/model.js';
import type { OptimizerDescription } from '../program/optimizer-description.js';
import { shortened } from '../shortened.js';
import { showShape } from '../tensor/shapes.js';
import type { ArrayFitSettings, DatasetFitSettings } from './fit-options.js';
import type { BatchSource } from './train-epoch.js';
import type { Validation } from './validation.js';

/**
 * What a training's results depend on, as text: options, sizes of data, the model and how it was compiled. The
 * key names it in messages.
 */
export type Fingerprint = Readonly<Record<string, string>>;

/** The fingerprint of a fit. */
export function fingerprintOf(
  model: Model,
  settings: ArrayFitSettings | DatasetFitSettings,
  source: Pick<BatchSource, 'samples' | 'batchSize'>,
  validation: Pick<Validation, 'steps' | 'customKeys'> | undefined,
): Fingerprint {
  return {
    method: 'batchesPerEpoch' in settings ? 'fitDataset' : 'fit',
    ...dataOf(settings, source),
    'validation batches': validation ? text(validation.steps) : 'none',
    customMetrics: text(validation?.customKeys ?? []),
    initialEpoch: text(settings.initialEpoch),
    classWeight: text(settings.classWeight ?? null),
    // Earlier checkpoints don't have it.
    ...(settings.shards > 1 && { shards: text(settings.shards) }),
    ...modelOf(model),
  };
}

function dataOf(
  settings: ArrayFitSettings | DatasetFitSettings,
  { samples, batchSize }: Pick<BatchSource, 'samples' | 'batchSize'>,
): Fingerprint {
  if ('batchesPerEpoch' in settings) {
    const { batchesPerEpoch, trainingBatches = null } = settings;
    return {
      batchesPerEpoch: Number.isFinite(batchesPerEpoch) ? text(batchesPerEpoch) : 'a whole pass',
      'training batches of validationSplit': text(trainingBatches),
    };
  }
  const { stepsPerEpoch = null, shuffle, sampleWeight } = settings;
  return {
    'the number of training samples': text(samples),
    batchSize: text(batchSize),
    stepsPerEpoch: text(stepsPerEpoch),
    shuffle: text(shuffle),
    sampleWeight: sampleWeight === undefined ? 'none' : 'given',
  };
}

function modelOf(model: Model): Fingerprint {
  const { graph, training } = model.state.describeWhole().description;
  // Names tell nothing: made names count up in a process.
  const nodes = graph.nodes.map(({ name: _, ...node }) => node);
  const weights = nodes.flatMap(({ sharesWith, parameters }) => (sharesWith === undefined ? parameters : []));
  const outputs = training?.outputs ?? [];
  return {
    weights: weights.map(({ name, shape }) => `${name} ${showShape(shape)}`).join(', '),
    'the layers and their options (a digest of them)': digest({ nodes, outputs: graph.outputs }),
    loss: text(outputs.map((output) => output && [output.loss, output.weight])),
    metrics: text(outputs.map((output) => output?.metrics ?? null)),
    ...optimizerOf(training?.optimizer as OptimizerDescription),
  };
}

/** A constant learning rate is left out, since callbacks may have changed it; checkpoints have it. */
function optimizerOf({ kind, learningRate, ...options }: OptimizerDescription): Fingerprint {
  return {
    optimizer: kind,
    'the learning rate': typeof learningRate === 'number' ? 'a number' : text(learningRate),
    "the optimizer's options": text(options),
  };
}

function text(value: unknown): string {
  return JSON.stringify(value);
}

function digest(value: unknown): string {
  return createHash('sha256').update(text(value)).digest('hex').slice(0, 16);
}

/** "batchSize is 32 there and 64 here; ...". Empty if nothing differs. */
export function differences(there: Fingerprint, here: Fingerprint): string {
  const keys = new Set([...Object.keys(there), ...Object.keys(here)]);
  return [...keys]
    .filter((key) => there[key] !== here[key])
    .map((key) => {
      const [a, b] = shortened([there[key] ?? 'none', here[key] ?? 'none']);
      return `${key} is ${a} there and ${b} here`;
    })
    .join('; ');
}
