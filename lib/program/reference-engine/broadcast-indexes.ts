import type { Shape } from '../description.js';
import { broadcastPlaces } from './broadcast.js';
import { elementCount } from './checks.js';

/** Something that is repeated to fill the samples of an output. */
export interface Repeated {
  shape: Shape;
  /** Whether there is one for each sample, as of a value, and not one for all, as of a parameter. */
  perSample: boolean;
}

/**
 * Calls `visit` for each element of the samples of an output. It gets the element's index, and the indexes of
 * the elements of each source that are repeated there. Sources may have fewer axes than the output: those in
 * front are missing.
 */
export function forEachRepeated(
  outputShape: Shape,
  samples: number,
  sources: readonly Repeated[],
  visit: (to: number, from: readonly number[]) => void,
): void {
  const size = elementCount(outputShape);
  const places = sources.map(({ shape }) =>
    broadcastPlaces(outputShape, [...Array(outputShape.length - shape.length).fill(1), ...shape]),
  );
  const steps = sources.map(({ shape, perSample }) => (perSample ? elementCount(shape) : 0));
  const from = sources.map(() => 0);
  for (let to = 0; to < samples * size; to++) {
    const sample = Math.floor(to / size);
    for (let i = 0; i < from.length; i++) from[i] = sample * steps[i] + places[i][to % size];
    visit(to, from);
  }
}

/** The inputs of a node, to be repeated. */
export const perSample = (shapes: readonly Shape[]): Repeated[] =>
  shapes.map((shape) => ({ shape, perSample: true }));
