import { importPackage } from '../import-package.js';
import { OptionChecks, show } from '../options.js';
import {
  isFinitePoint,
  linearY,
  logarithmicY,
  type Point,
  type Scale,
  type Tick,
  xScale,
  xTicks,
} from './chart-scales.js';
import { CHART_STYLE, type SeriesClasses, seriesClasses } from './chart-style.js';
import { escapeText } from './escape.js';

/** A line of a chart. */
export interface LineSeries {
  /** The name in the legend. */
  name: string;
  /** The values. One that isn't finite leaves a gap. */
  y: readonly number[];
  /** The x values, one for each y. Default: 1, 2, 3 ... */
  x?: readonly number[];
  /**
   * Whether to connect the points, to draw dots alone, or to draw a dashed line in the colour of the series before.
   * Default 'line'.
   */
  marks?: 'line' | 'dots' | 'dashes';
}

/** Options of {@link lineChart}. */
export interface LineChartOptions {
  /** The title above the chart. */
  title: string;
  /** The label of the x axis. */
  xLabel: string;
  /** The label of the y axis. */
  yLabel: string;
  /** The lines. Without any, the chart is empty. */
  series: readonly LineSeries[];
  /** The width in pixels. Default 720. */
  width?: number;
  /** The height in pixels. Default 400. */
  height?: number;
  /** The y axis. A logarithmic one leaves gaps for values that aren't above 0. Default 'linear'. */
  yScale?: 'linear' | 'log';
}

interface Line {
  name: string;
  points: Point[];
  hasDotsOnly: boolean;
  classes: SeriesClasses;
}

/** The most points of a line that are also drawn as dots. */
const MOST_DOTS = 60;

/** SVG can't measure text: the width of a wide character in the 12-pixel font, in pixels. */
const TEXT_WIDTH = 7;

/** The area of the lines, in pixels. */
interface Frame {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/**
 * Draws a line chart as an SVG that follows the reader's light or dark theme.
 *
 * ```ts
 * const svg = await report.lineChart({
 *   title: 'Loss', xLabel: 'Epoch', yLabel: 'Loss', series: [{ name: 'loss', y: history.loss }],
 * });
 * ```
 *
 * @throws SHAPE_MISMATCH if x and y of a series differ in length; INVALID_ARGUMENT; UNKNOWN_OPTION
 */
export async function lineChart(options: LineChartOptions): Promise<string> {
  const { title, xLabel, yLabel, series, width = 720, height = 400, yScale } = checkOptions(options);
  const isLog = yScale === 'log';
  const classes = classesOf(series);
  const lines = series.map(({ name, y, x, marks }, index) => ({
    name,
    hasDotsOnly: marks === 'dots',
    classes: classes[index],
    points: Array.from(y, (value, index) => ({
      x: x === undefined ? index + 1 : x[index],
      y: isLog && !(value > 0) ? Number.NaN : value,
    })),
  }));
  const legend = drawLegend(lines, width);
  const points = lines.flatMap((line) => line.points);
  const [top, bottom, right] = [legend.bottom + 22, height - 52, width - 24];
  const { scale: y, ticks: yMarks } = await (isLog ? logarithmicY : linearY)(points, bottom, top);
  const left = 44 + TEXT_WIDTH * Math.max(0, ...yMarks.map(({ label }) => label.length));
  const x = await xScale(points, left, right);
  const frame = { left, right, top, bottom };
  const areWhole = points.every((point) => Number.isInteger(point.x));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" aria-label="${escapeText(title)}" ` +
      `viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
      `data-x="${placeOf(x)}" data-y="${placeOf(y)}"${isLog ? ' data-log' : ''}>`,
    `<style>${CHART_STYLE}</style>`,
    `<text class="title" x="20" y="28">${escapeText(title)}</text>`,
    legend.svg,
    drawYAxis(yMarks, frame, yLabel),
    drawXAxis(xTicks(x, areWhole), frame, xLabel),
    ...(await drawLines(lines, x, y)),
    '</svg>',
  ].join('\n');
}

/** The classes of each series. Dashes share the colour of the series before. */
function classesOf(series: readonly LineSeries[]): SeriesClasses[] {
  let colours = 0;
  return series.map(({ marks }, index) => {
    const isDashed = marks === 'dashes' && index > 0;
    return isDashed ? seriesClasses(colours - 1, true) : seriesClasses(colours++);
  });
}

/** The legend, in rows below the title. */
function drawLegend(lines: readonly Line[], width: number): { svg: string; bottom: number } {
  let x = 20;
  let y = 50;
  const entries = lines.map(({ name, classes: { series, line } }) => {
    const entryWidth = 28 + TEXT_WIDTH * name.length + 18;
    if (x > 20 && x + entryWidth > width - 20) {
      x = 20;
      y += 20;
    }
    const entry =
      `<g class="${series}"><path class="${line}" d="M${x},${y - 4}h20"/>` +
      `<text x="${x + 28}" y="${y}">${escapeText(name)}</text></g>`;
    x += entryWidth;
    return entry;
  });
  return { svg: entries.join('\n'), bottom: lines.length === 0 ? 34 : y };
}

function drawYAxis(marks: readonly Tick[], frame: Frame, label: string): string {
  const grid = marks.map(({ at, label }) => {
    const y = round(at);
    return (
      `<path class="grid" d="M${frame.left},${y}H${frame.right}"/>` +
      `<text x="${frame.left - 8}" y="${y}" dy="0.32em" text-anchor="end">${escapeText(label)}</text>`
    );
  });
  const middle = round((frame.top + frame.bottom) / 2);
  const name = `<text transform="translate(18,${middle}) rotate(-90)" text-anchor="middle">${escapeText(label)}</text>`;
  return [...grid, name].join('\n');
}

function drawXAxis(marks: readonly Tick[], frame: Frame, label: string): string {
  const ticks = marks.map(({ at, label }) => {
    const x = round(at);
    return (
      `<path class="axis" d="M${x},${frame.bottom}v5"/>` +
      `<text x="${x}" y="${frame.bottom + 20}" text-anchor="middle">${escapeText(label)}</text>`
    );
  });
  const middle = round((frame.left + frame.right) / 2);
  return [
    `<path class="axis" d="M${frame.left},${frame.bottom}H${frame.right}"/>`,
    ...ticks,
    `<text x="${middle}" y="${frame.bottom + 42}" text-anchor="middle">${escapeText(label)}</text>`,
  ].join('\n');
}

async function drawLines(lines: readonly Line[], x: Scale, y: Scale): Promise<string[]> {
  const { line } = await importPackage('d3-shape', () => import('d3-shape'));
  const draw = line<Point>(
    (point) => x(point.x),
    (point) => y(point.y),
  )
    .defined(isFinitePoint)
    .digits(1);
  return lines.map(({ name, points, hasDotsOnly, classes }) => {
    const dots = points.length > MOST_DOTS && !hasDotsOnly ? [] : points.filter(isFinitePoint);
    const circles = dots.map(
      (point) =>
        `<circle cx="${round(x(point.x))}" cy="${round(y(point.y))}" r="2.5">` +
        `<title>${escapeText(`${name}: ${point.y} at ${point.x}`)}</title></circle>`,
    );
    const path = hasDotsOnly ? '' : `<path class="${classes.line}" d="${draw(points) ?? ''}"/>`;
    return `<g class="${classes.series}">${path}${circles.join('')}</g>`;
  });
}

/** "from to first last": pixels, and the values there. */
function placeOf(scale: Scale): string {
  return [...scale.range(), ...scale.domain()].join(' ');
}

function round(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}

function checkOptions(options: LineChartOptions): LineChartOptions {
  const checks = new OptionChecks('report.lineChart');
  checks.keys(options, ['title', 'xLabel', 'yLabel', 'series', 'width', 'height', 'yScale']);
  const { series, width = 720, height = 400, yScale = 'linear' } = options;
  checks.oneOf('yScale', yScale, ['linear', 'log']);
  checks.number('width', width, (value) => value >= 200, 'a number of pixels from 200 up');
  checks.number('height', height, (value) => value >= 150, 'a number of pixels from 150 up');
  if (!Array.isArray(series)) {
    checks.fail('INVALID_ARGUMENT', `series is ${show(series)}; it must be a list of {name, y, x?}.`);
  }
  for (const [index, one] of series.entries()) {
    checks.keys(one, ['name', 'y', 'x', 'marks']);
    const { name, y, x, marks = 'line' } = one;
    checks.oneOf(`marks of series[${index}]`, marks, ['line', 'dots', 'dashes']);
    if (typeof name !== 'string' || !isNumbers(y) || (x !== undefined && !isNumbers(x))) {
      checks.fail(
        'INVALID_ARGUMENT',
        `series[${index}] must have a name and a list of numbers y, and may have one x.`,
      );
    }
    if (x !== undefined && x.length !== y.length) {
      checks.fail('SHAPE_MISMATCH', `series '${name}' has ${x.length} values of x and ${y.length} of y.`);
    }
  }
  return options;
}

function isNumbers(values: unknown): boolean {
  return Array.isArray(values) && values.every((value) => typeof value === 'number');
}
