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
  /**
   * Number of rows: inputs must be from 0 to inputDim - 1. At most 2^24, since float32 skips whole numbers
   * beyond.
   */
  inputDim: number;
  /** Length of each vector. */
  outputDim: number;
  /**
   * Shorthand for inputShape: [inputLength], or a list of sizes, null for any. Default for a first layer:
   * [null].
   */
  inputLength?: number | SampleShape;
  /** How the vectors are initialized. Default 'randomUniform', between -0.05 and 0.05. */
  embeddingsInitializer?: InitializerIdentifier;
  /**
   * Penalty on the vectors, added to the loss: 'l1', 'l2', 'l1l2', or one of `regularizers`. Default none.
   */
  embeddingsRegularizer?: RegularizerIdentifier;
  /**
   * Constraint on the vectors after each update: 'nonNeg', 'maxNorm', or one of `constraints`. Default none.
   */
  embeddingsConstraint?: ConstraintIdentifier;
}

/** Inputs reach the layer as float32, which represents all whole numbers up to this one. */
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
 * Looks up a learned vector for each whole number, such as the index of a word: [...] becomes
 * [..., outputDim]. Index i gives row i of the weight embeddings [inputDim, outputDim].
 *
 * An index must be whole and in [0, inputDim). If the model's inputs reach this layer unchanged or reshaped,
 * reading the data throws INVALID_INDEX for others. If the model computes the indexes, an invalid one gives a
 * vector of NaN.
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

/** Makes an {@link Embedding} layer. */
export function embedding<const O extends EmbeddingOptions>(
  options: Given<O, EmbeddingOptions>,
): Shaped<Embedding, 'embedding', O> {
  return new Embedding(options);
}
