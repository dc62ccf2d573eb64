import { type Bar, barChart } from '../report/bar-chart.js';
import { escapeText } from '../report/escape.js';
import { htmlPage } from '../report/page.js';
import type { Side } from './contestants.js';
import { formatNumber } from './format.js';
import type { ComparedRow, CompareReport, Comparison } from './result.js';
import { cellsOf, checksText, COLUMNS, headlines, notes, relation } from './text.js';

const SIDES: readonly Side[] = ['convforge', 'javascript', 'native', 'reference'];
const KINDS = ['convforge', 'JavaScript', 'other native libraries', 'reference engine'];

const TABLE_STYLE = 'th:first-child { text-align: left; } tbody th { font-weight: 500; }';

/** The report as an HTML page that needs no other file, with its data as JSON inside. */
export async function comparePage(report: CompareReport): Promise<string> {
  const charts = await Promise.all(
    report.comparisons.filter(({ rows }) => rows.length > 0).map((comparison) => chartOf(comparison)),
  );
  const parts = [
    ...headlines(report).map((line) => `<p><strong>${escapeText(line)}</strong></p>`),
    facts(report),
    `<div class="charts">\n${charts.map((svg) => `<figure>\n${svg}\n</figure>`).join('\n')}\n</div>`,
    '<h2>How it was measured</h2>',
    `<p>${escapeText(checksText(report))}</p>`,
    '<p>Each library has a process of its own. All take turns, so that drift of the machine affects all alike. Speeds are medians of the turns; the spread is half of the distance between the quartiles. A speed-up is the median of the ratios within each turn. A slow library gets fewer images. The share of the peak counts FLOPs densely: faster algorithms and sparse gradients can exceed 100 %.</p>',
    ...report.comparisons.map(tableOf),
    `<style>${TABLE_STYLE}</style>`,
    '<h2>Notes</h2>',
    `<ul>\n${notes(report)
      .map((note) => `<li>${escapeText(note)}</li>`)
      .join('\n')}\n</ul>`,
    `<script type="application/json" id="data">${JSON.stringify(report).replaceAll('<', '\\u003c')}</script>`,
  ];
  return htmlPage('convforge and others', parts.join('\n'));
}

function chartOf({ title, rows }: Comparison): Promise<string> {
  return barChart({ title, axis: 'images/s, logarithmic', kinds: KINDS, bars: rows.map(barOf) });
}

function barOf({ peer, threads, side, median, low, high, speedup }: ComparedRow): Bar {
  const ratio = speedup ? ` (${formatNumber(speedup.median)}x)` : '';
  return {
    name: `${peer}, ${threads} thread${threads === 1 ? '' : 's'}`,
    label: `${formatNumber(median)}${ratio}`,
    ...{ value: median, low, high },
    kind: SIDES.indexOf(side),
  };
}

function facts({ machine, convforge, command, seed, date, seconds }: CompareReport): string {
  const peak = Object.entries(machine.peak).map(
    ([threads, value]) => `${formatNumber(value)} GFLOP/s (threads: ${threads})`,
  );
  const entries = {
    Machine: `${machine.processor}, ${machine.memory} GB, ${machine.system}`,
    'Threads and instruction sets': `${machine.threads}; ${machine.isas.join(', ')}`,
    Peak: peak.join(', ') || 'not measured',
    Versions: `convforge ${convforge}, Node ${machine.node}`,
    Command: command,
    'Seed, date, duration': `${seed}, ${date}, ${seconds} s`,
  };
  const items = Object.entries(entries).map(
    ([name, value]) => `<div><dt>${name}</dt><dd>${escapeText(value)}</dd></div>`,
  );
  return `<dl>\n${items.join('\n')}\n</dl>`;
}

function tableOf(comparison: Comparison): string {
  const header = COLUMNS.map((name) => `<th scope="col">${name}</th>`).join('');
  const rows = comparison.rows.map((row) => {
    const [name, ...cells] = cellsOf(row, comparison).map(escapeText);
    return `<tr><th scope="row">${name}</th>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
  });
  return `<h2>${escapeText(comparison.title)}</h2>
<p>${escapeText(relation(comparison))}</p>
<div class="table" tabindex="0" role="region" aria-label="${escapeText(comparison.title)}"><table>
<thead><tr>${header}</tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table></div>`;
}
