import { kerasClassName } from '../class-names.js';
import { isDefaultLoss, lossConfig } from '../losses/registry.js';
import type { Metric } from '../metrics/index.js';
import { getMetric, hasDefaultOptions, type MetricIdentifier } from '../metrics/registry.js';
import type { Model } from '../network/model.js';
import type { LossDescription } from '../program/description.js';
import type { CompiledOutput } from '../network/compile.js';
import { snakeWords } from './casing.js';
import { writeOptimizer } from './optimizer-config.js';
import type { JsonObject } from './read-model-json.js';
import { tfjsLoss, tfjsMetric } from './tfjs-names.js';

type Outputs = readonly (CompiledOutput | null)[];

/**
 * What compile settled, as TF.js writes it. What its names can't tell, options of losses and metrics, stands once more and complete
 * under `convforge`, which TF.js doesn't look at: it refuses such a loss by its name, and does without metrics that it doesn't have.
 */
export function writeTrainingConfig(model: Model): JsonObject {
  const { outputs, optimizer } = model.compiled;
  const weights = outputs.map((output) => output?.weight ?? 1);
  const own = {
    ...(outputs.some((output) => output && !isDefaultLoss(output.loss)) && {
      loss: outputs.map((output) => output && describeLoss(output.loss)),
    }),
    ...(!metricsAreNamed(model) && {
      metrics: outputs.map((output) => output?.metrics.map(describeMetric) ?? []),
    }),
  };
  return {
    loss: writeLosses(outputs),
    metrics: writeMetrics(outputs),
    ...(weights.some((weight) => weight !== 1) && { loss_weights: weights }),
    optimizer_config: writeOptimizer(optimizer),
    ...(Object.keys(own).length > 0 && { convforge: own }),
  };
}

/** One for the only output, a list for several, or by name where one has none: TF.js has no null. */
function writeLosses(outputs: Outputs): unknown {
  const trained = outputs.filter((output) => output !== null);
  if (trained.length < outputs.length)
    return Object.fromEntries(trained.map(({ name, loss }) => [name, lossName(loss)]));
  const losses = trained.map(({ loss }) => lossName(loss));
  return losses.length === 1 ? losses[0] : losses;
}

/** TF.js's name; where it has no such loss, one that it doesn't know. */
function lossName(loss: LossDescription): string {
  const name = tfjsLoss(loss);
  if (name !== undefined) return snakeWords(name);
  return isDefaultLoss(loss) ? snakeWords(loss.kind) : `convforge>${snakeWords(loss.kind)}`;
}

/** Those that TF.js has: a list for all outputs, or lists by name, in which TF.js leaves names as they are. */
function writeMetrics(outputs: Outputs): unknown {
  const names = outputs.map((output) => output?.metrics.map(metricName).filter((name) => name !== undefined));
  const [first = []] = names;
  if (names.every((list) => list?.join() === first.join())) return first.map(snakeWords);
  return Object.fromEntries(outputs.flatMap((output, i) => (output ? [[output.name, names[i]]] : [])));
}

function metricName(metric: Metric): string | undefined {
  if (metric.logKey === 'acc' && metric.name.endsWith('Accuracy')) return 'accuracy';
  if (metric.logKey === 'crossentropy') return 'crossentropy';
  return tfjsMetric(metric);
}

/** Whether the names that TF.js knows give these metrics when they are read. */
function metricsAreNamed(model: Model): boolean {
  return model.compiled.outputs.every(
    (output, i) =>
      output?.metrics.every((metric) => {
        const name = metricName(metric);
        if (name === undefined) return false;
        const read = getMetric(name as MetricIdentifier, output.loss, model.signature.outputs[i].shape);
        return JSON.stringify(describeMetric(read)) === JSON.stringify(describeMetric(metric));
      }) ?? true,
  );
}

/** A name; with options an object as Keras has it. */
function describeMetric(metric: Metric): unknown {
  const config = metric.getConfig();
  if (hasDefaultOptions(metric) && config.name === undefined) return snakeWords(metric.name);
  return { class_name: metric.getClassName(), config: snakeKeys(config) };
}

/** As a metric. */
function describeLoss(loss: LossDescription): unknown {
  if (isDefaultLoss(loss)) return snakeWords(loss.kind);
  return { class_name: kerasClassName(loss.kind), config: snakeKeys(lossConfig(loss)) };
}

function snakeKeys(config: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [snakeWords(key), value]));
}
