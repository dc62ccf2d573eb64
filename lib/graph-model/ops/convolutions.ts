import { conv2d, conv2dTranspose, dense, depthwiseConv2d } from '../../layers/index.js';
import type { SymbolicTensor } from '../../layers/symbolic-tensor.js';
import type { Padding } from '../../layers/windows.js';
import { showShape } from '../../tensor/shapes.js';
import type { Mappers, NodeUse, StoredWeight } from '../node-use.js';
import { operation } from '../operation.js';
import { computed, type Value } from '../values.js';
import { type Epilogue, finish, finishedWeights, layerName, readEpilogue } from './epilogue.js';

/** Convolutions and products with a matrix, with what is fused into them. */
export const CONVOLUTIONS: Mappers = {
  Conv2D: convolution,
  _FusedConv2D: convolution,
  DepthwiseConv2dNative: depthwise,
  FusedDepthwiseConv2dNative: depthwise,
  Conv2DBackpropInput: transposed,
  MatMul: product,
  _FusedMatMul: product,
  BatchMatMul: batchProduct,
  BatchMatMulV2: batchProduct,
};

function convolution(use: NodeUse): Value {
  const kernel = imageKernel(use, 1);
  const [, , depth, filters] = kernel.shape;
  const { input, padding } = paddedInput(use, use.tensor());
  const channels = input.sampleShape.at(-1) ?? depth;
  const epilogue = readEpilogue(use, filters);
  const layer = conv2d({
    ...layerOptions(use, epilogue, kernel, padding),
    filters,
    groups: Math.max(1, Math.floor(channels / depth)),
  });
  return finish(use, use.layer(layer, input, finishedWeights(kernel.values, epilogue)), epilogue);
}

function depthwise(use: NodeUse): Value {
  const kernel = imageKernel(use, 1);
  const [, , channels, depthMultiplier] = kernel.shape;
  const { input, padding } = paddedInput(use, use.tensor());
  const epilogue = readEpilogue(use, channels * depthMultiplier);
  const layer = depthwiseConv2d({ ...layerOptions(use, epilogue, kernel, padding), depthMultiplier });
  return finish(use, use.layer(layer, input, finishedWeights(kernel.values, epilogue)), epilogue);
}

/** The convolution's transpose: inputs are the output's sizes, the kernel [h, w, filters, channels], the image. */
function transposed(use: NodeUse): Value {
  const kernel = imageKernel(use, 1);
  const [height, width, filters] = kernel.shape;
  const epilogue = readEpilogue(use, filters);
  const padding = readPadding(use);
  if (typeof padding !== 'string') return use.fail('it has explicit padding');
  const layer = conv2dTranspose({
    name: layerName(use, epilogue),
    filters,
    kernelSize: [height, width],
    strides: spatial(use, 'strides'),
    padding,
    useBias: epilogue.shift !== undefined,
  });
  const output = use.layer(layer, use.tensor(2), finishedWeights(kernel.values, epilogue, kernel.shape[3]));
  const sizes = use.known(0).values;
  const misfit = output.sampleShape.findIndex(
    (size, axis) => typeof sizes[axis + 1] === 'number' && size !== sizes[axis + 1],
  );
  if (misfit >= 0) {
    return use.fail(
      `its output is ${showShape(output.sampleShape)} here, but axis ${misfit + 1} is ${sizes[misfit + 1]} there`,
    );
  }
  return finish(use, output, epilogue);
}

/** x * W for a matrix W that is a constant. */
function product(use: NodeUse): Value {
  const input = use.tensor();
  if (use.attributes.flag('transpose_a')) return use.fail('it transposes the batch');
  if (use.inputs[1]?.kind !== 'known') return use.fail('it mixes the samples of the batch');
  const given = use.weight(1);
  if (given.shape.length !== 2) return use.corrupt(`its matrix is ${showShape(given.shape)}`);
  const kernel = use.attributes.flag('transpose_b') ? transposedMatrix(given) : given;
  const [, units] = kernel.shape;
  const epilogue = readEpilogue(use, units);
  const { activation, shift } = epilogue;
  const layer = dense({ name: layerName(use, epilogue), units, activation, useBias: shift !== undefined });
  return finish(use, use.layer(layer, input, finishedWeights(kernel.values, epilogue)), epilogue);
}

/** The products of the matrices of two values. */
function batchProduct(use: NodeUse): Value {
  const transposeA = use.attributes.flag('adj_x');
  const transposeB = use.attributes.flag('adj_y');
  return computed(operation(use, 'matMul', use.inputs, () => ({ transposeA, transposeB }))[0]);
}

function transposedMatrix({ shape: [rows, columns], values }: StoredWeight): StoredWeight {
  const turned = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++)
      turned[column * rows + row] = values[row * columns + column];
  }
  return { shape: [columns, rows], values: turned };
}

function layerOptions(use: NodeUse, epilogue: Epilogue, kernel: StoredWeight, padding: Padding) {
  const [height, width] = kernel.shape;
  return {
    name: layerName(use, epilogue),
    kernelSize: [height, width],
    strides: spatial(use, 'strides'),
    dilationRate: use.blocks?.dilation ?? spatial(use, 'dilations'),
    padding,
    activation: epilogue.activation,
    useBias: epilogue.shift !== undefined,
  } as const;
}

function imageKernel(use: NodeUse, index: number): StoredWeight {
  checkDataFormat(use);
  const kernel = use.weight(index);
  if (kernel.shape.length === 4 && kernel.values.length > 0) return kernel;
  return use.corrupt(`its kernel is ${showShape(kernel.shape)}; it must have four axes`);
}

/** Throws unless channels are last. */
export function checkDataFormat(use: NodeUse): void {
  const format = use.attributes.text('data_format', 'NHWC');
  if (format !== 'NHWC') use.fail(`its data_format is ${format}; NHWC can be loaded`);
}

/** Height and width of a list [1, height, width, 1]. */
export function spatial(use: NodeUse, name: string): readonly [number, number] {
  const list = use.attributes.wholes(name);
  if (list.length === 0) return [1, 1];
  const [batch, height, width, channels] = list;
  if (list.length === 4 && batch === 1 && channels === 1) return [height, width];
  return use.fail(`its ${name} are [${list.join(', ')}]; the first and last must be 1`);
}

export function readPadding(use: NodeUse): Padding {
  const padding = use.attributes.text('padding', 'VALID');
  if (padding === 'SAME') return 'same';
  if (padding === 'VALID') return 'valid';
  const [, , top, bottom, left, right] = use.attributes.wholes('explicit_paddings');
  const isGiven = padding === 'EXPLICIT' && right !== undefined;
  return isGiven
    ? [
        [top, bottom],
        [left, right],
      ]
    : use.fail(`its padding is ${padding}`);
}

/** A convolution's input and padding. What a Pad before it does becomes its own padding. */
function paddedInput(use: NodeUse, tensor: SymbolicTensor): { input: SymbolicTensor; padding: Padding } {
  const padding = readPadding(use);
  if (use.blocks) {
    const isDense = padding === 'valid' && spatial(use, 'strides').every((stride) => stride === 1);
    return isDense
      ? { input: tensor, padding: use.blocks.padding }
      : use.fail('it is dilated and has strides or padding');
  }
  const padded = padding === 'valid' ? use.graph.padded.get(tensor) : undefined;
  return padded ?? { input: tensor, padding };
}
