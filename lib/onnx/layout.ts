import type { Context } from './context.js';
import type { OnnxNode } from './graph.js';
import { identityOrder, sameOrder } from './values.js';

/** Axes of a batch of images. */
const IMAGE = 4;

/** Operators that take and give images with channels first. */
const CHANNELS_FIRST: ReadonlySet<string> = new Set([
  'AveragePool',
  'BatchNormalization',
  'Conv',
  'ConvTranspose',
  'DepthToSpace',
  'GlobalAveragePool',
  'GlobalMaxPool',
  'GroupNormalization',
  'InstanceNormalization',
  'LRN',
  'LpPool',
  'MaxPool',
  'SpaceToDepth',
]);

/** Operators whose outputs don't have the axes of their inputs. */
const OTHER_AXES: ReadonlySet<string> = new Set([
  'Flatten',
  'Gather',
  'Gemm',
  'MatMul',
  'Reshape',
  'Shape',
  'Size',
  'Squeeze',
  'Unsqueeze',
]);

/**
 * Whether an input of the file isn't to be turned: it is permuted before anything takes channels first. Where nothing
 * tells, images have channels first, and values with other numbers of axes stay as they are.
 */
export function isInputChannelsLast(context: Context, name: string, rank: number): boolean {
  const consumers = new Map<string, OnnxNode[]>();
  for (const node of context.graph.nodes) {
    for (const input of node.inputs) {
      const known = consumers.get(input);
      if (known) known.push(node);
      else consumers.set(input, [node]);
    }
  }
  const [first] = orders(rank);
  const met = meets(
    name,
    first,
    (value) => consumers.get(value) ?? [],
    ({ outputs }) => outputs,
  );
  return met ?? rank !== IMAGE;
}

/** The same of an output: it was permuted after anything that gives channels first. */
export function isOutputChannelsLast(context: Context, name: string, rank: number): boolean {
  const maker = (value: string) => {
    const node = context.makers.get(value);
    return node ? [node] : [];
  };
  const [, last] = orders(rank);
  return meets(name, last, maker, ({ inputs }) => inputs) ?? rank !== IMAGE;
}

/** The axes of a Transpose to channels first, and to channels last. */
function orders(rank: number): [number[], number[]] {
  const spatial = identityOrder(rank).slice(1, -1);
  return [
    [0, rank - 1, ...spatial],
    [0, ...spatial.map((axis) => axis + 1), 1],
  ];
}

/**
 * Whether a walk along the graph, nearest nodes first, meets a Transpose to `order` before anything with channels
 * first; undefined if it meets neither.
 */
function meets(
  from: string,
  order: readonly number[],
  nodesAt: (value: string) => readonly OnnxNode[],
  valuesOf: (node: OnnxNode) => readonly string[],
): boolean | undefined {
  const seen = new Set([from]);
  for (const value of seen) {
    for (const node of nodesAt(value)) {
      if (CHANNELS_FIRST.has(node.op)) return false;
      if (node.op === 'Transpose' && sameOrder(node.ints('perm') ?? [], order)) return true;
      if (node.op === 'Transpose' || OTHER_AXES.has(node.op)) continue;
      for (const each of valuesOf(node)) if (each !== '') seen.add(each);
    }
  }
  return undefined;
}
