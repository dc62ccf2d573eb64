import { createRequire } from 'node:module';
import type { Inputs } from '../inputs.js';
import { kernelShape, placeLayers, sizeOf } from '../network.js';
import { loadTfjs, type Tf, type TfModel, type TfTensor, tfjsLayers } from '../tfjs.js';
import { batchesOf, type BuiltNetwork, serve, stepLosses } from './worker.js';

/** TF.js's worker: tfjs.js FILE cpu|wasm|tensorflow. Its packages are those that FILE would find. */

function build(tf: Tf, { network, weights, samples, labels }: Inputs): BuiltNetwork {
  const size = sizeOf(network.input);
  const classes = sizeOf(placeLayers(network).at(-1)?.output ?? [1]);
  const x = (first: number, count: number) =>
    tf.tensor(samples.slice(first * size, (first + count) * size), [count, ...network.input]);
  const y = (first: number, count: number) =>
    tf.oneHot(Array.from(labels.subarray(first, first + count)), classes);
  const shapes = placeLayers(network).flatMap((placed) => {
    const kernel = kernelShape(placed);
    return kernel === undefined ? [] : [kernel, kernel.slice(-1)];
  });
  const start = () => {
    const model = tf.sequential({ layers: tfjsLayers(tf, network) });
    model.setWeights(weights.map((values, i) => tf.tensor(values, shapes[i])));
    return model;
  };
  const model = start();
  const infer = (images: TfTensor) => tf.tidy(() => model.predict(images).dataSync());
  return {
    outputs: (count) => infer(x(0, count)),
    losses: (steps, batch, optimizer) => {
      const trained = compiled(tf, start(), optimizer);
      return stepLosses(steps, batch, (first) => trained.trainOnBatch(x(first, batch), y(first, batch)));
    },
    prepare: (task, count, batch) => {
      const batches = batchesOf(count, batch).map(([first, n]) => ({ x: x(first, n), y: y(first, n) }));
      if (task === 'inference')
        return () => {
          for (const each of batches) infer(each.x);
        };
      const trained = compiled(tf, start(), 'adam');
      return async () => {
        for (const each of batches) await trained.trainOnBatch(each.x, each.y);
      };
    },
    dispose: () => model.dispose(),
  };
}

function compiled(tf: Tf, model: TfModel, optimizer: 'adam' | 'sgd'): TfModel {
  model.compile({
    optimizer: optimizer === 'adam' ? tf.train.adam(0.001, 0.9, 0.999, 1e-7) : tf.train.sgd(0.01),
    loss: 'categoricalCrossentropy',
  });
  return model;
}

async function open(file: string, backend: string) {
  const { tf, config } = await loadTfjs(createRequire(file), backend);
  return { version: tf.version.tfjs, config, build: (inputs: Inputs) => build(tf, inputs) };
}

serve(() => open(process.argv[2], process.argv[3]));
