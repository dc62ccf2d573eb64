import { createRequire } from 'node:module';
import { convnetjsLayers } from '../convnetjs.js';
import type { Inputs } from '../inputs.js';
import { kernelShape, type NetworkSpec, placeLayers, sizeOf } from '../network.js';
import { type BuiltNetwork, serve, stepLosses } from './worker.js';

/** ConvNetJS's worker: convnetjs.js FILE. Its package is the one that FILE would find. */

interface Vol {
  w: Float64Array | number[];
}

interface Net {
  layers: { layer_type: string; filters: Vol[]; biases: Vol }[];
  makeLayers(layers: object[]): void;
  forward(image: Vol): Vol;
}

interface ConvNetJs {
  Net: new () => Net;
  Vol: new (width: number, height: number, depth: number, fill: number) => Vol;
  Trainer: new (net: Net, options: object) => { train(image: Vol, label: number): { cost_loss: number } };
}

/** ConvNetJS has a Vol for each filter, in the order [height, width, channels], as the kernel without its last axis. */
function setWeights(net: Net, network: NetworkSpec, weights: readonly Float32Array[]): void {
  const trained = net.layers.filter(({ layer_type }) => layer_type === 'conv' || layer_type === 'fc');
  const kernels = placeLayers(network).flatMap((placed) => kernelShape(placed) ?? []);
  if (kernels.length === 0 || trained.length * 2 !== weights.length)
    throw new Error('its layers with weights are others');
  trained.forEach(({ filters, biases }, i) => {
    const [kernel, bias] = [weights[2 * i], weights[2 * i + 1]];
    filters.forEach(({ w }, filter) => {
      for (let k = 0; k < w.length; k++) w[k] = kernel[k * filters.length + filter];
    });
    for (let k = 0; k < bias.length; k++) biases.w[k] = bias[k];
  });
}

function build(
  { Net, Vol, Trainer }: ConvNetJs,
  { network, weights, samples, labels }: Inputs,
): BuiltNetwork {
  const size = sizeOf(network.input);
  const [height, width, depth] = network.input;
  const image = (index: number) => {
    const vol = new Vol(width, height, depth, 0);
    for (let i = 0; i < size; i++) vol.w[i] = samples[index * size + i];
    return vol;
  };
  const images = (count: number) => Array.from({ length: count }, (_, i) => image(i));
  const start = () => {
    const net = new Net();
    net.makeLayers(convnetjsLayers(network));
    setWeights(net, network, weights);
    return net;
  };
  const trainer = (batch: number) =>
    new Trainer(start(), { method: 'sgd', learning_rate: 0.01, momentum: 0, batch_size: batch });
  const net = start();
  return {
    outputs: (count) => images(count).flatMap((each) => Array.from(net.forward(each).w)),
    losses: (steps, batch) => {
      const own = trainer(batch);
      return stepLosses(steps, batch, (first) => {
        let loss = 0;
        for (let i = first; i < first + batch; i++) loss += own.train(image(i), labels[i]).cost_loss / batch;
        return loss;
      });
    },
    prepare: (task, count, batch) => {
      const all = images(count);
      if (task === 'inference')
        return () => {
          for (const each of all) net.forward(each);
        };
      const own = trainer(batch);
      return () => {
        for (let i = 0; i < count; i++) own.train(all[i], labels[i]);
      };
    },
    dispose: () => {},
  };
}

serve(() => {
  const require = createRequire(process.argv[2]);
  const library = require('convnetjs') as ConvNetJs;
  const { version } = require('convnetjs/package.json') as { version: string };
  return { version, config: 'one image at a time', build: (inputs) => build(library, inputs) };
});
