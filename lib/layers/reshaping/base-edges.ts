import { type OptionChecks, show } from '../../options.js';
import type { Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import { Layer, type LayerOptions } from '../base-layer.js';
import { showShape } from '../shapes.js';

/** One number for all sides, [vertical, horizontal], or [[top, bottom], [left, right]]. */
export type Edges2D =
  | number
  | readonly [number, number]
  | readonly [readonly [number, number], readonly [number, number]];

/** One number for both ends of a sequence, or [before, after]. */
export type Edges1D = number | readonly [number, number];

type Pairs = readonly (readonly [number, number])[];

/** Adds cells around images [height, width, channels] or sequences [steps, channels], or takes them away. */
export abstract class EdgesLayer extends Layer {
  /** [[top, bottom], [left, right]], or [[before, after]]. */
  protected readonly edges: Pairs;

  /** `sign`: 1 adds, -1 takes away; `axes`: 2 for images, 1 for sequences. */
  constructor(
    options: LayerOptions,
    what: string,
    edges: unknown,
    private readonly sign: 1 | -1,
    axes: 1 | 2,
  ) {
    super(options);
    this.edges = readEdges(this.checks, what, edges, axes);
  }

  protected override inferShape(inputShape: Shape): Shape {
    const axes = this.edges.length;
    if (inputShape.length !== axes + 1) {
      const expected = axes === 2 ? 'an image, [height, width, channels]' : 'a sequence, [steps, channels]';
      this.checks.fail('SHAPE_MISMATCH', `the input is ${showShape(inputShape)}; it must be ${expected}.`);
    }
    const shape = inputShape.map((size, axis) => size + this.sign * sum(this.edges[axis]));
    if (shape.some((size) => size < 1)) {
      this.checks.fail('SHAPE_MISMATCH', `nothing would be left of ${showShape(inputShape)}; crop less.`);
    }
    return shape;
  }

  override lower(lowering: Lowering, input: number): number {
    const side = (index: 0 | 1) => [...this.edges.map((pair) => this.sign * pair[index]), 0];
    return lowering.add({
      name: this.name,
      op: 'pad',
      inputs: [input],
      attributes: { before: side(0), after: side(1) },
      shape: this.inferShape(lowering.shapeOf(input)),
    });
  }
}

const sum = (pair: readonly number[] = [0]) => pair.reduce((total, cells) => total + cells, 0);

function readEdges(checks: OptionChecks, what: string, value: unknown, axes: 1 | 2): Pairs {
  const perAxis: unknown[] = axes === 1 ? [value] : Array.isArray(value) ? value : [value, value];
  const pairs = perAxis.map((axis): unknown[] => (Array.isArray(axis) ? axis : [axis, axis]));
  if (pairs.length !== axes || pairs.some((pair) => pair.length !== 2)) {
    const forms =
      axes === 1 ? ' or [before, after]' : ', [vertical, horizontal] or [[top, bottom], [left, right]]';
    checks.fail('INVALID_ARGUMENT', `${what} is ${show(value)}; give a number${forms}.`);
  }
  return pairs.map(([before, after]) => [checks.whole(what, before, 0), checks.whole(what, after, 0)]);
}
