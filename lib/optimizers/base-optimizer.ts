import { Configured } from '../configured.js';
import { aboveZero, count, flagIfTrue, fromZero, number } from '../option-kinds.js';
import { type FieldsOf, optional, own, type Schema, type SchemaOf, writeOptions } from '../option-schema.js';
import type {
  OptimizerDescription,
  OptimizerRule,
  OptimizerSettings,
} from '../program/optimizer-description.js';
import type { LearningRateSchedule } from './schedules/base-schedule.js';
import { getSchedule, type ScheduleIdentifier } from './schedules/registry.js';

export interface OptimizerClass {
  readonly className: string;
  new (options?: Record<string, unknown>): Optimizer;
}

/**
 * Options of every optimizer. At most one of clipNorm, globalClipNorm and clipValue may be given. null means
 * the default.
 */
export interface OptimizerOptions {
  /** A number, at least 0, or one of `optimizers.schedules`, which gives the rate of each training step. */
  learningRate?: number | ScheduleIdentifier | null;
  /**
   * Decoupled weight decay: w -= weightDecay * learningRate * w before each update, for biases too, as in
   * Keras. Default none.
   */
  weightDecay?: number | null;
  /** Scales down the gradient of each weight whose norm is larger. */
  clipNorm?: number | null;
  /** Scales down all gradients if their joint norm is larger. */
  globalClipNorm?: number | null;
  /** Clips each element of a gradient to [-clipValue, clipValue]. */
  clipValue?: number | null;
  /**
   * Whether to keep an exponential moving average of the weights. During fit, training, validation and
   * predictions use the weights themselves; at its end the weights become their averages, as in Keras.
   * Default false.
   */
  useEma?: boolean;
  /** The momentum of the average, in [0, 1). Default 0.99. */
  emaMomentum?: number;
  /** The number of updates after which the weights become their averages. Default never. */
  emaOverwriteFrequency?: number | null;
  /**
   * The number of training steps whose mean gradient makes an update. The effect is a batch of that many
   * times the size, in the memory of one. Moments, clipping, decay and averages count updates; schedules and
   * `iterations` count steps. Default 1.
   */
  gradientAccumulationSteps?: number | null;
}

/** A schema of the options of one optimizer that others don't have. */
export type RuleSchemaOf<Options extends OptimizerOptions> = SchemaOf<Omit<Options, keyof OptimizerOptions>>;

/** A factor in [0, 1), such as a momentum. */
export const decay = number((factor) => factor >= 0 && factor < 1, 'a number in [0, 1)');

/** A number above 0 that float32 doesn't round to 0. */
export const epsilon = number((value) => value >= 1.2e-38, 'a number above 0 (in float32 too)');

const OPTIMIZER_SCHEMA = {
  learningRate: own,
  weightDecay: optional(fromZero),
  clipNorm: optional(aboveZero),
  globalClipNorm: optional(aboveZero),
  clipValue: optional(aboveZero),
  useEma: optional(flagIfTrue, false),
  emaMomentum: optional(decay),
  emaOverwriteFrequency: optional(count),
  gradientAccumulationSteps: optional(count),
} satisfies SchemaOf<OptimizerOptions>;

/** The default of emaMomentum with useEma. */
const EMA_MOMENTUM = 0.99;

export interface Optimizer extends FieldsOf<typeof OPTIMIZER_SCHEMA> {}

/** The base of all optimizers. The learning rate can be set at any time, even during training. */
export abstract class Optimizer extends Configured {
  #learningRate: number | LearningRateSchedule;
  #countSteps = () => 0;
  readonly #listeners = new Set<(rate: number) => void>();

  /**
   * `schema` has the options of the rule, and may change defaults of the others.
   * @internal
   */
  constructor(subject: string, options: OptimizerOptions, schema: Schema, learningRate: number) {
    // Configs have the rule's options first.
    super(subject, withMomentum(options), { ...schema, ...OPTIMIZER_SCHEMA, ...schema });
    this.#learningRate = this.#readRate(options.learningRate ?? learningRate);
    this.#checkSettings();
  }

  /** The hyperparameters of its update rule. */
  protected abstract rule(): OptimizerRule;

  /** @internal */
  describe(): OptimizerDescription {
    const rate = this.#learningRate;
    const learningRate = typeof rate === 'number' ? rate : rate.describe();
    const settings = writeOptions(this, OPTIMIZER_SCHEMA) as Omit<OptimizerSettings, 'learningRate'>;
    return { ...this.rule(), learningRate, ...settings };
  }

  /** Keras's name of the class, such as "Adam". */
  getClassName(): string {
    return (this.constructor as unknown as OptimizerClass).className;
  }

  override getConfig(): Record<string, unknown> {
    const rate = this.#learningRate;
    const learningRate =
      typeof rate === 'number' ? rate : { className: rate.className, config: rate.getConfig() };
    return { learningRate, ...super.getConfig() };
  }

  /** The learning rate of the next training step. */
  get learningRate(): number {
    const rate = this.#learningRate;
    return typeof rate === 'number' ? rate : rate.at(this.iterations);
  }

  /** Replaces a schedule. Takes effect from the next training step. */
  set learningRate(rate: number) {
    this.#learningRate = this.checks.number('learningRate', rate, isRate, RATE);
    for (const listener of this.#listeners) listener(rate);
  }

  /** The number of training steps made with the model that was last compiled with this optimizer. */
  get iterations(): number {
    return this.#countSteps();
  }

  /**
   * Calls `listener` when the rate is set, until the returned function is called. `countSteps` returns the
   * number of steps made.
   *
   * @internal
   */
  attach(listener: (rate: number) => void, countSteps: () => number): () => void {
    this.#listeners.add(listener);
    this.#countSteps = countSteps;
    return () => {
      this.#listeners.delete(listener);
      if (this.#countSteps === countSteps) this.#countSteps = () => 0;
    };
  }

  #readRate(value: unknown): number | LearningRateSchedule {
    if (value !== null && typeof value === 'object') return getSchedule(value as ScheduleIdentifier);
    return this.checks.number('learningRate', value, isRate, RATE);
  }

  #checkSettings(): void {
    const clipping = (['clipNorm', 'globalClipNorm', 'clipValue'] as const).filter(
      (name) => this[name] !== undefined,
    );
    if (clipping.length > 1) {
      this.checks.fail(
        'INVALID_ARGUMENT',
        `${clipping.join(' and ')} can't be combined; give one of clipNorm, globalClipNorm and clipValue.`,
      );
    }
    if (!this.useEma && (this.emaMomentum ?? this.emaOverwriteFrequency) !== undefined) {
      this.checks.fail('INVALID_ARGUMENT', 'emaMomentum and emaOverwriteFrequency need useEma: true.');
    }
  }
}

const RATE = 'a finite number from 0 up, or a schedule';
const isRate = (rate: number) => rate >= 0;

/** The options with the default of emaMomentum, which counts only with useEma. */
function withMomentum(options: OptimizerOptions): OptimizerOptions {
  if (!options?.useEma) return options;
  return { ...options, emaMomentum: options.emaMomentum ?? EMA_MOMENTUM };
}
