import { show } from '../../options.js';
import type { Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import type { Given, Shaped } from '../../shape-types/index.js';
import { LAYER_SCHEMA, Layer, type LayerOptions } from '../base-layer.js';
import { flag } from '../options/kinds.js';
import { type FieldsOf, type Kind, optional, required, type SchemaOf } from '../options/schema.js';
import { elementCount, showShape } from '../shapes.js';

export interface DotOptions extends LayerOptions {
  /**
   * The axis to sum over: one for both inputs, or one for each. The batch is axis 0; a negative axis counts
   * from the end.
   */
  axes: number | readonly [number, number];
  /**
   * Whether to normalize vectors along that axis to length 1 first, so that the results are cosine
   * similarities. The squared length counts as at least 1e-12 (in a layer of a TF.js file: 1e-7). Default
   * false.
   */
  normalize?: boolean;
}

const axes: Kind<DotOptions['axes']> = {
  read(checks, name, value) {
    const list: unknown[] = Array.isArray(value) ? value : [value];
    const isAxis = (axis: unknown) => Number.isSafeInteger(axis) && axis !== 0;
    if (!list.every(isAxis) || (Array.isArray(value) && value.length !== 2)) {
      checks.fail(
        'INVALID_ARGUMENT',
        `${name} is ${show(value)}; it must be a whole number other than 0, the batch, or two of them.`,
      );
    }
    return value as DotOptions['axes'];
  },
  write: (kept) => (typeof kept === 'number' ? kept : [...kept]),
};

const DOT_SCHEMA = {
  axes: required(axes),
  normalize: optional(flag, false),
};

export interface Dot extends FieldsOf<typeof DOT_SCHEMA> {}

/**
 * Dot product of two inputs along an axis of each: [a..., k] and [b..., k] give [a..., b...]. Two vectors [k]
 * give [1].
 *
 * The layer holds all products before it sums them, which suits vectors and small matrices.
 */
export class Dot extends Layer {
  static override readonly className: string = 'Dot';
  static override readonly schema: SchemaOf<DotOptions> = { ...LAYER_SCHEMA, ...DOT_SCHEMA };
  override readonly takesSeveral = true;

  constructor(options: DotOptions) {
    super(options);
  }

  protected override inferShape(first: Shape, ...others: Shape[]): Shape {
    const [second] = others;
    if (others.length !== 1) {
      this.checks.fail('INVALID_ARGUMENT', `it takes two inputs; ${others.length + 1} were given.`);
    }
    const [a, b] = [this.sampleAxis(first, 0), this.sampleAxis(second, 1)];
    if (first[a] !== second[b]) {
      this.checks.fail(
        'SHAPE_MISMATCH',
        `it sums over ${first[a]} elements of ${showShape(first)} and ${second[b]} of ${showShape(second)}; the numbers must be equal.`,
      );
    }
    const rest = [...first.toSpliced(a, 1), ...second.toSpliced(b, 1)];
    return rest.length === 0 ? [1] : rest;
  }

  /**
   * Moves the summed axis to the front. The products are [k, 1, a * b], and a sum pooling adds them over k.
   */
  override lower(lowering: Lowering, ...inputs: number[]): number {
    const shapes = inputs.map((input) => lowering.shapeOf(input));
    const shape = this.inferShape(shapes[0], shapes[1]);
    const depth = shapes[0][this.sampleAxis(shapes[0], 0)];
    const [a, b] = shapes.map((each) => elementCount(each) / depth);
    const terms = inputs.map((input, side) => {
      const matrix = this.lowerMatrix(lowering, input, side as 0 | 1);
      const to = side === 0 ? [depth, a, 1] : [depth, 1, b];
      const reshaped = this.reshape(lowering, `input_${side + 1}/column`, matrix, to);
      if (side === 0 ? b === 1 : a === 1) return reshaped;
      const name = `${this.name}/input_${side + 1}/repeated`;
      return lowering.add({
        name,
        op: 'broadcast',
        inputs: [reshaped],
        attributes: { shape: [depth, a, b] },
      });
    });
    const product = lowering.add({
      name: `${this.name}/products`,
      op: 'merge',
      inputs: terms,
      attributes: { kind: 'multiply' },
    });
    const sum = lowering.add({
      name: this.name,
      op: 'pool2d',
      inputs: [this.reshape(lowering, 'rows', product, [depth, 1, a * b])],
      attributes: { kind: 'sum', size: [depth, 1], strides: [depth, 1], padding: [0, 0, 0, 0] },
    });
    return this.reshape(lowering, 'output', sum, shape);
  }

  /** Moves the summed axis to the front, and normalizes vectors along it if `normalize` is set. */
  private lowerMatrix(lowering: Lowering, input: number, side: 0 | 1): number {
    const shape = lowering.shapeOf(input);
    const axis = this.sampleAxis(shape, side);
    const others = shape.map((_, each) => each).filter((each) => each !== axis);
    const name = `${this.name}/input_${side + 1}`;
    if (this.normalize) {
      const last = this.permute(lowering, `${name}/vectors`, input, [...others, axis]);
      const unit = lowering.add({
        name: `${name}/normalized`,
        op: 'unitLength',
        inputs: [last],
        attributes: lowering.formulas === 'tfjs' ? { leastSquare: 1e-7 } : {},
      });
      return this.permute(lowering, name, unit, [shape.length - 1, ...others.map((_, each) => each)]);
    }
    return this.permute(lowering, name, input, [axis, ...others]);
  }

  private permute(lowering: Lowering, name: string, input: number, axes: readonly number[]): number {
    if (axes.every((axis, index) => axis === index)) return input;
    return lowering.add({ name, op: 'permute', inputs: [input], attributes: { axes } });
  }

  private reshape(lowering: Lowering, part: string, input: number, shape: Shape): number {
    return lowering.add({
      name: `${this.name}/${part}`,
      op: 'reshape',
      inputs: [input],
      attributes: { shape },
    });
  }

  /** The axis without the batch, counted from 0. */
  private sampleAxis(shape: Shape, side: 0 | 1): number {
    const given = typeof this.axes === 'number' ? this.axes : this.axes[side];
    const axis = given < 0 ? shape.length + given : given - 1;
    if (axis < 0 || axis >= shape.length) {
      this.checks.fail(
        'SHAPE_MISMATCH',
        `there is no axis ${given} in a batch of ${showShape(shape)} but the batch itself.`,
      );
    }
    return axis;
  }
}

/** Makes a {@link Dot} layer. */
export function dot<const O extends DotOptions>(options: Given<O, DotOptions>): Shaped<Dot, 'dot', O> {
  return new Dot(options);
}
