import type { Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import { LAYER_SCHEMA, Layer, type LayerOptions } from '../base-layer.js';
import { dataFormat } from '../options/kinds.js';
import { type FieldsOf, optional, type SchemaOf } from '../options/schema.js';
import { elementCount } from '../shapes.js';

export interface FlattenOptions extends LayerOptions {
  /** Only 'channelsLast'. */
  dataFormat?: 'channelsLast';
}

const FLATTEN_SCHEMA = { dataFormat: optional(dataFormat, 'channelsLast') };

export interface Flatten extends FieldsOf<typeof FLATTEN_SCHEMA> {}

/** Flattens each sample to a vector, in the order height, width, channels: [7, 7, 64] becomes [3136]. */
export class Flatten extends Layer {
  static override readonly className: string = 'Flatten';
  static override readonly schema: SchemaOf<FlattenOptions> = { ...LAYER_SCHEMA, ...FLATTEN_SCHEMA };

  constructor(options: FlattenOptions = {}) {
    super(options);
  }

  protected override inferShape(inputShape: Shape): Shape {
    return [elementCount(inputShape)];
  }

  override lower(lowering: Lowering, input: number): number {
    const shape = this.inferShape(lowering.shapeOf(input));
    return lowering.add({ name: this.name, op: 'reshape', inputs: [input], attributes: { shape } });
  }
}

/** Makes a {@link Flatten} layer. */
export function flatten<const O extends FlattenOptions = NoOptions>(
  options?: Given<O, FlattenOptions>,
): Shaped<Flatten, 'flatten', O> {
  return new Flatten(options);
}
