import type { Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import type { Given, Shaped } from '../../shape-types/index.js';
import { LAYER_SCHEMA, Layer, type LayerOptions } from '../base-layer.js';
import { count } from '../options/kinds.js';
import { type FieldsOf, required, type SchemaOf } from '../options/schema.js';
import { showShape } from '../shapes.js';

export interface RepeatVectorOptions extends LayerOptions {
  /** Number of copies. */
  n: number;
}

const REPEAT_VECTOR_SCHEMA = { n: required(count) };

export interface RepeatVector extends FieldsOf<typeof REPEAT_VECTOR_SCHEMA> {}

/** Repeats a vector n times: [features] becomes [n, features]. */
export class RepeatVector extends Layer {
  static override readonly className: string = 'RepeatVector';
  static override readonly schema: SchemaOf<RepeatVectorOptions> = {
    ...LAYER_SCHEMA,
    ...REPEAT_VECTOR_SCHEMA,
  };

  constructor(options: RepeatVectorOptions) {
    super(options);
  }

  protected override inferShape(inputShape: Shape): Shape {
    if (inputShape.length !== 1) {
      this.checks.fail('SHAPE_MISMATCH', `the input is ${showShape(inputShape)}; it must be a vector.`);
    }
    return [this.n, inputShape[0]];
  }

  override lower(lowering: Lowering, input: number): number {
    const shape = this.inferShape(lowering.shapeOf(input));
    const row = lowering.add({
      name: `${this.name}/row`,
      op: 'reshape',
      inputs: [input],
      attributes: { shape: [1, shape[1]] },
    });
    return lowering.add({ name: this.name, op: 'broadcast', inputs: [row], attributes: { shape } });
  }
}

/** Makes a {@link RepeatVector} layer. */
export function repeatVector<const O extends RepeatVectorOptions>(
  options: Given<O, RepeatVectorOptions>,
): Shaped<RepeatVector, 'repeatVector', O> {
  return new RepeatVector(options);
}
