import type { Layer } from '../layers/base-layer.js';
import { getLoss, type LossIdentifier } from '../losses/registry.js';
import type { Metric } from '../metrics/index.js';
import { getMetric, type MetricIdentifier } from '../metrics/registry.js';
import type { Optimizer } from '../optimizers/index.js';
import { getOptimizer, type OptimizerIdentifier } from '../optimizers/registry.js';
import { isPlainObject, OptionChecks, show, unknownName } from '../options.js';
import type { LossDescription } from '../program/description.js';
import type { ModelPort } from './ports.js';

/** Options of {@link LayersModel.compile}. */
export interface CompileOptions {
  /** A name, such as 'sgd' or 'adam', or an optimizer made by `train` or `optimizers`. */
  optimizer: OptimizerIdentifier;
  /**
   * A name, such as 'categoricalCrossentropy', or one of `losses`. Several outputs take one for all, a list
   * in their order (null for an output without a loss), or an object by their names.
   */
  loss: LossIdentifier | readonly (LossIdentifier | null)[] | Readonly<Record<string, LossIdentifier>>;
  /**
   * Factor of each output's loss in the total loss: a list, or an object by the outputs' names. Default 1.
   */
  lossWeights?: readonly number[] | Readonly<Record<string, number>>;
  /**
   * Names, such as 'accuracy', or values of `metrics`, for every output that has a loss. To choose by output,
   * give a list of lists in their order, or an object by their names. Default none.
   */
  metrics?: Metrics | readonly Metrics[] | Readonly<Record<string, Metrics>>;
}

/** A metric, or a list of them. */
export type Metrics = MetricIdentifier | readonly MetricIdentifier[];

/** Loss and metrics of one output. */
export interface CompiledOutput {
  name: string;
  loss: LossDescription;
  weight: number;
  metrics: readonly Metric[];
}

/** Result of compile. */
export interface Compiled {
  optimizer: Optimizer;
  /** One for each output; null without a loss. */
  outputs: readonly (CompiledOutput | null)[];
  /** The layers that were trainable at compile. All others stay frozen until the next compile. */
  trained: ReadonlySet<Layer>;
}

/** Resolves names to losses, metrics and an optimizer. Throws UNKNOWN_OPTION, UNSUPPORTED, INVALID_ARGUMENT. */
export function readCompileOptions(
  options: CompileOptions,
  outputs: readonly ModelPort[],
  trained: ReadonlySet<Layer>,
): Compiled {
  const checks = new OptionChecks('compile');
  checks.keys(options, ['optimizer', 'loss', 'lossWeights', 'metrics']);
  const optimizer = getOptimizer(options.optimizer);
  const names = outputs.map(({ name }) => name);
  const losses = readLosses(checks, options.loss, names);
  const weights = readWeights(checks, options.lossWeights, names);
  const compiled = outputs.map(({ name, shape }, i) => {
    const given = losses[i];
    if (given === null) return null;
    const loss = getLoss(given);
    const metrics = metricsOf(checks, options.metrics ?? [], name, names).map((metric) =>
      getMetric(metric, loss, shape),
    );
    const keys = metrics.map((metric) => metric.logKey);
    const twice = keys.find((key, k) => keys.indexOf(key) !== k);
    if (twice !== undefined)
      checks.fail('INVALID_ARGUMENT', `two metrics would be '${twice}' in the logs; leave one out.`);
    return { name, loss, weight: weights[i], metrics };
  });
  if (compiled.every((output) => output === null))
    checks.fail('INVALID_ARGUMENT', 'no output has a loss; give at least one.');
  return { optimizer, outputs: compiled, trained };
}

/** One value for each output, from a list in their order or an object by their names. */
function byOutput<T>(
  checks: OptionChecks,
  option: string,
  value: unknown,
  names: readonly string[],
  missing: T,
): T[] {
  if (Array.isArray(value)) {
    if (value.length === names.length) return value;
    return checks.fail(
      'INVALID_ARGUMENT',
      `${option} has ${value.length} entries; the model has ${names.length} outputs: ${names.join(', ')}.`,
    );
  }
  const record = value as Record<string, T>;
  const unknown = Object.keys(record).find((key) => !names.includes(key));
  if (unknown !== undefined)
    checks.fail('UNKNOWN_OPTION', `${option}: ${unknownName('output', unknown, names)}`);
  return names.map((name) => record[name] ?? missing);
}

function readLosses(
  checks: OptionChecks,
  loss: CompileOptions['loss'],
  names: readonly string[],
): (LossIdentifier | null)[] {
  const isByName = isPlainObject(loss) && !('kind' in (loss as object));
  if (Array.isArray(loss) || isByName)
    return byOutput<LossIdentifier | null>(checks, 'loss', loss, names, null);
  return names.map(() => loss as LossIdentifier);
}

function readWeights(
  checks: OptionChecks,
  weights: CompileOptions['lossWeights'],
  names: readonly string[],
): number[] {
  if (weights === undefined) return names.map(() => 1);
  if (weights === null || typeof weights !== 'object')
    checks.fail(
      'INVALID_ARGUMENT',
      `lossWeights is ${show(weights)}; it must be a list, or weights by the outputs' names.`,
    );
  return byOutput(checks, 'lossWeights', weights, names, 1).map((weight) =>
    checks.number('a loss weight', weight, () => true, 'a finite number'),
  );
}

function metricsOf(
  checks: OptionChecks,
  metrics: NonNullable<CompileOptions['metrics']>,
  output: string,
  outputs: readonly string[],
): readonly MetricIdentifier[] {
  let own: unknown = metrics;
  const isByName = isPlainObject(metrics) && !('className' in (metrics as object));
  const isByOutput = outputs.length > 1 && Array.isArray(metrics) && metrics.some(Array.isArray);
  if (isByName || isByOutput) {
    const all = byOutput<Metrics>(checks, 'metrics', metrics, outputs, []);
    own = all[outputs.indexOf(output)];
  }
  return (Array.isArray(own) ? own : [own]) as MetricIdentifier[];
}
