import { describeLoss } from '../losses/describe.js';
import {
  type CrossentropyOptions,
  type SparseCrossentropyOptions,
  type HuberOptions,
  binaryCrossentropy as binaryCrossentropyLoss,
  categoricalCrossentropy as categoricalCrossentropyLoss,
  huber as huberLoss,
  sparseCategoricalCrossentropy as sparseCategoricalCrossentropyLoss,
} from '../losses/index.js';
import { lossConfig } from '../losses/registry.js';
import type { LossDescription } from '../program/description.js';
import { Metric, type MetricOptions, ratio } from './metric.js';
import { type MetricFunction, metricFunction } from './metric-function.js';

// The means of losses over samples, without sample weights. A metric has the formula of the loss of its name.

const mean = ([sum, samples]: readonly number[]) => ratio(sum, samples);

function meanOf(
  loss: LossDescription,
  options: MetricOptions | undefined,
  logKey: string = loss.kind,
  { name = loss.kind as string, result = mean } = {},
): Metric {
  const description = { kind: 'mean', loss } as const;
  return new Metric({ name, logKey, description, result, config: lossConfig(loss) }, options);
}

/** The mean squared error: mean of (p - t)^2. Its key in logs is 'mse'. */
export const meanSquaredError: MetricFunction = metricFunction((options) =>
  meanOf(describeLoss('meanSquaredError'), options, 'mse'),
);

/** The root mean squared error over all samples. Its key in logs is 'rmse'. */
export const rootMeanSquaredError: MetricFunction = metricFunction((options = {}) => {
  const result = (counts: readonly number[]) => Math.sqrt(mean(counts));
  return meanOf(describeLoss('meanSquaredError'), options, 'rmse', { name: 'rootMeanSquaredError', result });
});

/** The mean absolute error: mean of |p - t|. Its key in logs is 'mae'. */
export const meanAbsoluteError: MetricFunction = metricFunction((options) =>
  meanOf(describeLoss('meanAbsoluteError'), options, 'mae'),
);

/** The mean absolute percentage error: 100 times the mean of |p - t| / |t|. Its key in logs is 'mape'. */
export const meanAbsolutePercentageError: MetricFunction = metricFunction((options) =>
  meanOf(describeLoss('meanAbsolutePercentageError'), options, 'mape'),
);

/** The mean squared logarithmic error: mean of (log(1 + p) - log(1 + t))^2. Its key in logs is 'msle'. */
export const meanSquaredLogarithmicError: MetricFunction = metricFunction((options) =>
  meanOf(describeLoss('meanSquaredLogarithmicError'), options, 'msle'),
);

/** As the loss `huber`. */
export const huber: MetricFunction<HuberOptions & MetricOptions> = metricFunction((options = {}) => {
  const { name, ...rest } = options;
  return meanOf(huberLoss(rest), { name });
});

/** Mean of log(cosh(p - t)). */
export const logCosh: MetricFunction = metricFunction((options) => meanOf(describeLoss('logCosh'), options));

/** As the loss `hinge`. */
export const hinge: MetricFunction = metricFunction((options) => meanOf(describeLoss('hinge'), options));

/** As the loss `squaredHinge`. */
export const squaredHinge: MetricFunction = metricFunction((options) =>
  meanOf(describeLoss('squaredHinge'), options),
);

/** As the loss `categoricalHinge`. */
export const categoricalHinge: MetricFunction = metricFunction((options) =>
  meanOf(describeLoss('categoricalHinge'), options),
);

/** As the loss `klDivergence`. */
export const klDivergence: MetricFunction = metricFunction((options) =>
  meanOf(describeLoss('klDivergence'), options),
);

/** As the loss `poisson`. */
export const poisson: MetricFunction = metricFunction((options) => meanOf(describeLoss('poisson'), options));

/**
 * As the loss `cosineSimilarity`: -1 for vectors of the same direction. TF.js's metric of this name ('cosine'
 * for short).
 */
export const cosineProximity: MetricFunction = metricFunction((options) =>
  meanOf(describeLoss('cosineSimilarity'), options, 'cosineProximity', { name: 'cosineProximity' }),
);

/**
 * The cosine of the angle between t and p along the last axis: 1 for vectors of the same direction. The loss
 * and `cosineProximity` are minus it.
 */
export const cosineSimilarity: MetricFunction = metricFunction((options = {}) => {
  const result = (counts: readonly number[]) => -mean(counts);
  return meanOf(describeLoss('cosineSimilarity'), options, undefined, { result });
});

/** As the loss `categoricalCrossentropy`. */
export const categoricalCrossentropy: MetricFunction<CrossentropyOptions & MetricOptions> = metricFunction(
  (options = {}) => {
    const { name, ...rest } = options;
    return meanOf(categoricalCrossentropyLoss(rest), { name });
  },
);

/**
 * As the loss `sparseCategoricalCrossentropy`, but the mean over all rows: rows of the class `ignoreClass`
 * count with a loss of 0, as in Keras.
 */
export const sparseCategoricalCrossentropy: MetricFunction<SparseCrossentropyOptions & MetricOptions> =
  metricFunction((options = {}) => {
    const { name, ...rest } = options;
    return meanOf(sparseCategoricalCrossentropyLoss(rest), { name });
  });

/** As the loss `binaryCrossentropy`. */
export const binaryCrossentropy: MetricFunction<CrossentropyOptions & MetricOptions> = metricFunction(
  (options = {}) => {
    const { name, ...rest } = options;
    return meanOf(binaryCrossentropyLoss(rest), { name });
  },
);
