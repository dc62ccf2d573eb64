import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { RandomGenerator } from '../random/index.js';
import { drawnImages } from './images.js';
import { channelsFirst, drawWeights, kernelShape, type NetworkSpec, placeLayers, sizeOf } from './network.js';
import { onnxModel } from './onnx-file.js';

/** What each worker reads from its folder: the network, its starting weights and the images. */
export interface DrawnInputs {
  network: NetworkSpec;
  /** Kernel and bias of each layer with weights. */
  weights: Float32Array[];
  /** The samples one after another, of the network's input shape. */
  samples: Float32Array;
  /** A class for each sample. */
  labels: Uint8Array;
}

/** Inputs that were read. */
export interface Inputs extends DrawnInputs {
  folder: string;
}

/** Draws `count` samples: images where the network takes 28x28 bytes, else uniform numbers from 0 to 1. */
export function drawInputs(network: NetworkSpec, count: number, seed: number): DrawnInputs {
  const weights = drawWeights(network, seed);
  if (network.input.join() === '28,28,1' && network.layers.length > 1) {
    const { images, labels } = drawnImages(count, seed);
    return { network, weights, samples: Float32Array.from(images, (byte) => byte / 255), labels };
  }
  const random = new RandomGenerator(seed);
  const classes = sizeOf(placeLayers(network).at(-1)?.output ?? [1]);
  return {
    ...{ network, weights },
    samples: Float32Array.from({ length: count * sizeOf(network.input) }, () => random.uniform()),
    labels: Uint8Array.from({ length: count }, () => random.integer(Math.min(classes, 256))),
  };
}

/** Writes the inputs for workers of all kinds. */
export async function writeInputs(folder: string, inputs: DrawnInputs): Promise<void> {
  const { network, weights, samples, labels } = inputs;
  const moved = channelsFirst(network, weights);
  await Promise.all([
    writeFile(path.join(folder, 'network.json'), JSON.stringify(network)),
    writeFile(path.join(folder, 'weights.bin'), bytesOf(weights)),
    writeFile(path.join(folder, 'weights-channels-first.bin'), bytesOf(moved)),
    writeFile(path.join(folder, 'samples.bin'), bytesOf([samples])),
    writeFile(path.join(folder, 'labels.bin'), labels),
    writeFile(path.join(folder, 'model.onnx'), onnxModel(network, moved)),
  ]);
}

export async function readInputs(folder: string): Promise<Inputs> {
  const read = async (name: string) => Uint8Array.from(await readFile(path.join(folder, name)));
  const network = JSON.parse(await readFile(path.join(folder, 'network.json'), 'utf8')) as NetworkSpec;
  const all = new Float32Array((await read('weights.bin')).buffer);
  let at = 0;
  const weights = placeLayers(network).flatMap((placed) => {
    const kernel = kernelShape(placed);
    return (kernel === undefined ? [] : [kernel, kernel.slice(-1)]).map((shape) => {
      at += sizeOf(shape);
      return all.slice(at - sizeOf(shape), at);
    });
  });
  const samples = new Float32Array((await read('samples.bin')).buffer);
  return { network, weights, samples, labels: await read('labels.bin'), folder };
}

function bytesOf(arrays: readonly Float32Array[]): Buffer {
  return Buffer.concat(
    arrays.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength)),
  );
}
