import { readFileSync } from 'node:fs';
import * as tfjs from '@tensorflow/tfjs-core';
import * as tfjsLayers from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import * as ours from '../../lib/index.js';
import { drawModel } from './generator/draw-model.js';
import { Made, type GraphSpec } from './generator/spec.js';

/** Exports of both packages that no drawn model uses, with the reason. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  'metrics.precision': 'TF.js counts predictions of exactly 1, here as in Keras those above 0.5',
};

/** Exports that the models drawn by `npm test` use. */
const DRAWN = new Set<string>();
for (let number = 0; number < 200; number++) {
  const { graph, training } = drawModel(1, number, 0);
  note(graph);
  const { losses, metrics, optimizer } = training;
  for (const loss of losses) DRAWN.add(`losses.${loss}`);
  for (const metric of metrics) DRAWN.add(`metrics.${metric}`);
  DRAWN.add(optimizer.args ? `train.${optimizer.make}` : `optimizers.${optimizer.make}`);
}

function note({ layers, start }: GraphSpec): void {
  if (start === 'inputLayer') DRAWN.add('layers.inputLayer');
  for (const { make, options, model } of layers) {
    if (model) note(model);
    else DRAWN.add(`layers.${make}`);
    for (const [name, value] of Object.entries(options)) {
      if (name === 'activation') DRAWN.add(`activations.${value}`);
      if (value instanceof Made && value.config.activation)
        DRAWN.add(`activations.${value.config.activation}`);
      if (value instanceof Made) DRAWN.add(`${value.namespace}.${value.name}`);
    }
  }
}

/** Names in a table that TF.js doesn't export. */
function namesIn(file: string, table: string): string[] {
  const text = readFileSync(`node_modules/@tensorflow/tfjs-layers/dist/${file}`, 'utf8');
  const [, names] = new RegExp(`export const ${table} = {([^}]*)}`).exec(text) as unknown as [string, string];
  return names.split(',').map((name) => name.trim());
}

const SHORT_METRICS = ['accuracy', 'acc', 'crossentropy', 'ce'];

function known(make: () => unknown): boolean {
  try {
    make();
    return true;
  } catch {
    return false;
  }
}

/** Whether convforge can compile a model with this. */
function compiles(options: { loss?: string; metrics?: string[] }): boolean {
  const losses = ['meanSquaredError', 'sparseCategoricalCrossentropy'];
  return losses.some((loss) =>
    known(() => {
      const model = ours.sequential({ layers: [ours.layers.dense({ units: 2, inputShape: [2] })] });
      model.compile({ optimizer: 'sgd', loss, ...options } as never);
    }),
  );
}

/** Functions that both packages have. */
const shared = (theirs: object, own: object): string[] =>
  Object.keys(theirs).filter((name) => /^[a-z]/.test(name) && name in own);

/** Names that both packages have, by namespace. */
const BOTH: Readonly<Record<string, string[]>> = {
  layers: shared(tfjsLayers.layers, ours.layers),
  initializers: shared(tfjsLayers.initializers, ours.initializers),
  regularizers: shared(tfjsLayers.regularizers, ours.regularizers),
  constraints: shared(tfjsLayers.constraints, ours.constraints),
  train: shared(tfjs.train, ours.train),
  losses: namesIn('losses.js', 'lossesMap').filter((loss) => compiles({ loss })),
  metrics: [...namesIn('metrics.js', 'metricsMap'), ...SHORT_METRICS].filter((name) =>
    compiles({ metrics: [name] }),
  ),
  activations: Object.keys(tfjs.serialization.SerializationMap.getMap().classNameMap)
    .filter((name) => /^[a-z]/.test(name))
    .filter((name) => known(() => ours.layers.activation({ activation: name as never }))),
};

describe('the generator covers what both packages have', () => {
  it.each(Object.entries(BOTH))('%s', (namespace, names) => {
    expect(names.length).toBeGreaterThan(2);
    const missing = names.map((name) => `${namespace}.${name}`).filter((name) => !DRAWN.has(name));
    expect(missing.filter((name) => !(name in EXCEPTIONS))).toEqual([]);
  });

  it('except for the listed layers', () => {
    const all = Object.entries(BOTH).flatMap(([namespace, names]) =>
      names.map((name) => `${namespace}.${name}`),
    );
    expect(Object.keys(EXCEPTIONS).filter((name) => !all.includes(name) || DRAWN.has(name))).toEqual([]);
  });

  it('including what TF.js has in other namespaces', () => {
    expect(BOTH.layers).toEqual(expect.arrayContaining(['avgPool1d', 'avgPooling2d', 'globalMaxPool2d']));
    expect(BOTH.losses).toEqual(namesIn('losses.js', 'lossesMap'));
    expect(BOTH.metrics).toEqual([...namesIn('metrics.js', 'metricsMap'), ...SHORT_METRICS]);
    expect(BOTH.train).toEqual(Object.keys(tfjs.train));
    for (const name of ['sgd', 'adam', 'rmsprop']) expect(DRAWN).toContain(`optimizers.${name}`);
  });
});
