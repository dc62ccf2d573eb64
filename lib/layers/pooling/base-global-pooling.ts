import type { Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import { LAYER_SCHEMA, Layer, type LayerOptions } from '../base-layer.js';
import { dataFormat, flag } from '../options/kinds.js';
import { type DefaultsOf, type FieldsOf, optional, type SchemaOf } from '../options/schema.js';
import { checkSpatial } from '../reshaping/sequences.js';
import { elementCount } from '../shapes.js';

export interface GlobalPoolingOptions extends LayerOptions {
  /** Whether to keep the pooled axes with size 1. Default false. */
  keepDims?: boolean;
  /** Only 'channelsLast'. */
  dataFormat?: 'channelsLast';
}

const GLOBAL_POOLING_SCHEMA = {
  keepDims: optional(flag, false),
  dataFormat: optional(dataFormat, 'channelsLast'),
};

export interface GlobalPooling
  extends FieldsOf<typeof GLOBAL_POOLING_SCHEMA>,
    DefaultsOf<typeof GLOBAL_POOLING_SCHEMA> {}

/**
 * Pools each channel to one number: [h, w, c] (1D: [steps, c]) becomes [c], or [1, 1, c] ([1, c]) with
 * keepDims.
 */
export abstract class GlobalPooling extends Layer {
  static override readonly schema: SchemaOf<GlobalPoolingOptions> = {
    ...LAYER_SCHEMA,
    ...GLOBAL_POOLING_SCHEMA,
  };

  protected abstract readonly kind: 'max' | 'average';
  /** How many axes are pooled: 2 for images, 1 for sequences. */
  protected abstract readonly axes: 1 | 2;

  constructor(options: GlobalPoolingOptions = {}) {
    super(options);
  }

  protected override inferShape(inputShape: Shape): Shape {
    checkSpatial(this.checks, this.axes, inputShape);
    const channels = inputShape[this.axes];
    return this.keepDims ? [...Array<number>(this.axes).fill(1), channels] : [channels];
  }

  override lower(lowering: Lowering, input: number): number {
    const inputShape = lowering.shapeOf(input);
    const shape = this.inferShape(inputShape);
    const cells = elementCount(inputShape.slice(0, -1));
    const channels = inputShape[this.axes];
    const reshaped = (name: string, from: number, to: Shape) =>
      lowering.add({
        name: `${this.name}/${name}`,
        op: 'reshape',
        inputs: [from],
        attributes: { shape: to },
      });
    const image = this.axes === 2 ? input : reshaped('image', input, [cells, 1, channels]);
    const [rows, columns] = lowering.shapeOf(image);
    const size = [rows, columns] as const;
    const pooled = lowering.add({
      name: this.name,
      op: 'pool2d',
      inputs: [image],
      attributes: { kind: this.kind, size, strides: size, padding: [0, 0, 0, 0] },
    });
    return shape.length === 3 ? pooled : reshaped('output', pooled, shape);
  }
}
