/** The number of series colours. Further series reuse them with dashed lines. */
export const SERIES_COLOURS = 6;

const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif";

/** Colours that colour-blind readers can distinguish, on light and on dark backgrounds. */
const LIGHT = ['#1d4ed8', '#d97706', '#047857', '#9333ea', '#be123c', '#0e7490'];
const DARK = ['#7cabff', '#fbbf24', '#34d399', '#d8b4fe', '#fb7185', '#67e8f9'];

/** Colours of the classes of a mask, on any background. */
export const MASK_COLOURS = [
  '#1f2937',
  '#f59e0b',
  '#2563eb',
  '#10b981',
  '#9333ea',
  '#dc2626',
  '#0891b2',
  '#84cc16',
  '#ec4899',
  '#f5f5f4',
];

/** The stylesheet of charts. Each chart contains it, so that it works as a file of its own. */
export const CHART_STYLE = `
.chart { font: 12px ${FONT}; background: #fff; }
.chart text { fill: #52525b; font-variant-numeric: tabular-nums; }
.chart .title { font-size: 15px; font-weight: 600; fill: #18181b; }
.chart .heading { font-weight: 600; fill: #27272a; }
.chart image { image-rendering: pixelated; }
.chart .frame { fill: none; stroke: #d4d4d8; }
.chart .grid { stroke: #e4e4e7; }
.chart .axis { stroke: #a1a1aa; }
.chart .line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
.chart .count { fill: #18181b; }
.chart .full { fill: #fff; }
.chart .dashed { stroke-dasharray: 6 5; }
.chart .beside { stroke-dasharray: 2 5; }
.chart .dashed.beside { stroke-dasharray: 8 5 2 5; }
${seriesRules(LIGHT)}
@media (prefers-color-scheme: dark) {
.chart { background: #18181b; }
.chart text { fill: #a1a1aa; }
.chart .title { fill: #fafafa; }
.chart .heading { fill: #e4e4e7; }
.chart .frame { stroke: #3f3f46; }
.chart .grid { stroke: #303036; }
.chart .axis { stroke: #71717a; }
.chart .count { fill: #fafafa; }
${seriesRules(DARK)}
}`;

/** The classes of a series and of its line. */
export interface SeriesClasses {
  series: string;
  line: string;
}

/** The classes of the series with this index, or of one that is drawn beside it in the same colour. */
export function seriesClasses(index: number, isBeside = false): SeriesClasses {
  const isDashed = Math.floor(index / SERIES_COLOURS) % 2 === 1;
  return {
    series: `s${index % SERIES_COLOURS}`,
    line: ['line', ...(isDashed ? ['dashed'] : []), ...(isBeside ? ['beside'] : [])].join(' '),
  };
}

function seriesRules(colours: readonly string[]): string {
  return colours
    .map(
      (colour, index) =>
        `.chart .s${index} .line { stroke: ${colour}; } .chart .s${index} circle { fill: ${colour}; }`,
    )
    .join('\n');
}
