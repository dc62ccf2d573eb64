import type { Layer } from '../../layers/base-layer.js';
import { conv2d, dense, flatten, maxPooling2d } from '../../layers/index.js';
import { type Sequential, sequential } from '../../models/index.js';
import { adam, sgd } from '../../optimizers/index.js';
import { setEngine } from '../../program/current-engine.js';
import { measurePeak } from '../../program/native-engine.js';
import { type Tensor, tensor, tensor1d } from '../../tensor/index.js';
import { VERSION } from '../../version.js';
import type { Inputs } from '../inputs.js';
import { type LayerSpec, type NetworkSpec, sizeOf } from '../network.js';
import { type BuiltNetwork, type Library, serve, stepLosses } from './worker.js';

/** convforge's worker: convforge.js native|reference. CONVFORGE_ISA and CONVFORGE_THREADS apply. */

function layerOf(spec: LayerSpec, inputShape: number[] | undefined): Layer {
  switch (spec.kind) {
    case 'conv':
      return conv2d({
        filters: spec.filters,
        kernelSize: spec.size,
        activation: spec.activation,
        inputShape,
      });
    case 'maxPool':
      return maxPooling2d({ poolSize: spec.size, inputShape });
    case 'flatten':
      return flatten({ inputShape });
    case 'dense':
      return dense({ units: spec.units, activation: spec.activation, inputShape });
  }
}

function build({ network, weights, samples, labels }: Inputs): BuiltNetwork {
  const open: Sequential[] = [];
  const start = () => {
    const model = modelOf(network, weights);
    open.push(model);
    return model;
  };
  const size = sizeOf(network.input);
  const x = (first: number, count: number) =>
    tensor(samples.subarray(first * size, (first + count) * size), [count, ...network.input]);
  const y = (first: number, count: number) =>
    tensor1d(Int32Array.from(labels.subarray(first, first + count)), 'int32');
  const model = start();
  return {
    outputs: async (count) => (model.predict(x(0, count)) as Tensor).dataSync(),
    losses: (steps, batch, optimizer) => {
      const trained = start();
      compile(trained, optimizer);
      return stepLosses(
        steps,
        batch,
        async (first) => (await trained.trainOnBatch(x(first, batch), y(first, batch))) as number,
      );
    },
    prepare: (task, count, batchSize) => {
      const images = x(0, count);
      if (task === 'inference')
        return async () => ((await model.predict(images, { batchSize })) as Tensor).dispose();
      const classes = y(0, count);
      const trained = start();
      compile(trained, 'adam');
      return () => trained.fit(images, classes, { batchSize, epochs: 1, shuffle: false, verbose: 0 });
    },
    dispose: () => {
      for (const each of open) each.dispose();
    },
  };
}

function modelOf({ input, layers }: NetworkSpec, weights: readonly Float32Array[]): Sequential {
  const model = sequential({
    layers: layers.map((spec, i) => layerOf(spec, i === 0 ? [...input] : undefined)),
  });
  model.setWeights(model.getWeights().map(({ shape }, i) => tensor(weights[i], shape)));
  return model;
}

function compile(model: Sequential, optimizer: 'adam' | 'sgd'): void {
  model.compile({
    optimizer: optimizer === 'adam' ? adam({ learningRate: 0.001 }) : sgd({ learningRate: 0.01 }),
    loss: 'sparseCategoricalCrossentropy',
  });
}

function open(engine: string): Library {
  if (engine !== 'reference')
    return {
      version: VERSION,
      config: 'model.fit and model.predict',
      build,
      peak: async (threads) => Math.max(...(await measurePeak(threads, 5))),
    };
  setEngine('reference');
  return { version: VERSION, config: 'plain TypeScript', build };
}

serve(() => open(process.argv[2]));
