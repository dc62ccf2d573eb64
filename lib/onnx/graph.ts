import { corrupt } from '../io/failures.js';
import { show } from '../options.js';
import { inlined } from './functions.js';
import type {
  AttributeMessage,
  ModelMessage,
  NodeMessage,
  SparseMessage,
  TensorMessage,
  ValueMessage,
} from './messages.js';
import { textOf } from './tensors.js';

/** A size of an input or output: a number, a name, or null where nothing is said. */
export type Dimension = number | string | null;

/** An input or output of a graph, as the file declares it. */
export interface GraphPort {
  readonly name: string;
  /** With the batch in front; undefined if the file tells no shape. */
  readonly dims?: readonly Dimension[];
  /** The number of the type in TensorProto.DataType; 0 if it is no tensor. */
  readonly dataType: number;
}

/** The graph of a file, checked for its structure. */
export interface OnnxGraph {
  /** The file's name in messages. */
  readonly file: string;
  readonly writer: string;
  readonly irVersion: number;
  /** The version of ONNX's own operators. */
  readonly opset: number;
  /** Versions of all sets of operators by domain. */
  readonly opsets: Readonly<Record<string, number>>;
  /** The nodes that outputs depend on, in an order in which they can be computed. */
  readonly nodes: readonly OnnxNode[];
  readonly tensors: ReadonlyMap<string, TensorMessage>;
  /** Tensors whose zeros are left out. */
  readonly sparse: ReadonlyMap<string, SparseMessage>;
  readonly inputs: readonly GraphPort[];
  readonly outputs: readonly GraphPort[];
}

/** Types of attributes in AttributeProto.AttributeType. */
const KINDS = { f: 1, i: 2, s: 3, t: 4, floats: 6, ints: 7, strings: 8 } as const;

/** A node with its attributes. */
export class OnnxNode {
  readonly op: string;
  readonly domain: string;
  /** Names of values; '' for one that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** The node's own name, or that of its first output. */
  readonly name: string;
  readonly #attributes: ReadonlyMap<string, AttributeMessage>;
  readonly #file: string;

  constructor(file: string, message: NodeMessage) {
    this.#file = file;
    this.op = message.opType ?? '';
    this.domain = message.domain === 'ai.onnx' ? '' : (message.domain ?? '');
    this.inputs = message.input;
    this.outputs = message.output;
    this.name = message.name || message.output.find((each) => each !== '') || this.op;
    this.#attributes = new Map(message.attribute.map((each) => [each.name ?? '', each]));
  }

  /** "Conv 'conv1'" */
  get label(): string {
    const domain = this.domain === '' ? '' : `${this.domain}.`;
    return `${domain}${this.op} ${show(this.name)}`;
  }

  has(name: string): boolean {
    return this.#attributes.has(name);
  }

  float(name: string): number | undefined;
  float(name: string, missing: number): number;
  float(name: string, missing?: number): number | undefined {
    const found = this.#find(name, 'f');
    return found ? (found.f ?? 0) : missing;
  }

  int(name: string): number | undefined;
  int(name: string, missing: number): number;
  int(name: string, missing?: number): number | undefined {
    const found = this.#find(name, 'i');
    return found ? (found.i ?? 0) : missing;
  }

  string(name: string, missing: string): string {
    const found = this.#find(name, 's');
    return found ? textOf(found.s) : missing;
  }

  ints(name: string): readonly number[] | undefined {
    return this.#find(name, 'ints')?.ints;
  }

  floats(name: string): readonly number[] | undefined {
    return this.#find(name, 'floats')?.floats;
  }

  tensor(name: string): TensorMessage | undefined {
    return this.#find(name, 't')?.t;
  }

  #find(name: string, kind: keyof typeof KINDS): AttributeMessage | undefined {
    const found = this.#attributes.get(name);
    if (!found) return undefined;
    if (found.refAttrName)
      throw corrupt(this.#file, `${this.label}: ${name} refers to an attribute of a function`);
    // Files of the first versions have no types.
    if (found.type !== undefined && found.type !== 0 && found.type !== KINDS[kind])
      throw corrupt(
        this.#file,
        `${this.label}: the attribute ${name} has type ${found.type} instead of ${KINDS[kind]}`,
      );
    return found;
  }
}

/** Checks the structure of a model, and puts its functions' nodes into the graph. Throws CORRUPT_FILE, TOO_LARGE. */
export function readGraph(file: string, model: ModelMessage): OnnxGraph {
  const { graph, opsetImport, irVersion = 0, producerName = '', producerVersion = '' } = model;
  if (!graph) throw corrupt(file, 'there is no graph in this file, or it is no ONNX file');
  const opsets = Object.fromEntries(
    opsetImport.map(({ domain = '', version = 0 }) => [domain || 'ai.onnx', version]),
  );
  const tensors = new Map(graph.initializer.map((tensor) => [tensor.name ?? '', tensor]));
  const sparse = new Map(graph.sparseInitializer.map((each) => [each.values?.name ?? '', each]));
  const inputs = graph.input.map(readPort).filter(({ name }) => !tensors.has(name) && !sparse.has(name));
  const outputs = graph.output.map(readPort);
  if (outputs.length === 0) throw corrupt(file, 'the graph has no outputs');
  const nodes = inlined(file, graph.node, model.functions).map((node) => new OnnxNode(file, node));
  checkNames(file, nodes, [...inputs.map(({ name }) => name), ...tensors.keys(), ...sparse.keys()], outputs);
  return {
    file,
    writer: `${producerName} ${producerVersion}`.trim(),
    irVersion,
    // Files without a version are of the first one.
    opset: opsets['ai.onnx'] ?? 1,
    opsets,
    nodes: neededNodes(nodes, outputs),
    tensors,
    sparse,
    inputs,
    outputs,
  };
}

function readPort({ name = '', type }: ValueMessage): GraphPort {
  const { elemType = 0, shape } = type?.tensorType ?? {};
  const dims = shape?.dim.map(({ dimValue, dimParam }) => dimValue ?? (dimParam || null));
  return { name, dataType: elemType, ...(dims && { dims }) };
}

/** Each value must be given once, before it is used. */
function checkNames(
  file: string,
  nodes: readonly OnnxNode[],
  given: readonly string[],
  outputs: readonly GraphPort[],
): void {
  const known = new Set(['', ...given]);
  for (const node of nodes) {
    const missing = node.inputs.find((name) => !known.has(name));
    if (missing !== undefined)
      throw corrupt(
        file,
        `${node.label} uses ${show(missing)}, which nothing before it gives: there is a cycle, or nodes are missing or out of order`,
      );
    for (const name of node.outputs) {
      if (name !== '' && known.has(name))
        throw corrupt(file, `${node.label} gives ${show(name)}, which exists already`);
      known.add(name);
    }
  }
  const missing = outputs.find(({ name }) => name === '' || !known.has(name));
  if (missing) throw corrupt(file, `nothing gives the output ${show(missing.name)}`);
}

function neededNodes(nodes: readonly OnnxNode[], outputs: readonly GraphPort[]): OnnxNode[] {
  const needed = new Set(outputs.map(({ name }) => name));
  const kept: OnnxNode[] = [];
  for (const node of [...nodes].reverse()) {
    if (!node.outputs.some((name) => name !== '' && needed.has(name))) continue;
    kept.push(node);
    for (const name of node.inputs) needed.add(name);
  }
  return kept.reverse();
}
