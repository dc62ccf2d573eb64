import type { ConstraintIdentifier } from '../../constraints/index.js';
import type { InitializerIdentifier } from '../../initializers/index.js';
import type { Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import type { RegularizerIdentifier } from '../../regularizers/index.js';
import type { Given, Shaped } from '../../shape-types/index.js';
import { LAYER_SCHEMA, Layer, type LayerOptions, type WeightSpec } from '../base-layer.js';
import { opShape } from '../op-shape.js';
import { constraint, count, initializer, regularizer } from '../options/kinds.js';
import { type FieldsOf, type Kind, optional, own, required, type SchemaOf } from '../options/schema.js';
import type { SampleShape } from '../shapes.js';
import { describeWeightRules, weightOptions } from '../weight-rules.js';
import { withInputShape } from './input-sizes.js';

export interface EmbeddingOptions extends LayerOptions {
  /** How many different numbers there are: they go from 0 to inputDim - 1. At most 2^24, the last whole number before float32 skips some. */
  inputDim: number;
  /** Length of the vectors. */
  outputDim: number;
  /** Another way to give inputShape: [inputLength], or a list of sizes, null for those that may be any. Default for a first layer: [null]. */
  inputLength?: number | SampleShape;
  /** Default uniform between -0.05 and 0.05. */
  embeddingsInitializer?: InitializerIdentifier;
  /** What the vectors cost, added to the loss: 'l1', 'l2', 'l1l2', or one of `regularizers`. Default nothing. */
  embeddingsRegularizer?: RegularizerIdentifier;
  /** What they are brought to after each update: 'nonNeg', 'maxNorm', or one of `constraints`. Default nothing. */
  embeddingsConstraint?: ConstraintIdentifier;
}

/** Numbers reach the layer as float32, which has all whole numbers up to this one. */
const MAX_ROWS = 2 ** 24;

const rows: Kind<number> = {
  read(checks, name, value) {
    const found = count.read(checks, name, value);
    if (found <= MAX_ROWS) return found;
    return checks.fail('TOO_LARGE', `${name} is ${found}; the most is 2^24, ${MAX_ROWS}.`);
  },
};

const EMBEDDING_SCHEMA = {
  inputDim: required(rows),
  outputDim: required(count),
  inputLength: own,
  embeddingsInitializer: optional(initializer, 'randomUniform'),
  embeddingsRegularizer: optional(regularizer),
  embeddingsConstraint: optional(constraint),
};

export interface Embedding extends FieldsOf<typeof EMBEDDING_SCHEMA> {}

/**
 * Learned vectors for whole numbers: [...] becomes [..., outputDim], of the weight embeddings [inputDim, outputDim]. In a model's
 * inputs that come here as they are, or reshaped, a number that isn't whole or not in [0, inputDim) is refused with INVALID_INDEX when the
 * data is read. Of numbers that a model computes itself, such a one gives a vector of NaN, which outputs and the loss show; it is
 * never taken for another.
 */
export class Embedding extends Layer {
  static override readonly className: string = 'Embedding';
  static override readonly schema: SchemaOf<EmbeddingOptions> = { ...LAYER_SCHEMA, ...EMBEDDING_SCHEMA };
  static override readonly ignoredConfig = { maskZero: false, sparse: false };

  constructor(options: EmbeddingOptions) {
    super(withInputShape('embedding', options, 'inputLength'));
  }

  /** A sequence of any length, as in TF.js. */
  override get usualInputShape(): SampleShape {
    return [null];
  }

  protected override inferShape(inputShape: Shape): Shape {
    const parameters = { embeddings: [this.inputDim, this.outputDim] };
    return opShape(this.checks, 'embedding', [inputShape], {}, parameters);
  }

  override weightSpecs(): readonly WeightSpec[] {
    return [
      { name: 'embeddings', shape: [this.inputDim, this.outputDim], initializer: this.embeddingsInitializer },
    ];
  }

  override lower(lowering: Lowering, input: number): number {
    const shape = [this.inputDim, this.outputDim];
    const rules = describeWeightRules(this.checks, weightOptions(this, 'embeddings'), shape, shape);
    return lowering.add({
      name: this.name,
      op: 'embedding',
      inputs: [input],
      parameters: [{ name: 'embeddings', shape, ...rules }],
    });
  }
}

/** Vectors for whole numbers: see Embedding. */
export function embedding<const O extends EmbeddingOptions>(
  options: Given<O, EmbeddingOptions>,
): Shaped<Embedding, 'embedding', O> {
  return new Embedding(options);
}
