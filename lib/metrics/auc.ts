import { OptionChecks, show } from '../options.js';
import { Metric, type MetricOptions, ratio } from './metric.js';
import { type MetricFunction, metricFunction } from './metric-function.js';

/** Options of {@link auc}. */
export interface AUCOptions extends MetricOptions {
  /** The number of thresholds, evenly spaced from 0 to 1, at which the curve is computed. Default 200. */
  numThresholds?: number;
  /** 'ROC' (true-positive rate over false-positive rate) or 'PR' (precision over recall). Default 'ROC'. */
  curve?: 'ROC' | 'PR';
}

/**
 * The area under the ROC or precision-recall curve. Outputs must be in [0, 1]; targets are values (true above
 * 0.5) or classes. All outputs count together, exactly over an epoch.
 *
 * As in Keras, the curve is computed at `numThresholds` thresholds. Between them, ROC is interpolated
 * linearly, and precision-recall as by Davis and Goadrich (2006). More thresholds bring the result nearer to
 * the area over all scores.
 */
export const auc: MetricFunction<AUCOptions> = metricFunction((options = {}) => {
  const name = 'auc';
  const checks = new OptionChecks(name);
  checks.keys(options, ['name', 'numThresholds', 'curve']);
  const { numThresholds = 200, curve = 'ROC', ...rest } = options;
  checks.whole('numThresholds', numThresholds, 2);
  if (curve !== 'ROC' && curve !== 'PR')
    checks.fail('INVALID_ARGUMENT', `curve is ${show(curve)}; it must be 'ROC' or 'PR'.`);
  const description = { kind: 'scoreCounts', thresholds: numThresholds } as const;
  const result = (counts: readonly number[]) => {
    const points = curvePoints(counts);
    return curve === 'ROC' ? areaUnderRoc(points) : areaUnderPr(points);
  };
  return new Metric({ name, logKey: name, description, result, config: { numThresholds, curve } }, rest);
});

/**
 * The numbers of positives above each threshold, from the first threshold, below all outputs, to the last,
 * above all.
 */
interface Points {
  truePositives: number[];
  falsePositives: number[];
}

function curvePoints(counts: readonly number[]): Points {
  const truePositives = [0];
  const falsePositives = [0];
  for (let i = counts.length - 2; i >= 0; i -= 2) {
    truePositives.unshift(truePositives[0] + counts[i]);
    falsePositives.unshift(falsePositives[0] + counts[i + 1]);
  }
  return { truePositives, falsePositives };
}

function areaUnderRoc({ truePositives: tp, falsePositives: fp }: Points): number {
  let area = 0;
  for (let i = 0; i + 1 < tp.length; i++) area += ((fp[i] - fp[i + 1]) * (tp[i] + tp[i + 1])) / 2;
  return ratio(area, tp[0] * fp[0]);
}

/**
 * Between two thresholds, true positives rise with slope s over the positives p. Precision is s + (tp - s p)
 * / p, whose integral has a logarithm.
 */
function areaUnderPr({ truePositives: tp, falsePositives: fp }: Points): number {
  let area = 0;
  for (let i = 0; i + 1 < tp.length; i++) {
    const [positives, next] = [tp[i] + fp[i], tp[i + 1] + fp[i + 1]];
    const gained = tp[i] - tp[i + 1];
    const slope = ratio(gained, positives - next);
    const start = tp[i + 1] - slope * next;
    const logarithm = next > 0 ? Math.log(positives / next) : 0;
    area += slope * (gained + start * logarithm);
  }
  return ratio(area, tp[0]);
}
