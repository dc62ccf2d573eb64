import { type OptionChecks, show } from '../../options.js';
import type { AttributesOf, Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import { Layer } from '../base-layer.js';
import { opShape } from '../op-shape.js';
import type { Kind } from '../options/schema.js';
import { checkSpatial } from './sequences.js';

/** One number for all sides, [vertical, horizontal], or [[top, bottom], [left, right]]. */
export type Edges2D =
  | number
  | readonly [number, number]
  | readonly [readonly [number, number], readonly [number, number]];

/** One number for both ends of a sequence, or [before, after]. */
export type Edges1D = number | readonly [number, number];

/** [before, after]. */
export const edges1d: Kind<Edges1D, readonly [number, number]> = {
  read: (checks, name, value) => readEdges(checks, name, value, [value])[0],
  write: (edges) => [...edges],
};

/** [[top, bottom], [left, right]]. */
export const edges2d: Kind<Edges2D, readonly [readonly [number, number], readonly [number, number]]> = {
  read(checks, name, value) {
    const axes: readonly unknown[] = Array.isArray(value) ? value : [value, value];
    if (axes.length !== 2) failForm(checks, name, value, 2);
    const [vertical, horizontal] = readEdges(checks, name, value, axes);
    return [vertical, horizontal];
  },
  write: (edges) => edges.map((pair) => [...pair]),
};

/** Reads [before, after] of each axis; `axes` holds the value given for each. */
function readEdges(
  checks: OptionChecks,
  name: string,
  value: unknown,
  axes: readonly unknown[],
): [number, number][] {
  const pairs = axes.map((axis): unknown[] => (Array.isArray(axis) ? axis : [axis, axis]));
  if (pairs.some((pair) => pair.length !== 2)) failForm(checks, name, value, axes.length);
  return pairs.map(([before, after]) => [checks.whole(name, before, 0), checks.whole(name, after, 0)]);
}

function failForm(checks: OptionChecks, name: string, value: unknown, axes: number): never {
  const forms =
    axes === 1 ? ' or [before, after]' : ', [vertical, horizontal] or [[top, bottom], [left, right]]';
  return checks.fail('INVALID_ARGUMENT', `${name} is ${show(value)}; give a number${forms}.`);
}

/** Adds zeros around images [height, width, channels] or sequences [steps, channels], or crops them. */
export abstract class EdgesLayer extends Layer {
  /** [[top, bottom], [left, right]], or [[before, after]]. */
  protected abstract readonly edges: readonly (readonly [number, number])[];
  /** 1 pads, -1 crops. */
  protected abstract readonly sign: 1 | -1;

  protected override inferShape(inputShape: Shape): Shape {
    checkSpatial(this.checks, this.edges.length, inputShape);
    return opShape(this.checks, 'pad', [inputShape], this.#attributes);
  }

  get #attributes(): AttributesOf<'pad'> {
    const side = (index: 0 | 1) => [...this.edges.map((pair) => this.sign * pair[index]), 0];
    return { before: side(0), after: side(1) };
  }

  override lower(lowering: Lowering, input: number): number {
    return lowering.add({ name: this.name, op: 'pad', inputs: [input], attributes: this.#attributes });
  }
}
