import { formatNumber } from '../callbacks/format.js';
import { curveFigures, normFigures } from './curves.js';
import { escapeText } from './escape.js';
import { factList, jsonScript, section, table } from './figure.js';
import { historyOf, type RunRecord, thinned } from './run-record.js';

/** Parts of a page that the record doesn't hold, as HTML or text. */
export interface RunParts {
  /** The text of model.summary(). */
  summary?: string;
  /** The sections of the outputs. */
  outputs?: string;
  /** Most important first. */
  figures?: readonly PageFigure[];
}

/** A figure of a page. */
export interface PageFigure {
  svg?: string;
  /** Figures that are folded below it, under their title. */
  more?: { title: string; svgs: readonly string[] };
}

/** The id of the element with the record's JSON. */
export const RECORD_ID = 'convforge-run';

/** Characters of a page that figures may fill: 2 MB is the most that a page should take. */
const MOST_CHARACTERS = 1_850_000;

/** The content of a page about a training. Figures that would make it larger than 2 MB are left out. */
export async function runContent(
  whole: RunRecord,
  { summary, outputs = '', figures = [] }: RunParts,
): Promise<string> {
  const run = thinned(whole);
  const { problem, facts } = run;
  const parts = [
    problem === undefined ? '' : `<p class="problem">${escapeText(problem)}</p>`,
    factList(facts),
    section('Curves', await curveFigures(run)),
    outputs,
    section('Norms by layer', await normFigures(run)),
    section('Epochs', epochTable(run, whole.epochs.length)),
    section('Model', summary === undefined ? '' : `<pre tabindex="0">${escapeText(summary)}</pre>`),
    jsonScript(run, RECORD_ID),
  ];
  const content = parts.filter((part) => part !== '').join('\n');
  return content + section('Figures', fitting(figures, MOST_CHARACTERS - content.length));
}

function figure(svg: string): string {
  return `<figure>\n${svg}\n</figure>`;
}

function fitting(figures: readonly PageFigure[], room: number): string {
  let left = room;
  let dropped = 0;
  const keep = (html: string) => {
    if (html.length > left) {
      dropped++;
      return '';
    }
    left -= html.length;
    return html;
  };
  const drawn = figures.map(({ svg }) => (svg === undefined ? '' : keep(figure(svg))));
  // What is folded takes what the others leave.
  const folded = figures.map(({ more }) => {
    const kept = (more?.svgs ?? []).map((svg) => keep(figure(svg))).filter((html) => html !== '');
    if (more === undefined || kept.length === 0) return '';
    return `<details><summary>${escapeText(more.title)}</summary>\n${kept.join('\n')}\n</details>`;
  });
  const parts = drawn.flatMap((html, i) => [html, folded[i]]);
  if (dropped > 0) {
    parts.push(
      `<p>Left out, to keep the page below 2 MB: ${dropped} of the figures. ` +
        'report.filters and report.featureMaps draw each of them.</p>',
    );
  }
  return parts.filter((part) => part !== '').join('\n');
}

/** A row for each epoch that the page has, of `count` in all. */
function epochTable(run: RunRecord, count: number): string {
  const history = historyOf(run);
  const keys = Object.keys(history);
  if (run.epochs.length === 0) return '';
  const hasTimes = run.epochs.some(({ seconds }) => Number.isFinite(seconds));
  const columns = ['epoch', ...keys, ...(hasTimes ? ['seconds', `${run.unit}/s`] : [])];
  const rows = run.epochs.map(({ epoch, seconds, samplesPerSecond, logs }) => [
    `${epoch + 1}`,
    ...keys.map((key) => (Object.hasOwn(logs, key) ? formatNumber(logs[key] ?? Number.NaN) : '')),
    ...(hasTimes ? [seconds.toFixed(1), Math.round(samplesPerSecond).toLocaleString('en-US')] : []),
  ]);
  const all = table(columns, rows);
  if (rows.length <= 20) return all;
  const heading = rows.length < count ? `${rows.length} of ${count} epochs` : `All ${count} epochs`;
  return `<details><summary>${heading}</summary>\n${all}\n</details>`;
}
