import { count } from '../../../lib/cli/machine.js';
import { formatNumber, formatTable } from '../support/format.js';
import { relativeSpread } from '../support/statistics.js';
import { type Result, speedup } from './measurement.js';

/** The peer that the others are compared with. */
export const SELF = 'convforge';

/**
 * A table with a row for each task and number of threads, and a column for each peer: median, spread (half of
 * the interquartile range) and how many times as fast convforge is. `results` has one configuration for each
 * peer.
 */
export function compareTable(results: readonly Result[]): string {
  const peers = [...new Set([SELF, ...results.map(({ peer }) => peer)])];
  const tasks = [...new Set(results.map(({ task }) => task))];
  const threads = [...new Set(results.map((result) => result.threads))];
  const rows = tasks.flatMap((task) =>
    threads.flatMap((threadCount) => {
      const row = results.filter((result) => result.task === task && result.threads === threadCount);
      if (row.length === 0) return [];
      const self = row.find(({ peer }) => peer === SELF);
      const cells = peers.map((peer) =>
        cell(
          row.find((result) => result.peer === peer),
          self,
        ),
      );
      return [[`${task}, ${count(threadCount, 'thread')}, ${row[0].unit}`, ...cells]];
    }),
  );
  return formatTable(['', ...peers], rows);
}

function cell(result: Result | undefined, self: Result | undefined): string {
  if (!result) return '-';
  const spread = `±${(100 * relativeSpread(result)).toFixed(0)}%`;
  const value = `${formatNumber(result.median)} ${spread.padStart(4)}`;
  if (!self || result === self) return value;
  return `${value} ${`${formatNumber(speedup(self, result))}x`.padStart(7)}`;
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
