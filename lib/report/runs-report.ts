import { readFile } from 'node:fs/promises';
import { ConvforgeError } from '../errors.js';
import { OptionChecks, show } from '../options.js';
import { chartFigure, jsonScript, section, table } from './figure.js';
import { metricChart, metricsOf } from './curves.js';
import { htmlPage } from './page.js';
import { RECORD_ID } from './run-content.js';
import { historyOf, type RunRecord } from './run-record.js';

/** Options of {@link runsReport}. */
export interface RunsReportOptions {
  /** The heading. Default: 'Trainings compared'. */
  title?: string;
  /** The files that fit's option `report` wrote, two or more. */
  runs: readonly string[];
}

/**
 * Makes an HTML page that compares trainings: the curves of each metric together, and a table of what differs.
 *
 * ```ts
 * await report.write('both.html', { runs: ['sgd/report.html', 'adam/report.html'] });
 * ```
 *
 * @throws IO_ERROR; CORRUPT_FILE for a file that is no report of a training; INVALID_ARGUMENT; UNKNOWN_OPTION
 */
export async function runsReport(options: RunsReportOptions): Promise<string> {
  const checks = new OptionChecks('report.runsReport');
  checks.keys(options, ['title', 'runs']);
  const { title = 'Trainings compared', runs } = options;
  if (!Array.isArray(runs) || runs.length < 2 || !runs.every((path) => typeof path === 'string')) {
    checks.fail('INVALID_ARGUMENT', `runs is ${show(runs)}; it must be a list of two or more paths.`);
  }
  const records = await Promise.all(runs.map(readRecord));
  const names = distinct(records);
  const content = [
    section('Curves', await sharedCurves(records, names)),
    section('Results', resultTable(records, names)),
    section('What differs', factTable(records, names)),
    jsonScript(records, 'convforge-runs'),
  ];
  return htmlPage(title, content.join('\n'));
}

async function readRecord(path: string): Promise<RunRecord> {
  let html: string;
  try {
    html = await readFile(path, 'utf8');
  } catch (cause) {
    throw new ConvforgeError('IO_ERROR', `${path} can't be read: ${(cause as Error).message}.`, { cause });
  }
  const json = new RegExp(`id="${RECORD_ID}">(.*?)</script>`).exec(html)?.[1];
  const record = json === undefined ? undefined : parse(json);
  if (record?.convforgeRun === 1) return record;
  throw new ConvforgeError(
    'CORRUPT_FILE',
    `${path} is no report of a training; fit writes one by its option report.`,
  );
}

function parse(json: string): RunRecord | undefined {
  try {
    return JSON.parse(json) as RunRecord;
  } catch {
    return undefined;
  }
}

/** The titles, numbered where they are equal. */
function distinct(records: readonly RunRecord[]): string[] {
  const titles = records.map(({ title }) => title);
  return titles.map((title, i) =>
    titles.indexOf(title) === titles.lastIndexOf(title) ? title : `${title} (${i + 1})`,
  );
}

async function sharedCurves(records: readonly RunRecord[], names: readonly string[]): Promise<string> {
  const histories = records.map(historyOf);
  const keys = [...new Set(histories.flatMap((history) => Object.keys(history)))];
  const metrics = metricsOf(Object.fromEntries(keys.map((key) => [key, []])));
  const charts = metrics.map((metric) => {
    const series = histories.flatMap((history, i) =>
      [metric, `val_${metric}`]
        .filter((key) => Object.hasOwn(history, key))
        .map((key) => ({
          name: `${names[i]}: ${key}`,
          // A training and its validation have one colour.
          marks: key === metric ? ('line' as const) : ('dashes' as const),
          x: records[i].epochs.map(({ epoch }) => epoch + 1),
          y: history[key],
        })),
    );
    return chartFigure({ xLabel: 'epoch', ...metricChart(metric, series) });
  });
  return `<div class="charts">\n${(await Promise.all(charts)).join('\n')}\n</div>`;
}

/** The last value of each log key, the epochs, and the time. */
function resultTable(records: readonly RunRecord[], names: readonly string[]): string {
  const keys = [...new Set(records.flatMap((record) => Object.keys(historyOf(record))))];
  const rows = records.map((record, i) => {
    const history = historyOf(record);
    const seconds = record.epochs.reduce((sum, epoch) => sum + epoch.seconds, 0);
    const last = keys.map((key) => history[key]?.at(-1)?.toFixed(4) ?? '');
    return [names[i], String(record.epochs.length), ...last, seconds.toFixed(1)];
  });
  return table(['training', 'epochs', ...keys, 'seconds'], rows);
}

/** The facts that aren't the same in all trainings. */
function factTable(records: readonly RunRecord[], names: readonly string[]): string {
  const keys = [...new Set(records.flatMap(({ facts }) => Object.keys(facts)))];
  const differing = keys.filter((key) => new Set(records.map(({ facts }) => facts[key])).size > 1);
  if (differing.length === 0) return '';
  return table(
    ['fact', ...names],
    differing.map((key) => [key, ...records.map(({ facts }) => facts[key] ?? '')]),
  );
}
