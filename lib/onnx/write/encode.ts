import { ConvforgeError } from '../../errors.js';
import { VERSION } from '../../version.js';
import {
  type AttributeMessage,
  GRAPH,
  MODEL,
  type NodeMessage,
  TENSOR,
  type ValueMessage,
} from '../messages.js';
import { permuted } from '../weights.js';
import { fieldHeader, type Written, writeMessage } from '../write-message.js';
import type {
  WrittenAttribute,
  WrittenGraph,
  WrittenNode,
  WrittenPort,
  WrittenTensor,
  WrittenWeight,
} from './graph.js';

const OPSET = 17;
/** The version of the format that opset 17 came with. */
const IR_VERSION = 8;
/** Protobuf's limit of a message. */
const MAX_BYTES = 2 ** 31 - 1;

/** TensorProto.DataType. */
const DATA_TYPES = { float32: 1, int32: 6, uint8: 9, int64: 7 } as const;

/** AttributeProto.AttributeType. */
const [FLOAT, INT, STRING, INTS] = [1, 2, 3, 7];

/** Attributes that hold a number of float32. */
const FLOAT_ATTRIBUTES = new Set(['alpha', 'beta', 'bias', 'epsilon', 'gamma']);

/** The bytes of a file, in pieces. Throws TOO_LARGE. */
export function* encodeModel(
  name: string,
  { graph, inputs, outputs }: WrittenGraph,
  weights: readonly Float32Array[],
): Generator<void, Uint8Array[]> {
  const body = writeMessage(GRAPH, {
    node: graph.nodes.map(nodeMessage),
    name,
    input: inputs.map(valueMessage),
    output: outputs.map(valueMessage),
  });
  const pieces: Uint8Array[] = [body];
  for (const tensor of graph.tensors) pieces.push(...(yield* encodeTensor(tensor, weights)));
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const head = writeMessage(MODEL, {
    irVersion: IR_VERSION,
    producerName: 'convforge',
    producerVersion: VERSION,
    opsetImport: [{ domain: '', version: OPSET }],
  });
  if (head.length + length > MAX_BYTES - 16)
    throw new ConvforgeError(
      'TOO_LARGE',
      `${name}: an ONNX file holds 2 GB at most; this needs ${length} bytes.`,
    );
  return [head, fieldHeader(MODEL, 'graph', length), ...pieces];
}

/** A tensor's field of the graph: its values are a piece of their own, so that they aren't copied. */
function* encodeTensor(
  { name, dtype, shape, values }: WrittenTensor,
  weights: readonly Float32Array[],
): Generator<void, Uint8Array[]> {
  const array = 'index' in values ? yield* arranged(values, weights[values.index]) : values;
  const raw = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  const start = writeMessage(TENSOR, {
    dims: shape,
    dataType: DATA_TYPES[dtype],
    name,
  });
  const rawHeader = fieldHeader(TENSOR, 'rawData', raw.length);
  const length = start.length + rawHeader.length + raw.length;
  return [fieldHeader(GRAPH, 'initializer', length), start, rawHeader, raw];
}

/** The values of a weight with its axes permuted. */
function* arranged({ from, axes }: WrittenWeight, values: Float32Array): Generator<void, Float32Array> {
  return axes.every((axis, i) => axis === i) ? values : yield* permuted(values, from, axes);
}

function nodeMessage({ name, opType, inputs, outputs, attributes }: WrittenNode): Written<NodeMessage> {
  const attribute = Object.entries(attributes).map(([key, value]) => attributeMessage(key, value));
  return { input: inputs, output: outputs, name, opType, attribute };
}

function attributeMessage(name: string, value: WrittenAttribute): Written<AttributeMessage> {
  if (typeof value === 'string') return { name, s: Buffer.from(value), type: STRING };
  if (typeof value !== 'number') return { name, ints: value, type: INTS };
  return FLOAT_ATTRIBUTES.has(name) ? { name, f: value, type: FLOAT } : { name, i: value, type: INT };
}

function valueMessage({ name, dtype, shape }: WrittenPort): Written<ValueMessage> {
  const dim = shape.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType: DATA_TYPES[dtype], shape: { dim } } } };
}
