import { formatNumber, formatTable } from './format.js';
import { bestOwn, type ComparedRow, type CompareReport, type Comparison } from './result.js';
import { relativeSpread, type Summary } from './statistics.js';

/** The columns of a table: a row's cells follow. */
export const COLUMNS = [
  'library',
  'threads',
  'images/s',
  'spread',
  'of peak',
  'speed-up (quartiles)',
  'images a turn',
  'batch',
  'turns',
];

/** Cells of the row, in the order of COLUMNS. */
export function cellsOf(row: ComparedRow, { baseline }: Comparison): string[] {
  return [
    row.peer,
    String(row.threads),
    formatNumber(row.median),
    `±${(100 * relativeSpread(row)).toFixed(0)} %`,
    row.peakShare === null ? '-' : `${formatNumber(100 * row.peakShare)} %`,
    row.speedup ? formatRatio(row.speedup) : row.peer === baseline?.name ? '1' : '-',
    String(row.images),
    String(row.batch),
    String(row.repeats),
  ];
}

function formatRatio({ median, low, high }: Summary): string {
  return `${formatNumber(median)}x (${formatNumber(low)} to ${formatNumber(high)})`;
}

/** The install command for JavaScript libraries, if none is there. */
const INSTALL = 'npm install @tensorflow/tfjs @tensorflow/tfjs-backend-wasm';

/** One sentence for each of the whole network's tasks. */
export function headlines({ comparisons }: CompareReport): string[] {
  return comparisons
    .filter(({ network }) => network.layers.length > 1)
    .flatMap((comparison) => {
      const { task, baseline } = comparison;
      const own = bestOwn(comparison);
      if (!own?.speedup || !baseline) return [];
      const what = task === 'training' ? 'trains' : 'infers';
      const subject = `${own.peer} on ${own.threads} thread${own.threads === 1 ? '' : 's'} ${what} ${formatRatio(own.speedup)} as fast as`;
      if (baseline.side === 'javascript')
        return [`${subject} ${baseline.name}, the fastest JavaScript library that is installed.`];
      return [
        `${subject} its own reference engine in TypeScript. No JavaScript library that does this is installed; for a comparison with one: ${INSTALL}`,
      ];
    });
}

/** What the columns of this comparison are related to. */
export function relation({ baseline }: Comparison): string {
  return baseline ? `Speed-up: how many times as fast as ${baseline.name}.` : '';
}

/** Versions, remarks on peers, what was left out, and what isn't installed. */
export function notes(report: CompareReport): string[] {
  const rows = report.comparisons.flatMap((comparison) => comparison.rows);
  const remarks = new Map(rows.flatMap(({ peer, remark }) => (remark ? [[peer, remark] as const] : [])));
  const computers = new Set(rows.map(({ peer, version, config }) => `${peer} ${version}: ${config}`));
  return [
    ...computers,
    ...[...remarks].map(([peer, remark]) => `${peer} ${remark}.`),
    ...report.left.map(({ name, reason }) => `${name} was left out: ${reason}`),
    ...report.missing.map(({ name, command }) => `${name} is not installed: ${command}`),
    ...(report.machine.load > 0.5
      ? [`Other programs were running (load ${report.machine.load.toFixed(1)}): trust ratios, not speeds.`]
      : []),
  ];
}

/** What was checked before. */
export function checksText({ checks }: CompareReport): string {
  const { outputs, losses, outputTolerance, lossTolerance } = checks;
  return (
    `All began with the same weights and the same batches. Before any timing, the outputs of ${outputs} images were ` +
    `within ${outputTolerance} of the reference engine's, and the losses of the first ${losses} training steps within ${100 * lossTolerance} %. ` +
    `The loss of a library with SGD was compared with SGD's.`
  );
}

/** The report as text, for a terminal. */
export function reportText(report: CompareReport): string {
  const { machine } = report;
  const threads = `${machine.threads} thread${machine.threads === 1 ? '' : 's'}`;
  const peaks = Object.entries(machine.peak).map(
    ([count, peak]) => `${formatNumber(peak)} GFLOP/s on ${count}`,
  );
  const tables = report.comparisons.map((comparison) => {
    const rows = comparison.rows.map((row) => cellsOf(row, comparison));
    return `${comparison.title}\n${formatTable(COLUMNS, rows)}\n${relation(comparison)}`;
  });
  return [
    `convforge ${report.convforge} on ${machine.processor}, ${threads}; Node ${machine.node}; peak ${peaks.join(', ')}`,
    checksText(report),
    ...tables,
    notes(report).join('\n'),
    headlines(report).join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}
