import { CHART_STYLE } from '../../../../lib/report/chart-style.js';
import { escapeText } from '../../../../lib/report/escape.js';
import type { Result } from '../../../../lib/compare/measurement.js';
import { type NetworkKind, networkRows } from './tables.js';

const PANELS: readonly { kind: NetworkKind; title: string }[] = [
  { kind: 'training', title: 'Training' },
  { kind: 'inference', title: 'Inference of batches' },
  { kind: 'one image, median', title: 'One image' },
];

/** Sizes in pixels. */
const WIDTH = 800;
const LEFT = 230;
const PANEL = 180;
const ROW = 26;
const BAR = 14;
const TOP = 70;

const STYLE = `${CHART_STYLE}
.chart .bar { fill: #1d4ed8; }
.chart .slower { fill: #d97706; }
.chart .one { stroke: #52525b; stroke-width: 1.5; }
@media (prefers-color-scheme: dark) {
.chart .bar { fill: #7cabff; }
.chart .slower { fill: #fbbf24; }
.chart .one { stroke: #d4d4d8; }
}`;

/**
 * SVG: for each network, how many times as fast as the best of the others convforge is on all processors. It has a
 * background of its own, dark where the reader prefers that.
 */
export function networkChart(results: readonly Result[]): string {
  const threads = Math.max(...results.map((result) => result.threads));
  const panels = PANELS.map(({ kind, title }) => ({
    title,
    rows: networkRows(results, kind).filter((row) => row.threads === threads),
  }));
  const networks = [...new Set(panels.flatMap(({ rows }) => rows.map(({ network }) => network)))];
  const ratios = panels.flatMap(({ rows }) => rows.flatMap(({ ratio }) => ratio?.median ?? []));
  // The label of the longest bar needs some space.
  const scale = (PANEL - 50) / Math.max(1, ...ratios);
  const height = TOP + networks.length * ROW + 16;
  const names = networks.map((name, i) => text(LEFT - 10, middleOf(i), name, 'end', 'heading'));
  const drawn = panels.map(({ title, rows }, panel) => {
    const x = LEFT + panel * (PANEL + 8);
    const bars = rows.flatMap(({ network, ratio }) =>
      ratio ? bar(x, networks.indexOf(network), ratio.median, scale) : [],
    );
    const line = `<line class="one" x1="${x + scale}" x2="${x + scale}" y1="${TOP - 4}" y2="${height - 14}"/>`;
    return [text(x, TOP - 14, title, 'start', 'heading'), ...bars, line].join('\n');
  });
  const title = `Times as fast as the best of the others, ${threads === 1 ? 'one thread' : `${threads} threads`}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="chart" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escapeText(title)}">`,
    `<style>${STYLE}</style>`,
    text(16, 26, title, 'start', 'title'),
    ...names,
    ...drawn,
    '</svg>\n',
  ].join('\n');
}

function middleOf(row: number): number {
  return TOP + row * ROW + ROW / 2;
}

function bar(x: number, row: number, ratio: number, scale: number): string[] {
  const [width, y] = [(ratio * scale).toFixed(1), middleOf(row) - BAR / 2 - 4];
  const kind = ratio < 1 ? 'bar slower' : 'bar';
  return [
    `<rect class="${kind}" x="${x}" y="${y}" width="${width}" height="${BAR}" rx="2"/>`,
    text(x + Math.max(1, ratio) * scale + 6, middleOf(row), ratio.toFixed(2), 'start', ''),
  ];
}

function text(x: number, y: number, content: string, anchor: 'start' | 'end', kind: string): string {
  return `<text class="${kind}" x="${x.toFixed(1)}" y="${y}" text-anchor="${anchor}">${escapeText(content)}</text>`;
}
