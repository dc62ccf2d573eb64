import { escapeText } from './escape.js';
import { lineChart, type LineChartOptions } from './line-chart.js';

/** The size of charts on pages, in pixels: small, so that text stays readable on phones. */
const SIZE = { width: 480, height: 320 };

/**
 * A chart on a page: the SVG and its data as JSON, with which the page's script shows values and offers both as
 * files.
 */
export async function chartFigure(options: LineChartOptions): Promise<string> {
  const { title, xLabel, yLabel, series } = options;
  const data = {
    title,
    xLabel,
    yLabel,
    series: series.map(({ name, x, y }) => ({ name, x: x ?? y.map((_, i) => i + 1), y })),
  };
  return (
    `<figure class="chart-figure" tabindex="0" role="group" aria-label="${escapeText(title)}">\n` +
    `${await lineChart({ ...SIZE, ...options })}\n${jsonScript(data)}\n</figure>`
  );
}

/** JSON that a page contains. Numbers that aren't finite become null. */
export function jsonScript(data: unknown, id?: string): string {
  const name = id === undefined ? '' : ` id="${id}"`;
  // "</script>" would end the element.
  return `<script type="application/json"${name}>${JSON.stringify(data).replaceAll('<', '\\u003c')}</script>`;
}

/** A table with a heading for each column. The first column's cells are headings of their rows. */
export function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (row: readonly string[]) =>
    row
      .map((cell, i) =>
        i === 0 ? `<th scope="row">${escapeText(cell)}</th>` : `<td>${escapeText(cell)}</td>`,
      )
      .join('');
  return `<div class="table" tabindex="0" role="region" aria-label="table"><table>
<thead><tr>${columns.map((column) => `<th scope="col">${escapeText(column)}</th>`).join('')}</tr></thead>
<tbody>
${rows.map((row) => `<tr>${cells(row)}</tr>`).join('\n')}
</tbody>
</table></div>`;
}

/** A list of facts, by name. */
export function factList(facts: Readonly<Record<string, string | number>>): string {
  const entries = Object.entries(facts);
  if (entries.length === 0) return '';
  const items = entries.map(
    ([name, value]) => `<div><dt>${escapeText(name)}</dt><dd>${escapeText(value)}</dd></div>`,
  );
  return `<dl>\n${items.join('\n')}\n</dl>`;
}

/** A part of a page under a heading; nothing without content. */
export function section(heading: string, content: string): string {
  return content === '' ? '' : `<section>\n<h2>${escapeText(heading)}</h2>\n${content}\n</section>`;
}
