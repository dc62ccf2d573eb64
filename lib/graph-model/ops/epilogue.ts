import type { ActivationIdentifier } from '../../layers/activation/applied.js';
import { leakyReLU, prelu } from '../../layers/index.js';
import type { SymbolicTensor } from '../../layers/symbolic-tensor.js';
import { sizeOf } from '../../tensor/shapes.js';
import type { GraphNode } from '../graph.js';
import type { NodeUse, StoredWeight } from '../node-use.js';
import { computed, numbersOf, type Value } from '../values.js';

/** What follows a linear op and becomes part of its layer. */
export interface Epilogue {
  /** Factors of the output's channels; undefined for 1. */
  scale?: Float64Array;
  /** What is added to the channels; undefined for nothing. */
  shift?: Float64Array;
  activation: ActivationIdentifier;
  /** The alpha of a PReLU that follows. */
  alpha?: StoredWeight;
  /** The nodes that the layer computes, in their order. */
  nodes: GraphNode[];
}

/** Activations in the attribute fused_ops, by our names. */
const FUSED: Readonly<Record<string, ActivationIdentifier>> = {
  Elu: 'elu',
  Relu: 'relu',
  Relu6: 'relu6',
  Selu: 'selu',
  Sigmoid: 'sigmoid',
  Tanh: 'tanh',
  linear: 'linear',
};

/**
 * Reads what the converter fused into a convolution or product, and what else may be: multiplications with and
 * additions of constants for each channel, which batch normalization leaves.
 */
export function readEpilogue(use: NodeUse, channels: number): Epilogue {
  const epilogue: Epilogue = { activation: 'linear', nodes: [use.node] };
  let next = 2;
  for (const name of use.attributes.texts('fused_ops')) {
    if (name === 'BiasAdd') add(epilogue, perChannel(use, next++, channels));
    else if (name === 'Prelu') epilogue.alpha = use.weight(next++);
    else if (name === 'LeakyRelu')
      epilogue.activation = leakyReLU({ alpha: use.attributes.number('leakyrelu_alpha', 0.2) });
    else if (Object.hasOwn(FUSED, name)) epilogue.activation = FUSED[name];
    else use.fail(`it is fused with ${name}`);
  }
  if (epilogue.activation === 'linear' && !epilogue.alpha) absorb(use, epilogue, channels);
  return epilogue;
}

function perChannel(use: NodeUse, index: number, channels: number): ArrayLike<number> {
  const numbers = numbersOf(use.known(index));
  if (numbers?.length === channels) return numbers;
  return use.corrupt(`its bias has ${numbers?.length} elements, but there are ${channels} channels`);
}

function absorb(use: NodeUse, epilogue: Epilogue, channels: number): void {
  let before = use.node;
  for (let node = use.readerOf(before); node; node = use.readerOf(before)) {
    if (node.inputs.length !== 2 || !['Add', 'AddV2', 'BiasAdd', 'Mul'].includes(node.op)) return;
    const side = node.inputs.findIndex(({ node: name }) => name !== before.name);
    const value = use.graph.values.get(node.inputs[side]?.node ?? '')?.[0];
    const numbers = numbersOf(value);
    if (!numbers || value?.kind !== 'known') return;
    const { shape } = value;
    const isScalar = sizeOf(shape) === 1 && shape.length <= 1;
    const isPerChannel = shape.at(-1) === channels && sizeOf(shape) === channels && shape.length <= 1;
    if (!isScalar && !isPerChannel) return;
    const all = isPerChannel ? numbers : new Float64Array(channels).fill(numbers[0]);
    if (node.op === 'Mul') multiply(epilogue, all);
    else add(epilogue, all);
    epilogue.nodes.push(node);
    before = node;
  }
}

function add(epilogue: Epilogue, numbers: ArrayLike<number>): void {
  const { shift } = epilogue;
  epilogue.shift = Float64Array.from(numbers, (each, i) => each + (shift?.[i] ?? 0));
}

function multiply(epilogue: Epilogue, factors: ArrayLike<number>): void {
  const { scale, shift } = epilogue;
  epilogue.scale = Float64Array.from(factors, (each, i) => each * (scale?.[i] ?? 1));
  if (shift) epilogue.shift = shift.map((each, i) => each * factors[i]);
}

/**
 * The weights of the layer: the kernel, and the bias, if there is one. Behind the output's channels, the kernel
 * has `inner` elements for each, which is 1 but for transposed convolutions.
 */
export function finishedWeights(kernel: Float32Array, { scale, shift }: Epilogue, inner = 1): Float32Array[] {
  if (scale) {
    for (let i = 0; i < kernel.length; i++) kernel[i] *= scale[Math.floor(i / inner) % scale.length];
  }
  return shift ? [kernel, Float32Array.from(shift)] : [kernel];
}

/** Ends the layers of a node, and makes their output the value of the nodes that they absorbed. */
export function finish(use: NodeUse, output: SymbolicTensor, { alpha, nodes }: Epilogue): Value {
  const [last] = nodes.slice(-1);
  const value = computed(alpha ? applyAlpha(use, output, alpha, use.nameOf(last)) : output);
  for (const { name } of nodes.slice(1)) use.graph.absorbed.set(name, value);
  for (const { name } of nodes.slice(0, -1)) use.graph.hidden.add(name);
  return value;
}

/** The name of the layer that has the kernel. */
export function layerName(use: NodeUse, { alpha, nodes }: Epilogue): string {
  const name = use.nameOf(nodes[nodes.length - 1]);
  return alpha ? `${name}/linear` : name;
}

function applyAlpha(use: NodeUse, output: SymbolicTensor, alpha: StoredWeight, name: string): SymbolicTensor {
  const rank = output.sampleShape.length;
  const missing = Math.max(0, rank - alpha.shape.length);
  const sizes = [...Array<number>(missing).fill(1), ...alpha.shape].slice(-rank);
  const sharedAxes = sizes.flatMap((size, axis) =>
    size === 1 && output.sampleShape[axis] !== 1 ? [axis + 1] : [],
  );
  return use.layer(prelu({ name, sharedAxes }), output, [alpha.values]);
}
