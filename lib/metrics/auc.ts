import { OptionChecks, show } from '../options.js';
import { Metric, type MetricOptions, ratio } from './metric.js';
import { type MetricFunction, metricFunction } from './metric-function.js';

/** Options of {@link auc}. */
export interface AUCOptions extends MetricOptions {
  /** At how many thresholds the curve is known: evenly spaced, from 0 to 1. Default 200. */
  numThresholds?: number;
  /** 'ROC', true positives' rate over false positives'; or 'PR', precision over recall. Default 'ROC'. */
  curve?: 'ROC' | 'PR';
}

/**
 * The area under a curve, for outputs in [0, 1] whose targets are values (true above 0.5) or classes; all outputs count together. As
 * Keras has it, the curve is known at `numThresholds` thresholds, and between them it is interpolated: linearly, or precision and recall as
 * Davis and Goadrich (2006) do. Scores are counted exactly over an epoch; more thresholds bring the area nearer to that of all scores.
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

/** How many are above each threshold, from the least threshold, which all are above, to the last, which none is. */
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

/** Between two thresholds true positives rise with slope s over all positives p: precision is s + (tp - s p) / p, whose integral has a logarithm. */
function areaUnderPr({ truePositives: tp, falsePositives: fp }: Points): number {
  let area = 0;
  for (let i = 0; i + 1 < tp.length; i++) {
    const [positives, next] = [tp[i] + fp[i], tp[i + 1] + fp[i + 1]];
    const risen = tp[i] - tp[i + 1];
    const slope = ratio(risen, positives - next);
    const start = tp[i + 1] - slope * next;
    const logarithm = next > 0 ? Math.log(positives / next) : 0;
    area += slope * (risen + start * logarithm);
  }
  return ratio(area, tp[0]);
}
