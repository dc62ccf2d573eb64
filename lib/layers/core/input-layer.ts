import { ConvforgeError } from '../../errors.js';
import { show } from '../../options.js';
import { inputType, type LayerConfig, renameKey } from '../config.js';
import type { Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import type { Given, Shaped } from '../../shape-types/index.js';
import { LAYER_SCHEMA, Layer, type LayerOptions } from '../base-layer.js';
import { type FieldsOf, type Kind, optional, type SchemaOf } from '../options/schema.js';
import { LayerNode, type SymbolicTensor } from '../symbolic-tensor.js';
import type { WeightStore } from '../weight-store.js';

/** The declared type of an input. */
export type InputType = 'float32' | 'int32' | 'bool';

const INPUT_TYPES: readonly InputType[] = ['float32', 'int32', 'bool'];

/** Options of {@link InputLayer}. inputShape or batchInputShape is required. */
export interface InputLayerOptions extends LayerOptions {
  /**
   * The declared type of the inputs. Values are converted to float32 unchanged: an int32 tensor for an int32
   * input must hold numbers from -2^24 to 2^24 (INVALID_ARGUMENT). Default 'float32'.
   */
  dtype?: InputType;
}

const inputTypes: Kind<InputType> = {
  read(checks, name, value) {
    const found = INPUT_TYPES.find((type) => type === value);
    if (found) return found;
    return checks.fail('INVALID_ARGUMENT', `${name} is ${show(value)}; it can be ${INPUT_TYPES.join(', ')}.`);
  },
};

const INPUT_SCHEMA = { dtype: optional(inputTypes, 'float32') };

export interface InputLayer extends FieldsOf<typeof INPUT_SCHEMA> {}

/**
 * Declares the shape of a model's input. In a sequential model it must be the first layer. It computes
 * nothing.
 */
export class InputLayer extends Layer {
  static override readonly className: string = 'InputLayer';
  static override readonly schema: SchemaOf<InputLayerOptions> = { ...LAYER_SCHEMA, ...INPUT_SCHEMA };
  static override readonly ignoredConfig = { sparse: false, ragged: false, optional: false };

  #node?: LayerNode;

  constructor(options: InputLayerOptions) {
    super(options);
    if (!this.batchInputShape) {
      this.checks.fail(
        'INVALID_ARGUMENT',
        'inputShape is missing; give the shape of one sample, such as [28, 28, 1].',
      );
    }
  }

  /** Keras 3 calls the shape batch_shape, and has more dtypes. */
  static override fromConfig(config: LayerConfig): Layer {
    const { dtype, ...options } = renameKey(config, 'batchShape', 'batchInputShape');
    if (dtype == null) return super.fromConfig(options);
    const type = inputType(dtype);
    if (type) return super.fromConfig({ ...options, dtype: type });
    const name = typeof config.name === 'string' ? config.name : 'input';
    throw new ConvforgeError(
      'UNSUPPORTED',
      `${name}: inputs of dtype ${show(dtype)} can't be taken; encode them as numbers.`,
      {
        layer: name,
      },
    );
  }

  /** The model's input. */
  override get outputs(): readonly SymbolicTensor[] {
    this.#node ??= new LayerNode(this, [], [this.inputShape as Shape]);
    return this.#node.outputs;
  }

  override get stores(): readonly WeightStore[] {
    return [];
  }

  protected override inferShape(inputShape: Shape): Shape {
    return inputShape;
  }

  override lower(_lowering: Lowering, input: number): number {
    return input;
  }
}

/** Makes an {@link InputLayer}. */
export function inputLayer<const O extends InputLayerOptions>(
  options: Given<O, InputLayerOptions>,
): Shaped<InputLayer, 'inputLayer', O> {
  return new InputLayer(options);
}
