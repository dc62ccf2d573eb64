import type { Comparison } from './compare.js';
import type { Result } from './result.js';
import { formatNumber, formatTable } from '../../lib/compare/format.js';

/** Tables of each part's results: median, quartiles, and the share of the machine's limit. */
export function resultTables(results: readonly Result[]): string {
  const parts = [...new Set(results.map(({ part }) => part))];
  return parts
    .map((part) => {
      const own = results.filter((each) => each.part === part);
      const hasAlgorithm = own.some(({ algorithm }) => algorithm !== undefined);
      const header = ['threads', 'median', 'quartiles', 'repeats', 'unit', 'of limit'];
      const rows = own.map((each) => [
        each.name,
        ...(hasAlgorithm ? [each.algorithm ?? ''] : []),
        String(each.threads),
        formatNumber(each.median),
        `${formatNumber(each.low)} .. ${formatNumber(each.high)}`,
        String(each.repeats),
        each.unit,
        each.share === undefined ? '' : each.share.toFixed(2),
      ]);
      return formatTable([part, ...(hasAlgorithm ? ['algorithm'] : []), ...header], rows);
    })
    .join('\n\n');
}

/** Ratios to an older run, the worst first. */
export function comparisonTable(comparisons: readonly Comparison[]): string {
  const order = { worse: 0, better: 1, same: 2 };
  const rows = [...comparisons]
    .sort((a, b) => order[a.change] - order[b.change] || a.ratio - b.ratio)
    .map(({ part, name, threads, unit, before, now, ratio, change }) => [
      `${part} ${name}`,
      String(threads),
      formatNumber(before),
      formatNumber(now),
      unit,
      ratio.toFixed(2),
      change === 'same' ? '' : change,
    ]);
  return formatTable(['compared', 'threads', 'before', 'now', 'unit', 'ratio', ''], rows);
}
