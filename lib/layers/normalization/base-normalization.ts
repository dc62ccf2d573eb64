import type { ConstraintIdentifier } from '../../constraints/index.js';
import { getInitializer, type Initializer, type InitializerIdentifier } from '../../initializers/index.js';
import type { ParameterDescription, Shape } from '../../program/description.js';
import type { RegularizerIdentifier } from '../../regularizers/index.js';
import { LAYER_OPTIONS, Layer, type LayerOptions, type OptionNames, type WeightSpec } from '../base-layer.js';
import { initializerConfig, type LayerConfig } from '../config.js';
import { elementCount } from '../shapes.js';
import {
  describeWeightRules,
  readWeightRules,
  type WeightRules,
  weightRulesConfig,
} from '../weight-rules.js';

/** What every normalization takes. */
export interface NormalizationOptions extends LayerOptions {
  /** Added to variances, so that none is 0. Default 1e-3. */
  epsilon?: number;
  /** Whether there is a beta that is added. Default true. */
  center?: boolean;
  /** Whether there is a gamma that is multiplied by. Default true. */
  scale?: boolean;
  /** Default 'zeros'. */
  betaInitializer?: InitializerIdentifier;
  /** Default 'ones'. */
  gammaInitializer?: InitializerIdentifier;
  /** What beta costs, added to the loss: 'l1', 'l2', 'l1l2', or one of `regularizers`. Default nothing. */
  betaRegularizer?: RegularizerIdentifier;
  /** What gamma costs, as betaRegularizer. */
  gammaRegularizer?: RegularizerIdentifier;
  /** What beta is brought to after each update: 'nonNeg', 'maxNorm', or one of `constraints`. Default nothing. */
  betaConstraint?: ConstraintIdentifier;
  /** What gamma is brought to after each update, as betaConstraint. */
  gammaConstraint?: ConstraintIdentifier;
}

export const NORMALIZATION_OPTIONS: OptionNames<NormalizationOptions> = {
  ...LAYER_OPTIONS,
  epsilon: true,
  center: true,
  scale: true,
  betaInitializer: true,
  gammaInitializer: true,
  betaRegularizer: true,
  gammaRegularizer: true,
  betaConstraint: true,
  gammaConstraint: true,
};

/** gamma * (x - mean) / sqrt(variance + epsilon) + beta, over values that differ between normalizations. Its output has its input's shape. */
export abstract class BaseNormalization extends Layer {
  readonly epsilon: number;
  readonly center: boolean;
  readonly scale: boolean;
  readonly betaInitializer: Initializer;
  readonly gammaInitializer: Initializer;
  readonly #rules: { readonly beta: WeightRules; readonly gamma: WeightRules };

  constructor(options: NormalizationOptions) {
    super(options);
    const { checks } = this;
    this.epsilon = checks.number(
      'epsilon',
      options.epsilon ?? 1e-3,
      (value) => value > 0,
      'a number above 0',
    );
    this.center = checks.boolean('center', options.center ?? true);
    this.scale = checks.boolean('scale', options.scale ?? true);
    this.betaInitializer = getInitializer(options.betaInitializer ?? 'zeros');
    this.gammaInitializer = getInitializer(options.gammaInitializer ?? 'ones');
    this.#rules = { beta: readWeightRules(options, 'beta'), gamma: readWeightRules(options, 'gamma') };
  }

  /** Shape of gamma and beta. */
  protected abstract scalingShape(inputShape: Shape): Shape;

  protected override inferShape(inputShape: Shape): Shape {
    this.scalingShape(inputShape);
    return inputShape;
  }

  override weightSpecs(inputShape: Shape): readonly WeightSpec[] {
    const shape = this.scalingShape(inputShape);
    const specs: WeightSpec[] = [];
    if (this.scale) specs.push({ name: 'gamma', shape, initializer: this.gammaInitializer });
    if (this.center) specs.push({ name: 'beta', shape, initializer: this.betaInitializer });
    return specs;
  }

  /** The weights as the ops have them: of one axis. */
  protected lowerParameters(inputShape: Shape): ParameterDescription[] {
    return this.weightSpecs(inputShape).map(({ name, shape, trainable = true }) => {
      const opShape = [elementCount(shape)];
      const rules = name === 'beta' || name === 'gamma' ? this.#rules[name] : {};
      return {
        name,
        shape: opShape,
        trainable,
        ...describeWeightRules(this.checks, rules, shape, opShape),
      };
    });
  }

  override getConfig(): LayerConfig {
    return {
      ...super.getConfig(),
      epsilon: this.epsilon,
      center: this.center,
      scale: this.scale,
      betaInitializer: initializerConfig(this.betaInitializer),
      gammaInitializer: initializerConfig(this.gammaInitializer),
      ...weightRulesConfig(this.#rules.beta, 'beta'),
      ...weightRulesConfig(this.#rules.gamma, 'gamma'),
    };
  }
}
