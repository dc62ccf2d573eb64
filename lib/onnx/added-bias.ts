import { sizeOf } from '../tensor/shapes.js';
import { type Constant, reshaped } from './constants.js';
import type { Use } from './context.js';
import type { OnnxNode } from './graph.js';

/** An Add of one number for each channel, which a kernel takes as its bias. */
export interface AddedBias {
  node: OnnxNode;
  /** The name of the constant. */
  name: string;
  vector: Constant;
}

/**
 * The Add of a constant that alone takes a node's output, if the constant has `units` numbers along one axis.
 * `trailing` axes follow that one.
 */
export function addedBias({ context, node }: Use, units: number, trailing = 0): AddedBias | undefined {
  const [output] = node.outputs;
  if (context.uses.get(output) !== 1) return undefined;
  const next = context.graph.nodes.find(({ inputs }) => inputs.includes(output));
  if (next?.op !== 'Add' || next.inputs.length !== 2) return undefined;
  const name = next.inputs[next.inputs[0] === output ? 1 : 0];
  const vector = context.value(name);
  if (vector?.kind !== 'constant' || sizeOf(vector.shape) !== units) return undefined;
  const { length } = vector.shape;
  const isAlong = length <= trailing + 2 && vector.shape[length - 1 - trailing] === units;
  return isAlong ? { node: next, name, vector: reshaped(vector, [units]) } : undefined;
}
