/*
 * The messages of ONNX files that are read and written, as facts of the public onnx.proto: names, numbers and
 * kinds of fields. Other fields, such as documentation, are passed over.
 */

/**
 * The kind of a field. 'packed' is a list of numbers that is kept as bytes, since it may hold weights: each
 * entry has one or more of them. Any other kind of list is read number by number.
 */
export type FieldKind = 'integer' | 'float' | 'string' | 'bytes' | 'packed' | MessageType;

/** A field of a message. */
export interface Field {
  readonly name: string;
  readonly number: number;
  readonly kind: FieldKind;
  readonly isList: boolean;
}

/** A message by its fields. T is its type once it is read. */
export class MessageType<T = unknown> {
  declare readonly message: T;
  readonly byNumber: ReadonlyMap<number, Field>;

  constructor(
    readonly name: string,
    readonly fields: readonly Field[],
  ) {
    this.byNumber = new Map(fields.map((field) => [field.number, field]));
  }
}

const one = (number: number, name: string, kind: FieldKind): Field => ({ name, number, kind, isList: false });
const list = (number: number, name: string, kind: FieldKind): Field => ({ name, number, kind, isList: true });

/** A key with its value. */
export interface EntryMessage {
  key?: string;
  value?: string;
}

const ENTRY = new MessageType('StringStringEntryProto', [one(1, 'key', 'string'), one(2, 'value', 'string')]);

/** Numbers or strings of a shape, in one of several forms. */
export interface TensorMessage {
  dims: number[];
  dataType?: number;
  segment?: object;
  floatData: Uint8Array[];
  int32Data: Uint8Array[];
  stringData: Uint8Array[];
  int64Data: Uint8Array[];
  name?: string;
  rawData?: Uint8Array;
  doubleData: Uint8Array[];
  uint64Data: Uint8Array[];
  externalData: EntryMessage[];
  dataLocation?: number;
}

export const TENSOR = new MessageType<TensorMessage>('TensorProto', [
  list(1, 'dims', 'integer'),
  one(2, 'dataType', 'integer'),
  one(3, 'segment', new MessageType('Segment', [])),
  list(4, 'floatData', 'packed'),
  list(5, 'int32Data', 'packed'),
  list(6, 'stringData', 'bytes'),
  list(7, 'int64Data', 'packed'),
  one(8, 'name', 'string'),
  one(9, 'rawData', 'bytes'),
  list(10, 'doubleData', 'packed'),
  list(11, 'uint64Data', 'packed'),
  list(13, 'externalData', ENTRY),
  one(14, 'dataLocation', 'integer'),
]);

/** The elements of a tensor that aren't 0, with their places. */
export interface SparseMessage {
  /** They have the tensor's name. */
  values?: TensorMessage;
  indices?: TensorMessage;
  dims: number[];
}

const SPARSE = new MessageType('SparseTensorProto', [
  one(1, 'values', TENSOR),
  one(2, 'indices', TENSOR),
  list(3, 'dims', 'integer'),
]);

/** A size: a number, or a name for one that may vary. */
export interface DimensionMessage {
  dimValue?: number;
  dimParam?: string;
}

const DIMENSION = new MessageType('Dimension', [one(1, 'dimValue', 'integer'), one(2, 'dimParam', 'string')]);
const SHAPE = new MessageType('TensorShapeProto', [list(1, 'dim', DIMENSION)]);
const TENSOR_TYPE = new MessageType('TypeProto.Tensor', [
  one(1, 'elemType', 'integer'),
  one(2, 'shape', SHAPE),
]);
const TYPE = new MessageType('TypeProto', [one(1, 'tensorType', TENSOR_TYPE)]);

/** The name and type of an input or output. */
export interface ValueMessage {
  name?: string;
  type?: { tensorType?: { elemType?: number; shape?: { dim: DimensionMessage[] } } };
}

const VALUE = new MessageType('ValueInfoProto', [one(1, 'name', 'string'), one(2, 'type', TYPE)]);

/** An attribute of a node. The field that its type names has the value. */
export interface AttributeMessage {
  name?: string;
  f?: number;
  i?: number;
  s?: Uint8Array;
  t?: TensorMessage;
  floats: number[];
  ints: number[];
  strings: Uint8Array[];
  type?: number;
  refAttrName?: string;
}

/** A use of an operator. */
export interface NodeMessage {
  input: string[];
  output: string[];
  name?: string;
  opType?: string;
  domain?: string;
  attribute: AttributeMessage[];
  /** Tells functions of one name apart. */
  overload?: string;
}

/** The nodes of a model and its weights. */
export interface GraphMessage {
  node: NodeMessage[];
  name?: string;
  initializer: TensorMessage[];
  input: ValueMessage[];
  output: ValueMessage[];
  sparseInitializer: SparseMessage[];
}

const ATTRIBUTE = new MessageType('AttributeProto', [
  one(1, 'name', 'string'),
  one(2, 'f', 'float'),
  one(3, 'i', 'integer'),
  one(4, 's', 'bytes'),
  one(5, 't', TENSOR),
  list(7, 'floats', 'float'),
  list(8, 'ints', 'integer'),
  list(9, 'strings', 'bytes'),
  one(20, 'type', 'integer'),
  one(21, 'refAttrName', 'string'),
]);

const NODE = new MessageType('NodeProto', [
  list(1, 'input', 'string'),
  list(2, 'output', 'string'),
  one(3, 'name', 'string'),
  one(4, 'opType', 'string'),
  list(5, 'attribute', ATTRIBUTE),
  one(7, 'domain', 'string'),
  one(8, 'overload', 'string'),
]);

export const GRAPH = new MessageType<GraphMessage>('GraphProto', [
  list(1, 'node', NODE),
  one(2, 'name', 'string'),
  list(5, 'initializer', TENSOR),
  list(11, 'input', VALUE),
  list(12, 'output', VALUE),
  list(15, 'sparseInitializer', SPARSE),
]);

/** The version of a set of operators; the domain '' is ONNX's own. */
export interface OpsetMessage {
  domain?: string;
  version?: number;
}

const OPSET = new MessageType('OperatorSetIdProto', [
  one(1, 'domain', 'string'),
  one(2, 'version', 'integer'),
]);

/** An operator that the file defines by nodes. */
export interface FunctionMessage {
  name?: string;
  domain?: string;
  overload?: string;
  input: string[];
  output: string[];
  node: NodeMessage[];
  /** Attributes that have a value if a use gives none. */
  attributeProto: AttributeMessage[];
}

const FUNCTION = new MessageType('FunctionProto', [
  one(1, 'name', 'string'),
  list(4, 'input', 'string'),
  list(5, 'output', 'string'),
  list(7, 'node', NODE),
  one(10, 'domain', 'string'),
  list(11, 'attributeProto', ATTRIBUTE),
  one(13, 'overload', 'string'),
]);

/** A whole file. */
export interface ModelMessage {
  irVersion?: number;
  producerName?: string;
  producerVersion?: string;
  graph?: GraphMessage;
  opsetImport: OpsetMessage[];
  functions: FunctionMessage[];
}

export const MODEL = new MessageType<ModelMessage>('ModelProto', [
  one(1, 'irVersion', 'integer'),
  one(2, 'producerName', 'string'),
  one(3, 'producerVersion', 'string'),
  one(7, 'graph', GRAPH),
  list(8, 'opsetImport', OPSET),
  list(25, 'functions', FUNCTION),
]);
