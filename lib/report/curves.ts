import { extentOf } from './extent.js';
import { chartFigure } from './figure.js';
import type { LineChartOptions, LineSeries } from './line-chart.js';
import { type EpochRecord, historyOf, type RunRecord, spread } from './run-record.js';

/** The headings of log keys. */
const NAMES: Record<string, string> = { loss: 'Loss', acc: 'Accuracy', lr: 'Learning rate' };

/** The most layers in a chart of norms. */
const MOST_LAYERS = 12;

/** Greatest loss by least loss from which the axis is logarithmic. */
const WIDE = 100;

/** What a chart shows, without its size. */
type Chart = Pick<LineChartOptions, 'title' | 'yLabel' | 'series' | 'yScale'>;

/** A chart for each metric, with training and validation together, then learning rate and speed. */
export async function curveFigures(run: RunRecord): Promise<string> {
  return figures([...metricCharts(run), ...courseCharts(run)]);
}

/** The norms of weights and of gradients, by layer. Empty if there are none. */
export async function normFigures({ epochs }: Pick<RunRecord, 'epochs'>): Promise<string> {
  return figures(normCharts(epochs));
}

async function figures(charts: readonly Chart[]): Promise<string> {
  const drawn = await Promise.all(charts.map((chart) => chartFigure({ xLabel: 'epoch', ...chart })));
  return drawn.length === 0 ? '' : `<div class="charts">\n${drawn.join('\n')}\n</div>`;
}

/** A chart for each metric. `trace` is drawn with the loss. */
export function metricCharts({ epochs, trace }: Pick<RunRecord, 'epochs' | 'trace'>): Chart[] {
  const history = historyOf({ epochs });
  const x = epochs.map(({ epoch }) => epoch + 1);
  const metrics = metricsOf(history);
  // Before the first epoch ends, there is only the trace.
  if (metrics.length === 0 && trace.at.length > 0) metrics.push('loss');
  return metrics.map((metric) => {
    const series: LineSeries[] = [metric, `val_${metric}`]
      .filter((key) => Object.hasOwn(history, key))
      .map((key) => ({ name: key, x, y: history[key] }));
    if (metric === 'loss' && trace.at.length > 0) {
      series.push({
        name: 'loss within epochs',
        x: trace.at,
        y: trace.loss.map((value) => value ?? Number.NaN),
      });
    }
    return metricChart(metric, series);
  });
}

/** The chart of a metric. That of a loss is logarithmic where the loss falls far. */
export function metricChart(metric: string, series: readonly LineSeries[]): Chart {
  const title = titleOf(metric);
  const isLoss = metric === 'loss' || metric.endsWith('_loss');
  const yScale = isLoss && isWide(series.flatMap(({ y }) => y)) ? 'log' : 'linear';
  return { title, yLabel: title.toLowerCase(), series, yScale };
}

/** Whether the values are above 0, and the greatest is so many times the least that a linear axis would hide most. */
function isWide(values: readonly number[]): boolean {
  const { least, most } = extentOf(values);
  return least > 0 && most >= WIDE * least;
}

/** The log keys without those of validation, which share a chart with those of training. */
export function metricsOf(history: Readonly<Record<string, readonly number[]>>): string[] {
  return Object.keys(history).filter((key) => !(key.startsWith('val_') && key.slice(4) in history));
}

function titleOf(metric: string): string {
  return NAMES[metric] ?? metric;
}

/** Learning rate and speed, where they are known. */
function courseCharts({ epochs, unit }: RunRecord): Chart[] {
  const ofEpochs = (title: string, yLabel: string, value: (epoch: EpochRecord) => number): Chart[] => {
    const known = epochs.filter((epoch) => Number.isFinite(value(epoch)));
    if (known.length === 0) return [];
    const series = [{ name: yLabel, x: known.map(({ epoch }) => epoch + 1), y: known.map(value) }];
    return [{ title, yLabel, series }];
  };
  return [
    ...ofEpochs('Learning rate', 'learning rate', ({ learningRate }) => learningRate),
    ...ofEpochs('Time of each epoch', 'seconds', ({ seconds }) => seconds),
    ...ofEpochs('Speed of training', `${unit}/s`, ({ samplesPerSecond }) => samplesPerSecond),
  ];
}

function normCharts(epochs: readonly EpochRecord[]): Chart[] {
  const known = epochs.filter(({ norms }) => norms.length > 0);
  if (known.length === 0) return [];
  const all = known[0].norms.map(({ layer }) => layer);
  const layers = spread(all.length, MOST_LAYERS).map((i) => all[i]);
  const part = layers.length < all.length ? `, ${layers.length} of ${all.length} layers` : '';
  const x = known.map(({ epoch }) => epoch + 1);
  const chart = (title: string, which: 'weights' | 'gradients'): Chart => ({
    title: title + part,
    yLabel: 'L2 norm',
    yScale: 'log',
    series: layers.map((layer) => ({
      name: layer,
      x,
      y: known.map(({ norms }) => norms.find((norm) => norm.layer === layer)?.[which] ?? Number.NaN),
    })),
  });
  const hasGradients = known.some(({ norms }) => norms.some(({ gradients }) => gradients !== null));
  const weights = chart('Weights by layer', 'weights');
  return hasGradients ? [chart('Gradients by layer', 'gradients'), weights] : [weights];
}
