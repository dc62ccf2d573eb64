import { type OptionChecks, show } from '../../options.js';
import type { Shape } from '../../program/description.js';
import type { Lowering } from '../../program/lower.js';
import { Layer, type LayerOptions } from '../base-layer.js';
import { showShape } from '../shapes.js';

/** One number for all sides, [vertical, horizontal], or [[top, bottom], [left, right]]. */
export type Edges2D =
  | number
  | readonly [number, number]
  | readonly [readonly [number, number], readonly [number, number]];

type Pairs = readonly [readonly [number, number], readonly [number, number]];

/** Adds rows and columns around images [height, width, channels] or takes them away. */
export abstract class EdgesLayer extends Layer {
  /** [[top, bottom], [left, right]]. */
  protected readonly edges: Pairs;

  /** `sign`: 1 adds, -1 takes away. */
  constructor(
    options: LayerOptions,
    what: string,
    edges: unknown,
    private readonly sign: 1 | -1,
  ) {
    super(options);
    this.edges = readEdges(this.checks, what, edges);
  }

  override computeOutputShape(inputShape: Shape): Shape {
    if (inputShape.length !== 3) {
      this.checks.fail(
        'SHAPE_MISMATCH',
        `the input is ${showShape(inputShape)}; it must be an image, [height, width, channels].`,
      );
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
      shape: this.computeOutputShape(lowering.shapeOf(input)),
    });
  }
}

const sum = (pair: readonly number[] = [0]) => pair.reduce((total, cells) => total + cells, 0);

function readEdges(checks: OptionChecks, what: string, value: unknown): Pairs {
  const axes = Array.isArray(value) ? value : [value, value];
  const pairs = axes.map((axis: unknown) => (Array.isArray(axis) ? axis : [axis, axis]));
  if (pairs.length !== 2 || pairs.some((pair) => pair.length !== 2)) {
    checks.fail(
      'INVALID_ARGUMENT',
      `${what} is ${show(value)}; give a number, [vertical, horizontal] or [[top, bottom], [left, right]].`,
    );
  }
  const whole = pairs.map((pair) => pair.map((cells: unknown) => checks.whole(what, cells, 0)));
  return whole as unknown as Pairs;
}
