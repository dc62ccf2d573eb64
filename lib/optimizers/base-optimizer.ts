import { classNameOf, INSPECT, type InspectArguments, inspected, join, type Look } from '../inspect.js';
import { number } from '../option-kinds.js';
import { readOptions, type Schema, type SchemaOf, withoutDefaults } from '../option-schema.js';
import { OptionChecks } from '../options.js';
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

const BASE_OPTIONS: readonly (keyof OptimizerOptions)[] = [
  'learningRate',
  'weightDecay',
  'clipNorm',
  'globalClipNorm',
  'clipValue',
  'useEma',
  'emaMomentum',
  'emaOverwriteFrequency',
  'gradientAccumulationSteps',
];

/** A schema of the options of one optimizer that others don't have. */
export type RuleSchemaOf<Options extends OptimizerOptions> = SchemaOf<Omit<Options, keyof OptimizerOptions>>;

/** A factor in [0, 1), such as a momentum. */
export const decay = number((factor) => factor >= 0 && factor < 1, 'a number in [0, 1)');

/** A number above 0 that float32 doesn't round to 0. */
export const epsilon = number((value) => value >= 1.2e-38, 'a number above 0 (in float32 too)');

/** The base of all optimizers. The learning rate can be set at any time, even during training. */
export abstract class Optimizer {
  #learningRate: number | LearningRateSchedule;
  #countSteps = () => 0;
  readonly #settings: Settings;
  readonly #listeners = new Set<(rate: number) => void>();
  protected readonly checks: OptionChecks;
  readonly #schema: Schema;

  /** @internal */
  constructor(
    subject: string,
    options: OptimizerOptions,
    schema: Schema,
    defaults: { learningRate: number; weightDecay?: number },
  ) {
    this.#schema = schema;
    this.checks = new OptionChecks(subject);
    this.checks.keys(options, [...BASE_OPTIONS, ...Object.keys(schema)]);
    this.#learningRate = this.#readRate(options.learningRate ?? defaults.learningRate);
    this.#settings = readSettings(this.checks, options, defaults.weightDecay);
    readOptions(this, schema, this.checks, options);
  }

  /** The hyperparameters of its update rule. */
  protected abstract rule(): OptimizerRule;

  /** @internal */
  describe(): OptimizerDescription {
    const rate = this.#learningRate;
    const learningRate = typeof rate === 'number' ? rate : rate.describe();
    return { ...this.rule(), learningRate, ...this.#settings };
  }

  /** Keras's name of the class, such as "Adam". */
  getClassName(): string {
    return (this.constructor as unknown as OptimizerClass).className;
  }

  /** The options that make this optimizer again, as plain data. */
  getConfig(): Record<string, unknown> {
    const { kind, ...options } = this.rule();
    const rate = this.#learningRate;
    const learningRate =
      typeof rate === 'number' ? rate : { className: rate.className, config: rate.getConfig() };
    return { learningRate, ...options, ...this.#settings };
  }

  /**
   * The config without defaults, though with the learning rate.
   * @internal
   */
  changedOptions(): Record<string, unknown> {
    return withoutDefaults(this.getConfig(), this, this.#schema, this.checks);
  }

  /** @internal */
  [INSPECT](...asked: InspectArguments): string {
    return inspected(this, asked, inspectOptimizer);
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
}

const RATE = 'a finite number from 0 up, or a schedule';
const isRate = (rate: number) => rate >= 0;

/** The settings of all optimizers except the learning rate. Those with default values are left out. */
type Settings = Omit<OptimizerSettings, 'learningRate'>;

function readSettings(
  checks: OptionChecks,
  options: OptimizerOptions,
  defaultDecay: number | undefined,
): Settings {
  const above0 = (name: keyof OptimizerOptions) => {
    const value = options[name];
    if (value === undefined || value === null) return {};
    return { [name]: checks.number(name, value, (limit) => limit > 0, 'a finite number above 0') };
  };
  const whole = (name: keyof OptimizerOptions) => {
    const value = options[name];
    return value === undefined || value === null ? {} : { [name]: checks.whole(name, value, 1) };
  };
  const clipping = { ...above0('clipNorm'), ...above0('globalClipNorm'), ...above0('clipValue') };
  if (Object.keys(clipping).length > 1) {
    checks.fail(
      'INVALID_ARGUMENT',
      `${Object.keys(clipping).join(' and ')} can't be combined; give one of clipNorm, globalClipNorm and clipValue.`,
    );
  }
  const decay = options.weightDecay ?? defaultDecay;
  return {
    ...(decay !== undefined && {
      weightDecay: checks.number('weightDecay', decay, (share) => share >= 0, 'a finite number from 0 up'),
    }),
    ...clipping,
    ...readAveraging(checks, options, whole('emaOverwriteFrequency')),
    ...whole('gradientAccumulationSteps'),
  };
}

function readAveraging(checks: OptionChecks, options: OptimizerOptions, frequency: Settings): Settings {
  const emaMomentum = checks.number(
    'emaMomentum',
    options.emaMomentum ?? 0.99,
    (momentum) => momentum >= 0 && momentum < 1,
    'a number in [0, 1)',
  );
  if (checks.boolean('useEma', options.useEma ?? false)) return { useEma: true, emaMomentum, ...frequency };
  const needless = options.emaMomentum !== undefined || frequency.emaOverwriteFrequency !== undefined;
  if (needless) {
    checks.fail('INVALID_ARGUMENT', 'emaMomentum and emaOverwriteFrequency need useEma: true.');
  }
  return {};
}

/**
 * `Adam { learningRate: 0.001 }`: the learning rate or its schedule, and hyperparameters that aren't defaults.
 */
function inspectOptimizer(optimizer: Optimizer, look: Look): string {
  return join(classNameOf(optimizer), look.fields(optimizer.changedOptions()));
}
