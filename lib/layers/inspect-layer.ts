import { classNameOf, join, type Look, unusual } from '../inspect.js';
import type { Layer } from './base-layer.js';
import type { SymbolicTensor } from './symbolic-tensor.js';

/**
 * Default values, which aren't printed. For a list option, the value of each item; for an initializer, its
 * class.
 */
const USUAL: Readonly<Record<string, readonly unknown[]>> = {
  activation: ['linear'],
  alphaInitializer: ['Zeros'],
  axis: [-1],
  betaInitializer: ['Zeros'],
  biasInitializer: ['Zeros'],
  center: [true],
  cropToAspectRatio: [false],
  dataFormat: ['channelsLast'],
  depthMultiplier: [1],
  depthwiseInitializer: ['GlorotUniform'],
  dilationRate: [1],
  dtype: ['float32'],
  epsilon: [0.001],
  gammaInitializer: ['Ones'],
  groups: [1],
  kernelInitializer: ['GlorotUniform'],
  momentum: [0.99],
  movingMeanInitializer: ['Zeros'],
  movingVarianceInitializer: ['Ones'],
  negativeSlope: [0],
  offset: [0],
  padding: ['valid'],
  pointwiseInitializer: ['GlorotUniform'],
  scale: [true],
  strides: [1],
  threshold: [0],
  useBias: [true],
};

/** Options that are printed first. */
const FIRST = ['batchInputShape', 'filters', 'units', 'kernelSize', 'poolSize', 'strides', 'padding'];

/**
 * Prints a layer with its options that aren't defaults and, once it is applied, its output shapes:
 * `Conv2D 'conv2d_1' { filters: 32, kernelSize: [3, 3] } -> [null, 26, 26, 32]`.
 */
export function inspectLayer(layer: Layer, look: Look): string {
  const { name, ...config } = layer.getConfig();
  const entries = Object.entries(unusual(config, USUAL)).sort(([a], [b]) => placeOf(a) - placeOf(b));
  return join(
    classNameOf(layer),
    look.value(name),
    look.fields(Object.fromEntries(entries)),
    outputShapes(layer, look),
  );
}

/** "-> [null, 10]": the output shapes of the first use, or '' without one. */
export function outputShapes({ nodes }: Layer, look: Look): string {
  if (nodes.length === 0) return '';
  return `-> ${nodes[0].outputs.map(({ shape }) => look.value(shape)).join(', ')}`;
}

/** `SymbolicTensor [null, 26, 26, 32] float32 of Conv2D 'conv2d_1'`. */
export function inspectSymbolicTensor({ shape, sourceLayer }: SymbolicTensor, look: Look): string {
  const { dtype = 'float32' } = sourceLayer as { readonly dtype?: string };
  const Class = sourceLayer.isModel ? sourceLayer.getClassName() : classNameOf(sourceLayer);
  return `SymbolicTensor ${look.value(shape)} ${dtype} of ${Class} ${look.value(sourceLayer.name)}`;
}

function placeOf(option: string): number {
  const place = FIRST.indexOf(option);
  return place < 0 ? FIRST.length : place;
}
