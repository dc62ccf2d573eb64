import { cannot, type Use } from '../context.js';
import type { Value } from '../values.js';
import * as arithmetic from './arithmetic.js';
import * as activations from './activations.js';
import * as convolution from './convolution.js';
import * as convolutionTranspose from './convolution-transpose.js';
import * as cutting from './cutting.js';
import * as dense from './dense.js';
import { localResponse } from './local-response.js';
import * as normalization from './normalization.js';
import * as padding from './padding.js';
import * as plain from './plain.js';
import * as pooling from './pooling.js';
import * as quantizing from './quantizing.js';
import * as rearranging from './rearranging.js';
import * as reducing from './reducing.js';
import * as resizing from './resizing.js';

/** Makes a node's outputs of its inputs. Throws UNSUPPORTED with the reason, without the node's name. */
export type Mapper = (use: Use) => Value | readonly Value[];

/** The operators that can be done, by name. */
export const MAPPERS: ReadonlyMap<string, Mapper> = new Map<string, Mapper>([
  ...arithmetic.BINARY_NAMES.map((name) => [name, arithmetic.binary] as const),
  ...arithmetic.UNARY_NAMES.map((name) => [name, arithmetic.unary] as const),
  ...reducing.REDUCTION_NAMES.map((name) => [name, reducing.reduce] as const),
  ['AveragePool', pooling.pool],
  ['BatchNormalization', normalization.batchNormalization],
  ['Cast', plain.cast],
  ['CastLike', plain.cast],
  ['Celu', activations.celu],
  ['Clip', activations.clip],
  ['Concat', rearranging.concat],
  ['Constant', plain.constantNode],
  ['ConstantOfShape', plain.constantOfShape],
  ['Conv', convolution.conv],
  ['ConvTranspose', convolutionTranspose.convTranspose],
  ['DepthToSpace', rearranging.depthToSpace],
  ['DequantizeLinear', quantizing.dequantize],
  ['Dropout', activations.dropout],
  ['Elu', activations.elu],
  ['Exp', activations.named],
  ['Expand', cutting.expand],
  ['Flatten', rearranging.flatten],
  ['Gather', cutting.gather],
  ['Gelu', activations.gelu],
  ['Gemm', dense.gemm],
  ['GlobalAveragePool', pooling.globalPool],
  ['GlobalMaxPool', pooling.globalPool],
  ['GroupNormalization', normalization.groupNormalization],
  ['HardSigmoid', activations.hardSigmoid],
  ['HardSwish', activations.named],
  ['Identity', plain.identity],
  ['InstanceNormalization', normalization.instanceNormalization],
  ['LRN', localResponse],
  ['LayerNormalization', normalization.layerNormalization],
  ['LeakyRelu', activations.leakyRelu],
  ['LogSoftmax', activations.softmax],
  ['LpPool', pooling.lpPool],
  ['MatMul', dense.matMul],
  ['MaxPool', pooling.pool],
  ['Mean', arithmetic.mean],
  ['Mish', activations.named],
  ['Pad', padding.pad],
  ['PRelu', activations.prelu],
  ['QuantizeLinear', quantizing.quantize],
  ['Range', plain.range],
  ['Relu', activations.relu],
  ['Reshape', rearranging.reshape],
  ['Resize', resizing.resize],
  ['Selu', activations.selu],
  ['Shape', plain.shapeOf],
  ['Sigmoid', activations.named],
  ['Size', plain.sizeNode],
  ['Slice', cutting.slice],
  ['Softmax', activations.softmax],
  ['Softplus', activations.named],
  ['Softsign', activations.named],
  ['SpaceToDepth', rearranging.spaceToDepth],
  ['Split', cutting.split],
  ['Squeeze', rearranging.squeeze],
  ['Sum', arithmetic.sum],
  ['Tanh', activations.named],
  ['ThresholdedRelu', activations.thresholdedRelu],
  ['Tile', cutting.tile],
  ['Transpose', rearranging.transpose],
  ['Unsqueeze', rearranging.unsqueeze],
  ['Upsample', resizing.resize],
  ['Where', arithmetic.where],
]);

/** The mapper of an operator. */
export function mapperOf({ domain, op }: { domain: string; op: string }): Mapper {
  const mapper = domain === '' ? MAPPERS.get(op) : undefined;
  return (
    mapper ?? cannot(domain === '' ? "this operator can't be done" : `the domain ${domain} isn't ONNX's own`)
  );
}
