import { ConvforgeError } from '../errors.js';
import { rowClasses } from '../losses/row-classes.js';
import { makeMetric } from '../program/reference-engine/metrics.js';
import { Tensor, type TensorLike, toTensor } from '../tensor/index.js';
import { sameShape, showShape } from '../tensor/shapes.js';
import type { Metric, MetricOptions } from './metric.js';

/**
 * A metric. Called with options or nothing, it returns a metric for compile. Called with true values and
 * predictions, it computes the metric at once in JavaScript, with default options.
 *
 * ```ts
 * model.compile({ optimizer: 'adam', loss: 'mse', metrics: [tf.metrics.recall({ classId: 1 })] });
 * const values = tf.metrics.categoricalAccuracy(yTrue, yPred); // of each row
 * ```
 */
export interface MetricFunction<Options = MetricOptions> {
  (options?: Options): Metric;
  /**
   * Computes the metric of each row, [predictions' shape without the last axis], as TF.js does. precision,
   * recall, f1Score and auc are not defined for a row; they return a scalar for all rows together. Throws
   * SHAPE_MISMATCH, INVALID_LABEL.
   */
  (yTrue: TensorLike, yPred: TensorLike): Tensor;
}

export function metricFunction<Options>(make: (options?: Options) => Metric): MetricFunction<Options> {
  function metric(first?: Options | TensorLike, yPred?: TensorLike): Metric | Tensor {
    if (yPred === undefined) return make(first as Options | undefined);
    return measure(make(), first as TensorLike, yPred);
  }
  return metric as MetricFunction<Options>;
}

function measure(metric: Metric, yTrue: TensorLike, yPred: TensorLike): Tensor {
  const { name, description } = metric;
  const [t, p] = [toTensor(yTrue, `${name}: yTrue`), toTensor(yPred, `${name}: yPred`).toFloat()];
  const { targets, count } = makeMetric(description);
  const isSparse = targets === 'classes' || (targets === undefined && !sameShape(t.shape, p.shape));
  if (!isSparse && !sameShape(t.shape, p.shape)) {
    throw new ConvforgeError(
      'SHAPE_MISMATCH',
      `${name}: yTrue is ${showShape(t.shape)} and yPred ${showShape(p.shape)}; their shapes must be equal.`,
    );
  }
  const truth = isSparse ? rowClasses(name, t, p) : (t.toFloat().dataSync() as Float32Array);
  const outputs = p.dataSync() as Float32Array;
  const classes = p.shape[p.rank - 1] ?? 1;
  const isWhole = description.kind === 'classCounts' || description.kind === 'scoreCounts';
  if (isWhole) {
    const counts = count({ samples: p.size / classes, classes, outputs, targets: truth });
    return new Tensor(Float32Array.of(metric.result(counts)), [], 'float32');
  }
  const step = isSparse ? 1 : classes;
  const values = Float32Array.from({ length: p.size / classes }, (_, row) => {
    const part = outputs.subarray(row * classes, (row + 1) * classes);
    const own = truth.subarray(row * step, (row + 1) * step);
    return metric.result(count({ samples: 1, classes, outputs: part, targets: own }));
  });
  return new Tensor(values, p.shape.slice(0, -1), 'float32');
}
