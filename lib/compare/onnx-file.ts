import { imagesShape, kernelShape, type NetworkSpec, placeLayers } from './network.js';

/*
 * Writes ONNX models: protocol buffers of the messages ModelProto, GraphProto and so on of onnx.proto. A field is
 * its number and type, then its value. Only what these networks need is here.
 */

const OPSET = 13n;
const IR_VERSION = 7n;
const FLOAT = 1n;

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 0x80 : low);
  } while (rest > 0n);
  return Buffer.from(bytes);
}

function number(field: number, value: bigint): Buffer {
  return Buffer.concat([varint(BigInt(field << 3)), varint(value)]);
}

/** A field of bytes, a text or a message. */
function bytes(field: number, value: Buffer | string): Buffer {
  const content = typeof value === 'string' ? Buffer.from(value) : value;
  return Buffer.concat([varint(BigInt((field << 3) | 2)), varint(BigInt(content.length)), content]);
}

/** AttributeProto of one number (type 2) or several (type 7). */
function attribute(name: string, value: number | readonly number[]): Buffer {
  const content =
    typeof value === 'number'
      ? [number(3, BigInt(value)), number(20, 2n)]
      : [...value.map((each) => number(8, BigInt(each))), number(20, 7n)];
  return Buffer.concat([bytes(1, name), ...content]);
}

/** NodeProto. */
function node(
  type: string,
  inputs: readonly string[],
  output: string,
  attributes: Record<string, number | readonly number[]> = {},
): Buffer {
  return Buffer.concat([
    ...inputs.map((input) => bytes(1, input)),
    bytes(2, output),
    bytes(3, output),
    bytes(4, type),
    ...Object.entries(attributes).map(([name, value]) => bytes(5, attribute(name, value))),
  ]);
}

/** TensorProto of floats. */
function tensor(name: string, shape: readonly number[], values: Float32Array): Buffer {
  const { buffer, byteOffset, byteLength } = values;
  return Buffer.concat([
    ...shape.map((size) => number(1, BigInt(size))),
    number(2, FLOAT),
    bytes(8, name),
    bytes(9, Buffer.from(buffer, byteOffset, byteLength)),
  ]);
}

/** ValueInfoProto of floats, [n, ...shape]. */
function value(name: string, shape: readonly number[]): Buffer {
  const sizes = [bytes(1, bytes(2, 'n')), ...shape.map((size) => bytes(1, number(1, BigInt(size))))];
  const type = bytes(1, Buffer.concat([number(1, FLOAT), bytes(2, Buffer.concat(sizes))]));
  return Buffer.concat([bytes(1, name), bytes(2, type)]);
}

/**
 * A network as an ONNX model, from `x` to `y`, with channels before rows. `weights` are those of channelsFirst.
 */
export function onnxModel(network: NetworkSpec, weights: readonly Float32Array[]): Buffer {
  const graph: Buffer[] = [];
  const initializers: Buffer[] = [];
  let from = 'x';
  const add = (type: string, others: readonly string[] = [], attributes = {}) => {
    const output = `v${graph.length}`;
    graph.push(node(type, [from, ...others], output, attributes));
    from = output;
  };
  for (const placed of placeLayers(network)) {
    const { layer } = placed;
    const kernel = kernelShape(placed);
    const names: string[] = [];
    if (kernel !== undefined) {
      const outputs = kernel[kernel.length - 1];
      const shape = layer.kind === 'conv' ? [outputs, kernel[2], kernel[0], kernel[1]] : [outputs, kernel[0]];
      for (const sizes of [shape, [outputs]]) {
        names.push(`w${initializers.length}`);
        initializers.push(tensor(`w${initializers.length}`, sizes, weights[initializers.length]));
      }
    }
    if (layer.kind === 'conv') add('Conv', names, { kernel_shape: [layer.size, layer.size] });
    else if (layer.kind === 'dense') add('Gemm', names, { transB: 1 });
    else if (layer.kind === 'flatten') add('Flatten');
    else add('MaxPool', [], { kernel_shape: [layer.size, layer.size], strides: [layer.size, layer.size] });
    const activation = 'activation' in layer ? layer.activation : undefined;
    if (activation !== undefined) add(activation === 'relu' ? 'Relu' : 'Softmax');
  }
  add('Identity');
  const output = placeLayers(network).at(-1)?.output ?? network.input;
  const graphMessage = Buffer.concat([
    ...graph.map((each) => bytes(1, each)),
    bytes(2, 'network'),
    ...initializers.map((each) => bytes(5, each)),
    bytes(11, value('x', imagesShape(network.input))),
    bytes(12, value(from, imagesShape(output))),
  ]);
  return Buffer.concat([
    number(1, IR_VERSION),
    bytes(2, 'convforge'),
    bytes(7, graphMessage),
    bytes(8, Buffer.concat([bytes(1, ''), number(2, OPSET)])),
  ]);
}
