import type { Initializer } from '../initializers/index.js';
import { OptionChecks, show } from '../options.js';
import type { Shape } from '../program/description.js';
import type { Lowering } from '../program/lower.js';
import type { Tensor } from '../tensor/index.js';
import { configOptions, type LayerConfig } from './config.js';
import { checkElementCount, elementCount, sameShape, showShape } from './shapes.js';
import { snakeCase } from './snake-case.js';

/** What every layer takes. */
export interface LayerOptions {
  /** Unique within its model. Default: the class and a number, "conv2d_1". */
  name?: string;
  /** Shape of one sample. The first layer of a model needs it (or batchInputShape). */
  inputShape?: Shape;
  /** The same with the batch in front: [null, ...inputShape]. */
  batchInputShape?: readonly (number | null)[];
}

/** The names of an options type, each exactly once: `{filters: true, ...}` fails to compile when one is missing. */
export type OptionNames<Options> = Record<keyof Required<Options>, true>;

export const LAYER_OPTIONS: OptionNames<LayerOptions> = {
  name: true,
  inputShape: true,
  batchInputShape: true,
};

/** A weight as a layer asks for it. */
export interface WeightSpec {
  /** "kernel" or "bias". */
  name: string;
  shape: Shape;
  initializer: Initializer;
}

/** A layer's place in its model. */
export interface LayerHome {
  /** Without the batch. */
  outputShape: Shape;
  weights: readonly WeightSpec[];
  getWeights(): Tensor[];
  setWeights(weights: Tensor[]): void;
}

export interface LayerClass {
  readonly className: string;
  readonly optionNames: Readonly<Record<string, true>>;
  fromConfig(config: LayerConfig): Layer;
}

/**
 * A layer: its options, and how shapes and programs come from them. It belongs to at most one model, which holds its weights.
 * Shapes leave the batch out, except `outputShape` and `batchInputShape`, which have null in front as in TF.js.
 */
export abstract class Layer {
  static readonly className: string = 'Layer';
  static readonly optionNames: Readonly<Record<string, true>> = LAYER_OPTIONS;

  readonly batchInputShape?: readonly (number | null)[];
  readonly #givenName?: string;
  #modelsName?: string;
  #home?: LayerHome;

  constructor(options: LayerOptions) {
    const label = typeof options?.name === 'string' ? options.name : snakeCase(this.getClassName());
    const checks = new OptionChecks(label, label);
    checks.keys(options, Object.keys(this.layerClass.optionNames));
    if (options.name !== undefined) {
      if (typeof options.name !== 'string' || options.name === '') {
        checks.fail(
          'INVALID_ARGUMENT',
          `name is ${show(options.name)}; it must be a string with a character or more.`,
        );
      }
      this.#givenName = options.name;
    }
    const batchInputShape = readInputShape(checks, options);
    if (batchInputShape) this.batchInputShape = batchInputShape;
  }

  /** Shape of one output, without the batch. Throws SHAPE_MISMATCH if the input doesn't fit. */
  abstract computeOutputShape(inputShape: Shape): Shape;

  /** Adds this layer's nodes to a program and returns the index of the last one; `input` is the node that it reads. */
  abstract lower(lowering: Lowering, input: number): number;

  /** The weights for an input of this shape, in the order in which they are read and written. */
  weightSpecs(_inputShape: Shape): readonly WeightSpec[] {
    return [];
  }

  /** The options that make this layer again, as plain data; fromConfig reads them. */
  getConfig(): LayerConfig {
    const config: LayerConfig = { name: this.name };
    if (this.batchInputShape) config.batchInputShape = [...this.batchInputShape];
    return config;
  }

  static fromConfig(config: LayerConfig): Layer {
    // biome-ignore lint/complexity/noThisInStatic: every subclass makes layers of its own class.
    const Class = this as unknown as LayerClass & (new (options: LayerConfig) => Layer);
    return new Class(configOptions(Class, config));
  }

  get name(): string {
    return this.#givenName ?? this.#modelsName ?? snakeCase(this.getClassName());
  }

  /** Whether the name was given, so that a model must not number it. */
  get hasGivenName(): boolean {
    return this.#givenName !== undefined;
  }

  getClassName(): string {
    return this.layerClass.className;
  }

  /** Of one sample, if the options gave it. */
  get inputShape(): Shape | undefined {
    return this.batchInputShape?.slice(1) as Shape | undefined;
  }

  /** [null, ...]; only in a model. */
  get outputShape(): (number | null)[] {
    return [null, ...this.home.outputShape];
  }

  /** Kernel, then bias; only in a model. */
  get weights(): readonly WeightSpec[] {
    return this.home.weights;
  }

  countParams(): number {
    return this.weights.reduce((sum, weight) => sum + elementCount(weight.shape), 0);
  }

  /** Kernel, then bias. Throws MODEL_BUSY while the model trains. */
  getWeights(): Tensor[] {
    return this.home.getWeights();
  }

  /** Kernel, then bias. Throws MODEL_BUSY while the model trains. */
  setWeights(weights: Tensor[]): void {
    this.home.setWeights(weights);
  }

  /** Output shape and weights for an input, checked against what can be held. `name` is the model's, if none was given. */
  infer(inputShape: Shape, name: string): { outputShape: Shape; weights: readonly WeightSpec[] } {
    this.#modelsName = name;
    if (this.inputShape && !sameShape(this.inputShape, inputShape)) {
      this.checks.fail(
        'SHAPE_MISMATCH',
        `inputShape is ${showShape(this.inputShape)}, but the layer before gives ${showShape(inputShape)}; leave inputShape out.`,
      );
    }
    const outputShape = this.computeOutputShape(inputShape);
    checkElementCount(this.checks, 'an output', outputShape);
    const weights = this.weightSpecs(inputShape);
    for (const { name, shape } of weights) checkElementCount(this.checks, `a ${name}`, shape);
    return { outputShape, weights };
  }

  /** Called once by the model that takes the layer in. */
  moveIn(home: LayerHome): void {
    this.#home = home;
  }

  get isInModel(): boolean {
    return this.#home !== undefined;
  }

  protected get checks(): OptionChecks {
    return new OptionChecks(this.name, this.name);
  }

  private get layerClass(): LayerClass {
    return this.constructor as unknown as LayerClass;
  }

  private get home(): LayerHome {
    if (this.#home) return this.#home;
    return this.checks.fail(
      'INVALID_ARGUMENT',
      'the layer is in no model yet, so it has no weights and no shapes; add it first.',
    );
  }
}

function readInputShape(checks: OptionChecks, options: LayerOptions): (number | null)[] | undefined {
  const { inputShape, batchInputShape } = options;
  if (inputShape === undefined && batchInputShape === undefined) return undefined;
  const shape = inputShape ?? batchInputShape?.slice(1);
  if (!Array.isArray(shape) || shape.length === 0) {
    checks.fail(
      'INVALID_ARGUMENT',
      `inputShape is ${show(shape)}; it must be a list of sizes, such as [28, 28, 1].`,
    );
  }
  const sizes = shape.map((size: unknown, axis: number) => checks.whole(`inputShape[${axis}]`, size, 1));
  checkElementCount(checks, 'an input', sizes);
  return [batchInputShape?.[0] ?? null, ...sizes];
}
