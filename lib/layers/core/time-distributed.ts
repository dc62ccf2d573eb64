import { type OptionChecks, show } from '../../options.js';
import type { Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import type { Serialized } from '../../serialized.js';
import type { Given, Shaped } from '../../shape-types/index.js';
import { LAYER_SCHEMA, Layer, type LayerOptions } from '../base-layer.js';
import type { LayerConfig } from '../config.js';
import { type FieldsOf, type Kind, required, type SchemaOf } from '../options/schema.js';
import { layerClass } from '../registry.js';
import { showShape } from '../shapes.js';
import type { WeightSpec, WeightStore } from '../weight-store.js';
import type { WeightParts } from '../weight-tensors.js';

/** A model that can serve as a layer. */
export interface LayerLike {
  /** The layer that represents the model. */
  asLayer(): Layer;
}

/** Options of {@link TimeDistributed}. */
export interface TimeDistributedOptions extends LayerOptions {
  /** The layer or model to apply to each step. It must have one input and one output. */
  layer: Layer | LayerLike | Serialized;
}

const stepLayer: Kind<TimeDistributedOptions['layer'], Layer> = {
  read(checks, name, value) {
    const layer = makeLayer(checks, name, value);
    if (layer.takesSeveral)
      checks.fail('INVALID_ARGUMENT', `${layer.name} takes several values; it must take one.`);
    // The layer belongs to no model that would name it.
    if (!layer.isNamed) layer.nameByModel(layer.name);
    return layer;
  },
  write(layer): LayerConfig {
    const entry = { className: layer.getClassName(), config: layer.getConfig() };
    return layer.formulas === 'keras' ? entry : { ...entry, convforge: { formulas: layer.formulas } };
  },
};

function makeLayer(checks: OptionChecks, name: string, given: unknown): Layer {
  if (given instanceof Layer) return given;
  if (given !== null && typeof given === 'object') {
    if ('asLayer' in given) return (given as LayerLike).asLayer();
    if ('className' in given) {
      const { className, config = {} } = given as Serialized;
      return layerClass(className).fromConfig(config);
    }
  }
  return checks.fail(
    'INVALID_ARGUMENT',
    `${name} is ${show(given)}; give the layer for each step, such as layers.dense({ units: 3 }).`,
  );
}

const TIME_SCHEMA = { layer: required(stepLayer) };

export interface TimeDistributed extends FieldsOf<typeof TIME_SCHEMA> {}

/**
 * Applies a layer or model to each step of a sequence, with the same weights: [steps, ...shape] becomes
 * [steps, ...the layer's output for shape].
 *
 * A convolution of each frame of a video, [frames, height, width, channels], is
 * `layers.timeDistributed({ layer: layers.conv2d({ filters: 8, kernelSize: 3 }) })`. It maps [16, 32, 32, 3]
 * to [16, 30, 30, 8].
 *
 * All steps of a batch are computed at once, as if they were samples. So batch normalization takes its
 * statistics over all steps (Keras 3 and TF.js: step by step in training), and dropout drops different
 * elements in each step. `trainable` is that of the inner layer.
 *
 * Throws INVALID_ARGUMENT unless `layer` is a layer or model with one input and one output, and
 * SHAPE_MISMATCH for an input with one axis.
 */
export class TimeDistributed extends Layer {
  static override readonly className: string = 'TimeDistributed';
  static override readonly schema: SchemaOf<TimeDistributedOptions> = { ...LAYER_SCHEMA, ...TIME_SCHEMA };

  constructor(options: TimeDistributedOptions) {
    super(options);
    if (options.trainable != null) this.layer.trainable = options.trainable;
  }

  override get inner(): Layer {
    return this.layer;
  }

  override get trainable(): boolean {
    return this.layer?.trainable ?? true;
  }

  override set trainable(trainable: boolean) {
    this.layer.trainable = trainable;
  }

  override get stores(): readonly WeightStore[] {
    return this.layer.stores;
  }

  override get trainableStores(): readonly WeightStore[] {
    return this.layer.trainableStores;
  }

  override get weightParts(): WeightParts {
    return this.layer.weightParts;
  }

  protected override inferShape(inputShape: Shape): Shape {
    const [steps, ...frame] = inputShape;
    if (frame.length === 0) {
      this.checks.fail(
        'SHAPE_MISMATCH',
        `the input is ${showShape(inputShape)}; it must have two axes or more, [steps, ...].`,
      );
    }
    const [output, ...others] = this.layer.infer([frame]).outputs;
    if (others.length > 0)
      this.checks.fail('INVALID_ARGUMENT', `${this.layer.name} gives several values; it must give one.`);
    return [steps, ...output];
  }

  /** The inner layer's weights. A model's layers already have theirs. */
  override weightSpecs(inputShape: Shape): readonly WeightSpec[] {
    return this.layer.isModel ? [] : this.layer.infer([inputShape.slice(1)]).weights;
  }

  override adopt(store: WeightStore): void {
    if (!this.layer.isModel) this.layer.adopt(store);
  }

  override lower(lowering: Lowering, input: number): number {
    const [steps] = lowering.shapeOf(input);
    const folded = lowering.add({ name: `${this.name}/fold`, op: 'fold', inputs: [input] });
    const [output] = lowering.withinSteps(this.name, () => lowering.lower(this.layer, [folded], {}));
    return lowering.add({ name: this.name, op: 'unfold', inputs: [output], attributes: { steps } });
  }
}

/** Makes a {@link TimeDistributed} layer. */
export function timeDistributed<const O extends TimeDistributedOptions>(
  options: Given<O, TimeDistributedOptions>,
): Shaped<TimeDistributed, 'timeDistributed', O> {
  return new TimeDistributed(options);
}
