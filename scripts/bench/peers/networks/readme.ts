import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { formatNumber } from '../../../../lib/compare/format.js';
import type { MachineFacts } from '../../support/machine.js';
import { fastest, type Result } from '../../../../lib/compare/measurement.js';
import { ROOT } from '../peer.js';
import { networkChart } from './chart.js';
import { markdownTable, type NetworkKind, type NetworkRow, networkRows } from './tables.js';

/** The README's table is between these two lines. */
const BEGIN = '<!-- bench:peers -->';
const END = '<!-- /bench:peers -->';

const CHART = 'docs/networks.svg';

const COLUMNS: readonly { kind: NetworkKind; title: string }[] = [
  { kind: 'training', title: 'training, images/s' },
  { kind: 'inference', title: 'inference, images/s' },
  { kind: 'one image, median', title: 'one image, ms' },
];

interface Report extends Pick<MachineFacts, 'machine'> {
  results: readonly Result[];
}

/** Writes the chart, and the table between the README's two comments. Throws if they are not there. */
export async function writeReadme(reports: readonly Report[]): Promise<void> {
  const results = fastest(reports.flatMap((report) => report.results));
  const machines = [...new Set(reports.map(({ machine }) => machine))].join('; ');
  const file = path.join(ROOT, 'README.md');
  const text = withTable(await readFile(file, 'utf8'), readmeTable(results, machines));
  await writeFile(path.join(ROOT, CHART), networkChart(results));
  await writeFile(file, text);
}

/** The text with what is between its two comments replaced. */
export function withTable(text: string, table: string): string {
  const [start, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (start < 0 || end < start) throw new Error(`README.md has no lines ${BEGIN} and ${END}`);
  return `${text.slice(0, start + BEGIN.length)}\n${table}\n${text.slice(end)}`;
}

/** A row for each network on all processors: convforge's figures, and the best of the others' with its name. */
export function readmeTable(results: readonly Result[], machines: string): string {
  const threads = Math.max(...results.map((result) => result.threads));
  const columns = COLUMNS.map(({ kind }) =>
    networkRows(results, kind).filter((row) => row.threads === threads),
  );
  const networks = [...new Set(columns.flat().map(({ network }) => network))];
  const cells = networks.map((name) => [
    name,
    ...columns.flatMap((rows) => figures(rows.find(({ network }) => network === name))),
  ]);
  const header = ['', ...COLUMNS.flatMap(({ title }) => [title, 'best of the others'])];
  return [
    '',
    `![How many times as fast as the best of the others](${CHART})`,
    '',
    `Measured on ${machines}.`,
    '',
    markdownTable(header, cells),
    '',
  ].join('\n');
}

function figures(row: NetworkRow | undefined): string[] {
  const figure = (result: Result | undefined) => (result ? formatNumber(result.median) : '');
  return [figure(row?.self), row?.rival ? `${figure(row.rival)} (${row.rival.peer})` : ''];
}
