import { formatNumber } from '../callbacks/format.js';
import { OptionChecks, show } from '../options.js';
import { escapeText } from './escape.js';
import { lineChart } from './line-chart.js';
import { drawFigures, htmlPage } from './page.js';

/** Options of {@link trainingReport}. */
export interface TrainingReportOptions {
  /** The heading. */
  title: string;
  /** A value an epoch for each log key ("loss", "val_loss", "acc" ...), as History collects them. */
  history: Readonly<Record<string, readonly number[]>>;
  /** The text of model.summary(). */
  summary?: string;
  /** Further facts, such as {'Test accuracy': '91.5 %'}. */
  facts?: Readonly<Record<string, string | number>>;
  /** The SVG texts of filters, featureMaps, gradCam and lineChart. */
  figures?: readonly string[];
}

/** The headings of log keys. */
const NAMES: Record<string, string> = { loss: 'Loss', acc: 'Accuracy' };

/**
 * Makes an HTML page about a training run that needs no other file: the facts, a chart for each metric in
 * training and validation, a table of the epochs, the model and figures.
 *
 * @throws INVALID_ARGUMENT; UNKNOWN_OPTION
 */
export async function trainingReport(options: TrainingReportOptions): Promise<string> {
  const { title, history, summary, facts = {}, figures = [] } = checkOptions(options);
  const drawn = drawFigures(new OptionChecks('report.trainingReport'), figures);
  const charts = await Promise.all(metricsOf(history).map((metric) => chartOf(metric, history)));
  const parts = [
    factList(facts),
    `<div class="charts">\n${charts.map((svg) => `<figure>\n${svg}\n</figure>`).join('\n')}\n</div>`,
    `<h2>Epochs</h2>\n${epochTable(history)}`,
    summary === undefined ? '' : `<h2>Model</h2>\n<pre>${escapeText(summary)}</pre>`,
    drawn === '' ? '' : `<h2>Figures</h2>\n${drawn}`,
  ];
  return htmlPage(title, parts.filter((part) => part !== '').join('\n'));
}

/** The log keys without those of validation, which share a chart with those of training. */
function metricsOf(history: TrainingReportOptions['history']): string[] {
  return Object.keys(history).filter((key) => !(key.startsWith('val_') && key.slice(4) in history));
}

function chartOf(metric: string, history: TrainingReportOptions['history']): Promise<string> {
  const name = NAMES[metric] ?? metric;
  const series = [metric, `val_${metric}`]
    .filter((key) => Object.hasOwn(history, key))
    .map((key) => ({ name: key, y: history[key] }));
  return lineChart({ title: name, xLabel: 'epoch', yLabel: name.toLowerCase(), series });
}

function factList(facts: NonNullable<TrainingReportOptions['facts']>): string {
  const entries = Object.entries(facts);
  if (entries.length === 0) return '';
  const items = entries.map(
    ([name, value]) => `<div><dt>${escapeText(name)}</dt><dd>${escapeText(value)}</dd></div>`,
  );
  return `<dl>\n${items.join('\n')}\n</dl>`;
}

function epochTable(history: TrainingReportOptions['history']): string {
  const keys = Object.keys(history);
  const epochs = Math.max(0, ...keys.map((key) => history[key].length));
  const row = (cells: string[], tag: string) =>
    `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join('')}</tr>`;
  const rows = Array.from({ length: epochs }, (_, epoch) =>
    row(
      [
        `${epoch + 1}`,
        ...keys.map((key) => (epoch < history[key].length ? formatNumber(history[key][epoch]) : '')),
      ],
      'td',
    ),
  );
  return `<div class="table"><table>
<thead>${row(['epoch', ...keys.map(escapeText)], 'th')}</thead>
<tbody>
${rows.join('\n')}
</tbody>
</table></div>`;
}

function checkOptions(options: TrainingReportOptions): TrainingReportOptions {
  const checks = new OptionChecks('report.trainingReport');
  checks.keys(options, ['title', 'history', 'summary', 'facts', 'figures']);
  const { history } = options;
  if (history === null || typeof history !== 'object') {
    checks.fail(
      'INVALID_ARGUMENT',
      `history is ${show(history)}; it must be an object of lists, such as {loss: [0.5, 0.4]}.`,
    );
  }
  for (const [key, values] of Object.entries(history)) {
    if (!Array.isArray(values) || !values.every((value) => typeof value === 'number')) {
      checks.fail('INVALID_ARGUMENT', `history.${key} is ${show(values)}; it must be a list of numbers.`);
    }
  }
  return options;
}
