import { type LayerConfig, renameKey } from '../config.js';
import type { Shape } from '../../program/description.js';
import type { Lowering } from '../../program/lower.js';
import type { Given, Shaped } from '../../shape-types/index.js';
import { Layer, type LayerOptions } from '../base-layer.js';
import { LayerNode, type SymbolicTensor } from '../symbolic-tensor.js';
import type { WeightStore } from '../weight-store.js';

/** inputShape or batchInputShape is required. */
export type InputLayerOptions = LayerOptions;

/** Says what a model takes; in a chain it must be the first layer. It computes nothing. */
export class InputLayer extends Layer {
  static override readonly className: string = 'InputLayer';

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

  /** Keras 3 calls it batch_shape. */
  static override fromConfig(config: LayerConfig): Layer {
    return super.fromConfig(renameKey(config, 'batchShape', 'batchInputShape'));
  }

  /** What a model takes. */
  override get outputs(): readonly SymbolicTensor[] {
    this.#node ??= new LayerNode(this, [], [this.inputShape as Shape]);
    return this.#node.outputs;
  }

  override get stores(): readonly WeightStore[] {
    return [];
  }

  override computeOutputShape(inputShape: Shape): Shape {
    return inputShape;
  }

  override lower(_lowering: Lowering, input: number): number {
    return input;
  }
}

/** The first layer of a model: see InputLayer. */
export function inputLayer<const O extends InputLayerOptions>(
  options: Given<O, InputLayerOptions>,
): Shaped<InputLayer, 'inputLayer', O> {
  return new InputLayer(options);
}
