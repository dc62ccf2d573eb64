import { importPackage } from '../import-package.js';
import { CHART_STYLE, seriesClasses } from './chart-style.js';
import { escapeText } from './escape.js';

/** A bar, with its quartiles as a thin line. All values are above 0. */
export interface Bar {
  name: string;
  value: number;
  low: number;
  high: number;
  /** The text after the bar's name. */
  label: string;
  /** The index of its kind in `kinds`. */
  kind: number;
}

export interface BarChartOptions {
  title: string;
  /** What the axis shows. It is logarithmic. */
  axis: string;
  /** The names of the kinds of bars, each with a colour of its own. */
  kinds: readonly string[];
  bars: readonly Bar[];
}

/** Narrow, so that its text can be read on a phone. */
const WIDTH = 460;
const LEFT = 20;
const RIGHT = WIDTH - 24;
const ROW = 40;
/** Pixels of a wide character. */
const TEXT_WIDTH = 7;

const BAR_STYLE =
  '.chart .bar { stroke-width: 12; stroke-linecap: butt; } .chart .spread { stroke-width: 2; }';

/** Draws bars below each other on a logarithmic axis, as an SVG that follows the reader's light or dark theme. */
export async function barChart({ title, axis, kinds, bars }: BarChartOptions): Promise<string> {
  const { scaleLog } = await importPackage('d3-scale', () => import('d3-scale'));
  const legend = drawLegend(kinds, new Set(bars.map(({ kind }) => kind)));
  const top = legend.bottom + 14;
  const bottom = top + ROW * bars.length + 6;
  const height = bottom + 48;
  const least = Math.min(...bars.map(({ low }) => low));
  const most = Math.max(...bars.map(({ high }) => high));
  // Bars begin below the least value, so that each can be seen.
  const from = 10 ** Math.floor(Math.log10(least / 2));
  const scale = scaleLog([from, Math.max(most, from * 10)], [LEFT, RIGHT]);
  const decades = Math.ceil(Math.log10(most / from));
  const powers = Array.from({ length: decades + 1 }, (_, i) => from * 10 ** i).filter(
    (value) => scale(value) <= RIGHT + 0.5,
  );
  const grid = powers.map((value) => {
    const x = round(scale(value));
    const text =
      value >= 1 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(1)));
    return (
      `<path class="grid" d="M${x},${top}V${bottom}"/>` +
      `<text x="${x}" y="${bottom + 16}" text-anchor="${x < LEFT + 10 ? 'start' : 'middle'}">${text}</text>`
    );
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" aria-label="${escapeText(title)}" ` +
      `viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}">`,
    `<style>${CHART_STYLE}\n${BAR_STYLE}</style>`,
    `<text class="title" x="20" y="28">${escapeText(title)}</text>`,
    legend.svg,
    ...grid,
    ...bars.map((bar, i) => drawBar(bar, top + ROW * i, scale)),
    `<path class="axis" d="M${LEFT},${bottom}H${RIGHT}"/>`,
    `<text x="${(LEFT + RIGHT) / 2}" y="${bottom + 36}" text-anchor="middle">${escapeText(axis)}</text>`,
    '</svg>',
  ].join('\n');
}

function drawBar(
  { name, label, value, low, high, kind }: Bar,
  top: number,
  scale: (value: number) => number,
) {
  const { series } = seriesClasses(kind);
  const y = top + 26;
  const [x, x1, x2] = [value, low, high].map((each) => round(scale(each)));
  return (
    `<g class="${series}"><title>${escapeText(`${name}: ${label}`)}</title>` +
    `<text class="heading" x="${LEFT}" y="${top + 14}">${escapeText(name)}</text>` +
    `<text x="${RIGHT}" y="${top + 14}" text-anchor="end">${escapeText(label)}</text>` +
    `<path class="line bar" d="M${LEFT},${y}H${x}"/>` +
    `<path class="axis spread" d="M${x1},${y}H${x2}"/></g>`
  );
}

/** The kinds that the chart has, in rows below the title. */
function drawLegend(kinds: readonly string[], used: ReadonlySet<number>): { svg: string; bottom: number } {
  let [x, y] = [LEFT, 50];
  const entries = kinds.flatMap((name, kind) => {
    if (!used.has(kind)) return [];
    const width = 28 + TEXT_WIDTH * name.length + 14;
    if (x > LEFT && x + width > RIGHT) [x, y] = [LEFT, y + 20];
    const entry =
      `<g class="${seriesClasses(kind).series}"><path class="line bar" d="M${x},${y - 4}h20"/>` +
      `<text x="${x + 28}" y="${y}">${escapeText(name)}</text></g>`;
    x += width;
    return [entry];
  });
  return { svg: entries.join('\n'), bottom: y };
}

function round(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}
