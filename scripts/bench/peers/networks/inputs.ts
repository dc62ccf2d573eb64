import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Layer } from '../../../../lib/layers/base-layer.js';
import { RandomGenerator, setSeed } from '../../../../lib/random/index.js';
import { type Shape, type Tensor, tensor } from '../../../../lib/tensor/index.js';
import { buildNetwork, type BuiltNetwork, type Network } from '../../networks/network.js';
import { networkSamples } from '../../networks/samples.js';

/** The facts of network.json, beside which lie images.bin, labels.bin, weights.bin and outputs.bin. */
export interface NetworkFacts {
  key: string;
  name: string;
  batch: number;
  /** [height, width, channels] */
  input: Shape;
  perPixel: boolean;
  /** The shapes of the weights in weights.bin, in the layers' order. */
  weights: readonly Shape[];
  /** The shape of outputs.bin: the probabilities of the first images. */
  outputs: Shape;
  /** The mean loss of the first two batches in training. */
  loss: number;
}

/** How many images' outputs are compared. */
const COMPARED = 8;

const FACTS = 'network.json';

const SOURCES = [path.join(__dirname, '..', '..', 'networks'), __dirname];

/**
 * Writes what all peers of a network start from: samples, weights, and what convforge computes from them, so
 * that peers can check that they do the same work. Files that are newer than the sources stay as they are.
 */
export async function writeNetworkInputs(network: Network, folder: string): Promise<void> {
  const facts = path.join(folder, FACTS);
  if (existsSync(facts) && SOURCES.every((source) => newestIn(source) < statSync(facts).mtimeMs)) return;
  await mkdir(folder, { recursive: true });
  setSeed(1);
  const { key, name, batch, input, perPixel = false } = network;
  const { images, labels, count } = await networkSamples(network, network.batches);
  const built = buildNetwork(network);
  const weights = drawWeights(built.layers);
  writeWeights(built.layers, weights);
  const x = tensor(images, [count, ...input]);
  const y = tensor(labels, labelShape({ input, perPixel }, count), 'int32');
  const predicted = (await built.model.predict(x.slice([0], [COMPARED]))) as Tensor;
  const loss = await trainTwice(built, x, y, batch);
  const shapes = weights.map(({ shape }) => shape);
  const content: NetworkFacts = {
    ...{ key, name, batch, input, perPixel, loss },
    ...{ weights: shapes, outputs: predicted.shape },
  };
  const write = (file: string, values: Uint8Array) => writeFile(path.join(folder, file), values);
  await write('images.bin', bytesOf(images));
  await write('labels.bin', bytesOf(labels));
  await write('weights.bin', Buffer.concat(weights.map((each) => bytesOf(each.dataSync() as Float32Array))));
  await write('outputs.bin', bytesOf(predicted.dataSync() as Float32Array));
  await write(FACTS, Buffer.from(JSON.stringify(content)));
  built.model.dispose();
}

/** Trains on the first two batches, in their order. Resolves with the mean loss. */
export async function trainTwice(
  { model }: BuiltNetwork,
  x: Tensor,
  y: Tensor,
  batch: number,
): Promise<number> {
  const [images, labels] = [x, y].map((each) => each.slice([0], [2 * batch]));
  const { history } = await model.fit(images, labels, {
    batchSize: batch,
    epochs: 1,
    shuffle: false,
    verbose: 0,
  });
  return history.loss[0] as number;
}

export function labelShape(
  { input, perPixel }: Pick<NetworkFacts, 'input' | 'perPixel'>,
  count: number,
): Shape {
  return perPixel ? [count, ...input.slice(0, 2)] : [count];
}

/** The layers' weights, with normalizations that do something to their inputs. */
function drawWeights(layers: readonly Layer[]): Tensor[] {
  const random = new RandomGenerator(3);
  return layers.flatMap((layer) =>
    layer.getWeights().map((weight, i) => {
      if (layer.getClassName() !== 'BatchNormalization') return weight;
      // gamma and the variance around 1, beta and the mean around 0.
      const middle = i % 3 === 0 ? 1 : 0;
      const values = Float32Array.from(
        { length: weight.size },
        () => middle + 0.4 * (random.uniform() - 0.5),
      );
      return tensor(values, weight.shape);
    }),
  );
}

export function writeWeights(layers: readonly Layer[], weights: readonly Tensor[]): void {
  let next = 0;
  for (const layer of layers) {
    const { length } = layer.getWeights();
    layer.setWeights(weights.slice(next, next + length));
    next += length;
  }
}

function bytesOf(values: Float32Array | Int32Array): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}

/** The time of the newest file in a folder. */
function newestIn(folder: string): number {
  return Math.max(...readdirSync(folder).map((file) => statSync(path.join(folder, file)).mtimeMs));
}
