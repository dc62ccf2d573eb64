import { RandomGenerator } from '../random/index.js';

/** A layer as all libraries know it. Convolutions and pooling have no padding. */
export type LayerSpec =
  | { kind: 'conv'; filters: number; size: number; activation?: 'relu' }
  | { kind: 'maxPool'; size: number }
  | { kind: 'flatten' }
  | { kind: 'dense'; units: number; activation?: 'relu' | 'softmax' };

/** A chain of layers that every library can build. */
export interface NetworkSpec {
  name: string;
  /** [height, width, channels], or [features] */
  input: readonly number[];
  layers: readonly LayerSpec[];
}

/** The tutorial's LeNet, for floats from 0 to 1. */
export const LENET: NetworkSpec = {
  name: 'LeNet',
  input: [28, 28, 1],
  layers: [
    { kind: 'conv', filters: 32, size: 5, activation: 'relu' },
    { kind: 'maxPool', size: 2 },
    { kind: 'conv', filters: 64, size: 5, activation: 'relu' },
    { kind: 'maxPool', size: 2 },
    { kind: 'flatten' },
    { kind: 'dense', units: 1000, activation: 'relu' },
    { kind: 'dense', units: 10, activation: 'softmax' },
  ],
};

/** Single layers, those of LeNet, with their ReLU. */
export const KERNELS: readonly NetworkSpec[] = [
  kernel('convolution 5x5 1->32, 28x28', [28, 28, 1], {
    kind: 'conv',
    filters: 32,
    size: 5,
    activation: 'relu',
  }),
  kernel('convolution 5x5 32->64, 12x12', [12, 12, 32], {
    kind: 'conv',
    filters: 64,
    size: 5,
    activation: 'relu',
  }),
  kernel('max-pooling 2x2, 24x24x32', [24, 24, 32], { kind: 'maxPool', size: 2 }),
  kernel('dense 1024->1000', [1024], { kind: 'dense', units: 1000, activation: 'relu' }),
];

function kernel(name: string, input: readonly number[], layer: LayerSpec): NetworkSpec {
  return { name, input, layers: [layer] };
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** A layer with the shapes of one image before and after it. */
export interface PlacedLayer {
  layer: LayerSpec;
  input: readonly number[];
  output: readonly number[];
}

export function placeLayers({ input, layers }: NetworkSpec): PlacedLayer[] {
  let shape = input;
  return layers.map((layer) => {
    const before = shape;
    shape = outputShape(layer, before);
    return { layer, input: before, output: shape };
  });
}

function outputShape(layer: LayerSpec, input: readonly number[]): readonly number[] {
  switch (layer.kind) {
    case 'conv':
      return [input[0] - layer.size + 1, input[1] - layer.size + 1, layer.filters];
    case 'maxPool':
      return [Math.floor(input[0] / layer.size), Math.floor(input[1] / layer.size), input[2]];
    case 'flatten':
      return [sizeOf(input)];
    case 'dense':
      return [layer.units];
  }
}

/** The kernel's shape, convolutions as [height, width, inputs, filters]; undefined without weights. */
export function kernelShape({ layer, input }: PlacedLayer): readonly number[] | undefined {
  if (layer.kind === 'conv') return [layer.size, layer.size, input[2], layer.filters];
  return layer.kind === 'dense' ? [input[0], layer.units] : undefined;
}

/**
 * FLOPs of one image, counted densely: two for each multiply-add. Training adds the gradient by the kernel, and,
 * but for the first layer with weights, that by the input.
 */
export function flopsOf(network: NetworkSpec, task: 'training' | 'inference'): number {
  const forward = placeLayers(network).flatMap((placed) => {
    const kernel = kernelShape(placed);
    if (kernel === undefined) return [];
    const { layer, output } = placed;
    return [2 * sizeOf(kernel) * (layer.kind === 'conv' ? output[0] * output[1] : 1)];
  });
  const sum = forward.reduce((total, flops) => total + flops, 0);
  return task === 'inference' ? sum : 3 * sum - (forward[0] ?? 0);
}

/** Kernel and bias of each layer with weights, in order. */
export function drawWeights(network: NetworkSpec, seed: number): Float32Array[] {
  const random = new RandomGenerator(seed);
  return placeLayers(network).flatMap((placed) => {
    const shape = kernelShape(placed);
    if (shape === undefined) return [];
    const outputs = shape[shape.length - 1];
    const scale = Math.sqrt(2 / (sizeOf(shape) / outputs));
    const kernel = Float32Array.from({ length: sizeOf(shape) }, () => scale * random.normal());
    // Not 0, so that the check of results sees a bias that is left out.
    return [kernel, Float32Array.from({ length: outputs }, () => 0.05 * random.normal())];
  });
}

/**
 * The same weights for libraries that keep channels before rows: convolutions as [filters, inputs, height, width],
 * dense layers as [units, inputs], with the inputs after a flattened image in that order.
 */
export function channelsFirst(network: NetworkSpec, weights: readonly Float32Array[]): Float32Array[] {
  const result: Float32Array[] = [];
  let flattened: readonly number[] | undefined;
  for (const placed of placeLayers(network)) {
    if (placed.layer.kind === 'flatten') flattened = placed.input;
    const shape = kernelShape(placed);
    if (shape === undefined) continue;
    const kernel = weights[result.length];
    const bias = weights[result.length + 1];
    const spots = placed.layer.kind === 'conv' ? shape.slice(0, 3) : (flattened ?? [1, 1, shape[0]]);
    result.push(moveChannels(kernel, spots, shape[shape.length - 1]), bias);
    if (placed.layer.kind === 'dense') flattened = undefined;
  }
  return result;
}

/** [height, width, channels, outputs] to [outputs, channels, height, width]. */
function moveChannels(
  kernel: Float32Array,
  [height, width, channels]: readonly number[],
  outputs: number,
): Float32Array {
  const moved = new Float32Array(kernel.length);
  let at = 0;
  for (let output = 0; output < outputs; output++)
    for (let channel = 0; channel < channels; channel++)
      for (let row = 0; row < height; row++)
        for (let column = 0; column < width; column++)
          moved[at++] = kernel[((row * width + column) * channels + channel) * outputs + output];
  return moved;
}

/** Images in NHWC as NCHW; other samples as they are. */
export function imagesChannelsFirst(pixels: Float32Array, input: readonly number[]): Float32Array {
  if (input.length !== 3 || input[2] === 1) return pixels;
  const size = sizeOf(input);
  const [height, width, channels] = input;
  const moved = new Float32Array(pixels.length);
  let at = 0;
  for (let image = 0; image < pixels.length; image += size)
    for (let channel = 0; channel < channels; channel++)
      for (let spot = 0; spot < height * width; spot++)
        moved[at++] = pixels[image + spot * channels + channel];
  return moved;
}

/** [height, width, channels] as [channels, height, width]; other shapes as they are. */
export function imagesShape(shape: readonly number[]): readonly number[] {
  return shape.length === 3 ? [shape[2], shape[0], shape[1]] : shape;
}
