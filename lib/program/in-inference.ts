import type { NodeDescription, Shape } from './description.js';

/** Nodes of a program, in which each of another program's has its place. */
export interface Moved {
  nodes: readonly NodeDescription[];
  places: readonly number[];
}

/**
 * Nodes that do in training what those given do in prediction: batch normalization is by the moving statistics, nothing is drawn. Names and
 * weights are the same.
 */
export function inInference(given: readonly NodeDescription[]): Moved {
  const nodes: NodeDescription[] = [];
  const places: number[] = [];
  for (const node of given) {
    const inputs = node.inputs.map((input) => places[input]);
    const sharesWith = node.sharesWith === undefined ? undefined : places[node.sharesWith];
    const moved = { ...node, inputs, ...(sharesWith !== undefined && { sharesWith }) };
    nodes.push(...replacement(moved, nodes));
    places.push(nodes.length - 1);
  }
  return { nodes, places };
}

/** What stands in the node's place, behind the nodes `before` it. */
function replacement(node: NodeDescription, before: readonly NodeDescription[]): NodeDescription[] {
  switch (node.op) {
    case 'batchNormalization':
      return [{ ...node, attributes: { ...node.attributes, frozen: true } }];
    case 'dropout':
    case 'gaussianNoise':
    case 'randomAffine':
    case 'randomFlip':
    case 'randomTone':
      return [{ ...node, op: 'reshape', attributes: {} }];
    case 'randomCrop':
      return resizedMiddle(node, before[node.inputs[0]].shape, before.length);
    default:
      return [node];
  }
}

/** See `randomCrop` in description.ts. */
function resizedMiddle(
  node: NodeDescription,
  [height, width, channels]: Shape,
  index: number,
): NodeDescription[] {
  const [rows, columns] = node.shape;
  const window = [
    Math.max(Math.min(height, Math.floor((width * rows) / columns)), 1),
    Math.max(Math.min(width, Math.floor((height * columns) / rows)), 1),
  ];
  const left = [height - window[0], width - window[1]];
  const before = [...left.map((cells) => -Math.floor(cells / 2)), 0];
  const after = [...left.map((cells) => -Math.ceil(cells / 2)), 0];
  return [
    {
      ...node,
      name: `${node.name}/middle`,
      op: 'pad',
      attributes: { before, after },
      shape: [...window, channels],
    },
    { ...node, op: 'resize', inputs: [index], attributes: { kind: 'bilinear', size: [rows, columns] } },
  ];
}
