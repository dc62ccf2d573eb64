import type { Logs } from '../callbacks/callback.js';
import type { Model } from '../network/model.js';
import { type OptionChecks, show } from '../options.js';
import { isInt32Array } from '../realms.js';
import { Tensor } from '../tensor/index.js';
import type { LabelledSource } from './labelled-data.js';
import { logKeys } from './logs.js';

/**
 * A metric of one output over all validation samples. yTrue holds the targets as the loss takes them: class
 * indices [n] or values [n, ...]. yPred holds the predictions [n, ...].
 */
export type CustomMetric = (yTrue: Tensor, yPred: Tensor) => number | Promise<number>;

/** Metrics by their names in logs. */
export type CustomMetrics = Readonly<Record<string, CustomMetric>>;

/** Throws INVALID_ARGUMENT unless `metrics` is an object of functions. */
export function readCustomMetrics(checks: OptionChecks, metrics: unknown): CustomMetrics {
  if (metrics === null || typeof metrics !== 'object' || Array.isArray(metrics))
    checks.fail('INVALID_ARGUMENT', `customMetrics is ${show(metrics)}; it must be functions by name.`);
  for (const [name, metric] of Object.entries(metrics)) {
    if (typeof metric !== 'function')
      checks.fail('INVALID_ARGUMENT', `customMetrics.${name} is ${show(metric)}; it must be a function.`);
  }
  return metrics as CustomMetrics;
}

/** Targets and predictions that custom metrics take. */
export interface Scored {
  /** One for each output that has a loss. */
  targets: readonly Tensor[];
  /** One for each output. */
  predictions: readonly Tensor[];
}

/** Copies the targets, one tensor for each output that has a loss. */
export function targetTensors({ y }: LabelledSource): Tensor[] {
  return y.map((source) => {
    const values = source.read(0, source.size).slice();
    return new Tensor(values, source.shape, isInt32Array(values) ? 'int32' : 'float32');
  });
}

/**
 * A metric of one output: `output` is that output's index among all outputs, `target` its index among those
 * with a loss.
 */
interface OutputMetric {
  key: string;
  metric: CustomMetric;
  output: number;
  target: number;
}

/** Evaluates custom metrics on the validation data of a fit. */
export class CustomScores {
  readonly #checks: OptionChecks;
  readonly #metrics: readonly OutputMetric[];

  /** Throws INVALID_ARGUMENT for a name that logs already have. */
  constructor(checks: OptionChecks, metrics: CustomMetrics, model: Model) {
    this.#checks = checks;
    this.#metrics = assignMetrics(metrics, model);
    const taken = logKeys(model.compiled).map((key) => `val_${key}`);
    const twice = this.keys.find((key) => taken.includes(key));
    if (twice !== undefined)
      checks.fail('INVALID_ARGUMENT', `customMetrics: logs have '${twice}' already; choose another name.`);
  }

  /** The log keys of the metrics. */
  get keys(): string[] {
    return this.#metrics.map(({ key }) => key);
  }

  /**
   * Evaluates the metrics on all samples at once. Rejects with what a metric throws, or with INVALID_ARGUMENT
   * if it returns no number.
   */
  async evaluate({ targets, predictions }: Scored): Promise<Logs> {
    const logs: Logs = {};
    for (const { key, metric, output, target } of this.#metrics) {
      const value: unknown = await metric(targets[target], predictions[output]);
      if (typeof value !== 'number')
        this.#checks.fail(
          'INVALID_ARGUMENT',
          `the custom metric '${key}' gave ${show(value)}; it must return a number.`,
        );
      logs[key] = value;
    }
    return logs;
  }
}

/**
 * Pairs each metric with each output that has a loss. With several outputs, keys begin with the output's
 * name, as for built-in metrics.
 */
function assignMetrics(metrics: CustomMetrics, { compiled: { outputs } }: Model): OutputMetric[] {
  const trained = outputs.flatMap((output, i) => (output ? [{ name: output.name, output: i }] : []));
  return trained.flatMap(({ name, output }, target) => {
    const prefix = outputs.length === 1 ? 'val_' : `val_${name}_`;
    return Object.entries(metrics).map(([own, metric]) => ({ key: prefix + own, metric, output, target }));
  });
}
