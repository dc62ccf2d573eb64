import { NETWORKS } from '../../networks/index.js';
import { formatNumber } from '../../../../lib/compare/format.js';
import { type Summary, summarize } from '../../../../lib/compare/statistics.js';
import { type Result, turnRatios } from '../../../../lib/compare/measurement.js';
import { SELF } from '../peer.js';
import { bestRival, peersOf } from '../report.js';

/** What is measured of a network, in the order of the tables. */
export const KINDS = [
  'training',
  'inference',
  'one image, median',
  'one image, p90',
  'training memory',
] as const;

export type NetworkKind = (typeof KINDS)[number];

const TITLES: Record<NetworkKind, string> = {
  training: 'Training, images/s',
  inference: 'Inference of batches, images/s',
  'one image, median': 'One image, median of ms',
  'one image, p90': 'One image, 90th percentile of ms',
  'training memory': 'Memory of training, MB',
};

export function isNetworkResult({ task }: Result): boolean {
  return NETWORKS.some(({ name }) => task.startsWith(`${name}: `));
}

/** The results of a network in a number of threads. */
export interface NetworkRow {
  network: string;
  threads: number;
  self: Result | undefined;
  /** The fastest of the others. */
  rival: Result | undefined;
  /** convforge's speed, or thrift, as a multiple of the rival's, turn by turn. */
  ratio: Summary | undefined;
  results: readonly Result[];
}

/** A row for each network and number of threads. `results` has one configuration for each peer. */
export function networkRows(results: readonly Result[], kind: NetworkKind): NetworkRow[] {
  const threadCounts = [...new Set(results.map(({ threads }) => threads))].sort((a, b) => a - b);
  return NETWORKS.flatMap(({ name }) =>
    threadCounts.flatMap((threads) => {
      const own = results.filter((each) => each.task === `${name}: ${kind}` && each.threads === threads);
      if (own.length === 0) return [];
      const self = own.find(({ peer }) => peer === SELF);
      const rival = bestRival({ self, results: own });
      const ratios = self && rival ? turnRatios(self, rival) : [];
      const ratio = ratios.length > 0 ? summarize(ratios) : undefined;
      return [{ network: name, threads, self, rival, ratio, results: own }];
    }),
  );
}

/**
 * Markdown: a summary of all networks, and a table for each kind of figure. A rival's cell has its median and, in
 * brackets, the median of the ratios of all turns. The last column has this ratio and its quartiles for the best
 * of the others.
 */
export function networkTables(results: readonly Result[]): string {
  const tables = KINDS.map((kind) => ({ kind, table: kindTable(results, kind) }));
  const parts = tables.flatMap(({ kind, table }) => (table ? [`### ${TITLES[kind]}\n\n${table}`] : []));
  return [summaryTable(results), ...parts].join('\n\n');
}

function kindTable(results: readonly Result[], kind: NetworkKind): string | undefined {
  const rows = networkRows(results, kind);
  if (rows.length === 0) return undefined;
  const peers = peersOf(rows.flatMap((row) => row.results));
  const cells = rows.map(({ network, threads, self, ratio, results }) => [
    network,
    String(threads),
    ...peers.map((peer) =>
      cell(
        results.find((each) => each.peer === peer),
        self,
      ),
    ),
    ratio ? `${ratio.median.toFixed(2)} (${ratio.low.toFixed(2)} to ${ratio.high.toFixed(2)})` : '',
  ]);
  return markdownTable(['network', 'threads', ...peers, 'best of the others'], cells);
}

function cell(result: Result | undefined, self: Result | undefined): string {
  if (!result) return '';
  const ratios = self && result !== self ? turnRatios(self, result) : [];
  const compared = ratios.length > 0 ? ` (${summarize(ratios).median.toFixed(2)})` : '';
  return `${formatNumber(result.median)}${compared}`;
}

/** A row for each network: convforge's figures, and in brackets the multiples of the best of the others. */
function summaryTable(results: readonly Result[]): string {
  const columns = KINDS.map((kind) => networkRows(results, kind));
  const networks = NETWORKS.map(({ name }) => name).filter((name) =>
    columns.some((rows) => rows.some(({ network }) => network === name)),
  );
  const threadCounts = [...new Set(columns.flat().map(({ threads }) => threads))].sort((a, b) => a - b);
  const cells = networks.map((name) => [
    name,
    ...columns.map((rows) => {
      const own = threadCounts.map((count) =>
        rows.find((row) => row.network === name && row.threads === count),
      );
      if (own.every((row) => !row?.self)) return '';
      const figures = own.map((row) => (row?.self ? formatNumber(row.self.median) : '-'));
      const ratios = own.map((row) => (row?.ratio ? row.ratio.median.toFixed(2) : '-'));
      return `${figures.join(' / ')} (${ratios.join(' / ')})`;
    }),
  ]);
  const counts = threadCounts.join(' / ');
  return markdownTable([`threads: ${counts}`, ...KINDS.map((kind) => TITLES[kind])], cells);
}

export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(header), `|${'---|'.repeat(header.length)}`, ...rows.map(line)].join('\n');
}
