import type { SymbolicTensor } from '../layers/symbolic-tensor.js';
import type { SampleShape } from '../layers/shapes.js';
import type { Shape } from '../program/description.js';

/** What goes in or comes out of a model. */
export interface ModelPort {
  /** That of the layer that gives it; with "_1" and so on behind it where one layer gives several. */
  name: string;
  /** Of one sample; null for sizes that may be any. */
  shape: SampleShape;
}

/** The same, for data at hand. */
export interface KnownPort extends ModelPort {
  shape: Shape;
}

/** What goes in and what comes out. */
export interface Signature {
  /** In the order in which lists of data are given. */
  inputs: readonly ModelPort[];
  /** In the order in which lists of targets are given and predictions come. */
  outputs: readonly ModelPort[];
}

/** Names and shapes; of several values of one layer, the second is called "name_1" and so on. */
export function modelPorts(tensors: readonly SymbolicTensor[]): ModelPort[] {
  const seen = new Map<string, number>();
  return tensors.map(({ name, sampleShape }) => {
    const number = seen.get(name) ?? 0;
    seen.set(name, number + 1);
    return { name: number === 0 ? name : `${name}_${number}`, shape: sampleShape };
  });
}
