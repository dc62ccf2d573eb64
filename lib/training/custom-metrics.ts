import type { Logs } from '../callbacks/callback.js';
import type { Model } from '../network/model.js';
import { type OptionChecks, show } from '../options.js';
import { Tensor } from '../tensor/index.js';
import type { LabelledSource } from './labelled-data.js';
import { logKeys } from './logs.js';

/**
 * A measure of an output over all validation samples: yTrue are the targets, whole-number classes [n] or values [n, ...] as the loss
 * takes them, yPred the predictions [n, ...].
 */
export type CustomMetric = (yTrue: Tensor, yPred: Tensor) => number | Promise<number>;

/** Metrics by the names that they have in logs. */
export type CustomMetrics = Readonly<Record<string, CustomMetric>>;

/** Throws INVALID_ARGUMENT for what is no function. */
export function readCustomMetrics(checks: OptionChecks, metrics: unknown): CustomMetrics {
  if (metrics === null || typeof metrics !== 'object' || Array.isArray(metrics))
    checks.fail('INVALID_ARGUMENT', `customMetrics is ${show(metrics)}; it must be functions by name.`);
  for (const [name, metric] of Object.entries(metrics)) {
    if (typeof metric !== 'function')
      checks.fail('INVALID_ARGUMENT', `customMetrics.${name} is ${show(metric)}; it must be a function.`);
  }
  return metrics as CustomMetrics;
}

/** What custom metrics measure. */
export interface Scored {
  /** By output that has a loss. */
  targets: readonly Tensor[];
  /** By output. */
  predictions: readonly Tensor[];
}

/** Copies of the targets, by output that has a loss. */
export function targetTensors({ y }: LabelledSource): Tensor[] {
  return y.map((source) => {
    const values = source.read(0, source.size).slice();
    return new Tensor(values, source.shape, values instanceof Int32Array ? 'int32' : 'float32');
  });
}

/** Metrics with the places of their outputs among the model's, and among those that have a loss. */
interface PlacedMetric {
  key: string;
  metric: CustomMetric;
  output: number;
  target: number;
}

/** Metrics in JavaScript on the validation data of a fit. */
export class CustomScores {
  readonly #checks: OptionChecks;
  readonly #metrics: readonly PlacedMetric[];

  /** Throws INVALID_ARGUMENT for a name that logs have already. */
  constructor(checks: OptionChecks, metrics: CustomMetrics, model: Model) {
    this.#checks = checks;
    this.#metrics = placeMetrics(metrics, model);
    const taken = logKeys(model.compiled).map((key) => `val_${key}`);
    const twice = this.keys.find((key) => taken.includes(key));
    if (twice !== undefined)
      checks.fail('INVALID_ARGUMENT', `customMetrics: logs have '${twice}' already; choose another name.`);
  }

  /** Of the logs. */
  get keys(): string[] {
    return this.#metrics.map(({ key }) => key);
  }

  /** Of all samples together. Rejects with what a metric throws; INVALID_ARGUMENT where it gives no number. */
  async evaluate({ targets, predictions }: Scored): Promise<Logs> {
    const logs: Logs = {};
    for (const { key, metric, output, target } of this.#metrics) {
      const value: unknown = await metric(targets[target], predictions[output]);
      if (typeof value !== 'number')
        this.#checks.fail('INVALID_ARGUMENT', `the custom metric '${key}' gave ${show(value)}, no number.`);
      logs[key] = value;
    }
    return logs;
  }
}

/** Each metric for each output with a loss; as with other metrics, keys of one among several begin with the output's name. */
function placeMetrics(metrics: CustomMetrics, { compiled: { outputs } }: Model): PlacedMetric[] {
  const trained = outputs.flatMap((output, i) => (output ? [{ name: output.name, output: i }] : []));
  return trained.flatMap(({ name, output }, target) => {
    const prefix = outputs.length === 1 ? 'val_' : `val_${name}_`;
    return Object.entries(metrics).map(([own, metric]) => ({ key: prefix + own, metric, output, target }));
  });
}
