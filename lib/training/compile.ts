import { getLoss, type LossIdentifier } from '../losses/registry.js';
import type { Metric } from '../metrics/index.js';
import { getMetric, type MetricIdentifier } from '../metrics/registry.js';
import type { Optimizer } from '../optimizers/index.js';
import { getOptimizer, type OptimizerIdentifier } from '../optimizers/registry.js';
import { OptionChecks } from '../options.js';
import type { LossDescription, Shape } from '../program/description.js';

export interface CompileOptions {
  /** 'sgd', 'adam', or one made by `train` or `optimizers`. */
  optimizer: OptimizerIdentifier;
  /** A name, such as 'categoricalCrossentropy', or one of `losses`. */
  loss: LossIdentifier;
  /** Names, such as 'accuracy', or values of `metrics`. Default none. */
  metrics?: MetricIdentifier | readonly MetricIdentifier[];
}

/** What compile settled. */
export interface Compiled {
  optimizer: Optimizer;
  loss: LossDescription;
  metrics: readonly Metric[];
}

/** `outputShape` is that of one output. */
export function readCompileOptions(options: CompileOptions, outputShape: Shape): Compiled {
  const checks = new OptionChecks('compile');
  checks.keys(options, ['optimizer', 'loss', 'metrics']);
  const optimizer = getOptimizer(options.optimizer);
  const loss = getLoss(options.loss);
  const identifiers = options.metrics ?? [];
  const list = (Array.isArray(identifiers) ? identifiers : [identifiers]) as MetricIdentifier[];
  const metrics = list.map((identifier) => getMetric(identifier, loss, outputShape));
  const keys = metrics.map((metric) => metric.logKey);
  const twice = keys.find((key, i) => keys.indexOf(key) !== i);
  if (twice !== undefined)
    checks.fail('INVALID_ARGUMENT', `two metrics would be '${twice}' in the logs; leave one out.`);
  return { optimizer, loss, metrics };
}
