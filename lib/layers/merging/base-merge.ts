import type { Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import { Layer, type LayerOptions } from '../base-layer.js';
import { opShape } from '../op-shape.js';
import { sameShape, showShape } from '../shapes.js';

/**
 * Merges two or more inputs element by element. Inputs broadcast as in NumPy: sizes of 1, and axes that are
 * missing in front, are repeated. [h, w, c] with [1, 1, c] or [c] gives [h, w, c]. Throws SHAPE_MISMATCH if
 * shapes don't fit together.
 */
export abstract class Merge extends Layer {
  override readonly takesSeveral = true;

  constructor(options: LayerOptions = {}) {
    super(options);
  }

  protected override inferShape(first: Shape, ...others: Shape[]): Shape {
    return others.reduce((shape, other) => this.join(shape, other), first);
  }

  override lower(lowering: Lowering, ...inputs: number[]): number {
    const [first, ...others] = inputs.map((input) => lowering.shapeOf(input));
    const shape = this.inferShape(first, ...others);
    const repeated = inputs.map((input, index) => this.repeat(lowering, input, index, shape));
    return this.lowerAlike(lowering, repeated);
  }

  /** Adds the node that merges inputs of one shape. */
  protected abstract lowerAlike(lowering: Lowering, inputs: readonly number[]): number;

  private join(a: Shape, b: Shape): Shape {
    const rank = Math.max(a.length, b.length);
    const [left, right] = [a, b].map((shape) => [...Array(rank - shape.length).fill(1), ...shape]);
    return left.map((size: number, axis) => {
      if (size === right[axis] || right[axis] === 1) return size;
      if (size === 1) return right[axis];
      return this.checks.fail(
        'SHAPE_MISMATCH',
        `inputs of ${showShape(a)} and ${showShape(b)} can't be broadcast; sizes must be equal, or 1 in one of them.`,
      );
    });
  }

  private repeat(lowering: Lowering, input: number, index: number, shape: Shape): number {
    const own = lowering.shapeOf(input);
    if (sameShape(own, shape)) return input;
    const padded = [...Array(shape.length - own.length).fill(1), ...own];
    const name = `${this.name}/input_${index + 1}`;
    const reshaped = sameShape(own, padded)
      ? input
      : lowering.add({
          name: `${name}/reshape`,
          op: 'reshape',
          inputs: [input],
          attributes: { shape: padded },
        });
    if (sameShape(padded, shape)) return reshaped;
    return lowering.add({ name, op: 'broadcast', inputs: [reshaped], attributes: { shape } });
  }
}

/** Merging layers that lower to the op `merge`. */
export abstract class KindMerge extends Merge {
  protected abstract readonly kind: 'subtract' | 'multiply' | 'average' | 'maximum' | 'minimum';

  protected override inferShape(first: Shape, ...others: Shape[]): Shape {
    const shape = super.inferShape(first, ...others);
    const alike = [first, ...others].map(() => shape);
    return opShape(this.checks, 'merge', alike, { kind: this.kind });
  }

  protected override lowerAlike(lowering: Lowering, inputs: readonly number[]): number {
    return lowering.add({ name: this.name, op: 'merge', inputs, attributes: { kind: this.kind } });
  }
}
