import { count } from '../../../lib/machine.js';
import { formatNumber, formatTable } from '../../../lib/compare/format.js';
import { relativeSpread, type Summary, summarize } from '../../../lib/compare/statistics.js';
import { type Result, speedup, turnRatios } from '../../../lib/compare/measurement.js';
import { SELF } from './peer.js';

/**
 * A table with a row for each task and number of threads, and a column for each peer: median, spread (half of
 * the interquartile range) and how many times as fast convforge is. `results` has one configuration for each
 * peer.
 */
export function compareTable(results: readonly Result[]): string {
  const peers = peersOf(results);
  const rows = rowsOf(results).map(({ label, self, results }) => {
    const cells = peers.map((peer) =>
      cell(
        results.find((result) => result.peer === peer),
        self,
      ),
    );
    return [label, ...cells];
  });
  return formatTable(['', ...peers], rows);
}

export function peersOf(results: readonly Result[]): string[] {
  return [...new Set([SELF, ...results.map(({ peer }) => peer)])];
}

export interface Row {
  label: string;
  self: Result | undefined;
  /** One of each peer, convforge included. */
  results: readonly Result[];
}

/** A row for each task and number of threads. */
export function rowsOf(results: readonly Result[]): Row[] {
  const tasks = [...new Set(results.map(({ task }) => task))];
  const threads = [...new Set(results.map((result) => result.threads))];
  return tasks.flatMap((task) =>
    threads.flatMap((threadCount) => {
      const row = results.filter((result) => result.task === task && result.threads === threadCount);
      if (row.length === 0) return [];
      const label = `${task}, ${count(threadCount, 'thread')}, ${row[0].unit}`;
      return [{ label, self: row.find(({ peer }) => peer === SELF), results: row }];
    }),
  );
}

function cell(result: Result | undefined, self: Result | undefined): string {
  if (!result) return '-';
  const spread = `±${(100 * relativeSpread(result)).toFixed(0)}%`;
  const value = `${formatNumber(result.median)} ${spread.padStart(4)}`;
  if (!self || result === self) return value;
  return `${value} ${`${formatNumber(speedup(self, result))}x`.padStart(7)}`;
}

/**
 * A table like `compareTable`'s of results that were measured in turns. A rival's cell has the median of the
 * ratios of all turns, convforge's speed to the rival's, and their quartiles. The last column compares with the
 * fastest rival of the row. Below the table are a summary and the rows in which that rival is faster.
 */
export function turnsTable(results: readonly Result[]): string {
  const peers = peersOf(results);
  const rows = rowsOf(results).map((row) => ({ ...row, best: bestRatio(row) }));
  const cells = rows.map(({ label, self, results, best }) => [
    label,
    ...peers.map((peer) =>
      turnsCell(
        results.find((result) => result.peer === peer),
        self,
      ),
    ),
    best ? formatRatio(best) : '-',
  ]);
  const compared = rows.flatMap(({ label, best }) => (best ? [{ label, best }] : []));
  return `${formatTable(['', ...peers, 'best of the others'], cells)}\n\n${summary(compared)}`;
}

function turnsCell(result: Result | undefined, self: Result | undefined): string {
  if (!result || !self || result === self) return cell(result, undefined);
  const ratios = turnRatios(self, result);
  const compared = ratios.length > 0 ? `  ${formatRatio(summarize(ratios))}` : '';
  return `${formatNumber(result.median)}${compared}`;
}

/** The ratios of convforge to the rival with the highest median speed. */
function bestRatio(row: Row): Summary | undefined {
  const rival = bestRival(row);
  const ratios = row.self && rival ? turnRatios(row.self, rival) : [];
  return ratios.length > 0 ? summarize(ratios) : undefined;
}

/** The fastest of the others. */
export function bestRival({ self, results }: Pick<Row, 'self' | 'results'>): Result | undefined {
  const rivals = results.filter((result) => result !== self);
  if (rivals.length === 0) return undefined;
  return rivals.reduce((best, rival) => (speedup(rival, best) > 1 ? rival : best));
}

function formatRatio({ median, low, high }: Summary): string {
  return `${median.toFixed(2)}x (${low.toFixed(2)}..${high.toFixed(2)})`;
}

/** An upper quartile below it means that the rival is faster in most turns, by more than noise. */
const CLEARLY_SLOWER = 0.97;

function summary(rows: readonly { label: string; best: Summary }[]): string {
  if (rows.length === 0) return 'No row has a rival.';
  const slower = rows.filter(({ best }) => best.median < 1);
  const clearly = rows.filter(({ best }) => best.high < CLEARLY_SLOWER);
  const mean = Math.exp(rows.reduce((sum, { best }) => sum + Math.log(best.median), 0) / rows.length);
  const line =
    `${count(rows.length, 'row')} beside the best of the others: ${slower.length} below 1.0, ` +
    `${clearly.length} with the upper quartile below ${CLEARLY_SLOWER}; ` +
    `geometric mean of the medians ${mean.toFixed(2)}x`;
  return [line, ...slower.map(({ label, best }) => `    ${label}: ${formatRatio(best)}`)].join('\n');
}

/** The configuration behind each cell, a line for all cells of a peer that share it. */
export function configurations(results: readonly Result[]): string {
  const groups = new Map<string, Result[]>();
  for (const result of results) {
    const key = `${result.peer} ${result.version}: ${result.config}`;
    groups.set(key, [...(groups.get(key) ?? []), result]);
  }
  return [...groups].map(([name, group]) => `${name}\n${uses(group)}`).join('\n');
}

function uses(group: readonly Result[]): string {
  const tasks = [...new Set(group.map(({ task }) => task))];
  return tasks
    .map((task) => {
      const own = group.filter((result) => result.task === task);
      const threads = own.map((result) => result.threads).join(' and ');
      const { loss } = own[0];
      const learnt = loss === undefined ? '' : `; loss of the last epoch ${loss.toFixed(3)}`;
      return `    ${task} (threads: ${threads}${learnt})`;
    })
    .join('\n');
}
