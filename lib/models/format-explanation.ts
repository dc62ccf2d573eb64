import type { Explanation, MeasuredPass } from './explain.js';

const COLUMNS: Record<string, (pass: MeasuredPass) => string> = {
  node: (pass) => pass.node,
  pass: (pass) => pass.kind,
  algorithm: (pass) => pass.algorithm,
  'fused with it': (pass) => pass.fused || '-',
  workspace: (pass) => (pass.workspace > 0 ? bytes(pass.workspace) : '-'),
  'MFLOP/sample': (pass) => (pass.flops > 0 ? fixed(pass.flops * 1e-6, 3) : '-'),
};

/** Further columns of a profile. */
const MEASURED: Record<string, (pass: MeasuredPass) => string> = {
  'ms/step': (pass) => fixed((pass.seconds ?? 0) * 1e3, 3),
  'GFLOP/s': (pass) => (pass.gflopsPerSecond === undefined ? '-' : fixed(pass.gflopsPerSecond, 1)),
  'of peak': (pass) => (pass.shareOfPeak === undefined ? '-' : fixed(pass.shareOfPeak, 2)),
  'GB/s': (pass) => (pass.gigabytesPerSecond === undefined ? '-' : fixed(pass.gigabytesPerSecond, 1)),
};

const TEXTS = ['node', 'pass', 'algorithm', 'fused with it'];

/**
 * Formats an explanation as text: a table of passes, the totals, and the declined algorithms with the
 * reasons.
 */
export function formatExplanation(explanation: Explanation): string {
  const passes = explanation.nodes.flatMap((node) => node.passes);
  const columns = explanation.profile ? { ...COLUMNS, ...MEASURED } : COLUMNS;
  const titles = Object.keys(columns);
  const rows = passes.map((pass) => Object.values(columns).map((cell) => cell(pass)));
  const numbers = titles.filter((title) => !TEXTS.includes(title));
  const parts = [heading(explanation), textTable(titles, rows, numbers), totals(explanation).join('\n')];
  const declined = passes.flatMap((pass) =>
    pass.declined.map(({ algorithm, reason }) => `  ${pass.node} ${pass.kind}: ${algorithm}: ${reason}`),
  );
  if (declined.length > 0) parts.push(['Declined:', ...declined].join('\n'));
  return parts.join('\n\n');
}

function heading({ model, mode, batchSize, engine, isa, threads }: Explanation): string {
  const machine = isa === undefined ? '' : ` (${isa}, ${threads} ${threads === 1 ? 'thread' : 'threads'})`;
  return `${model}: ${mode}, ${batchSize} samples a step, ${engine} engine${machine}`;
}

function totals({ flops, memory, profile }: Explanation): string[] {
  const lines = [`${fixed(flops * 1e-6, 3)} MFLOP a sample, counted densely`];
  if (memory) {
    const { total, arena, scratch, weights, gradients, optimizer } = memory;
    lines.push(
      `${bytes(total)} besides the samples: arena ${bytes(arena)}, scratch ${bytes(scratch)} a thread, ` +
        `weights ${bytes(weights)}, gradients ${bytes(gradients)}, optimizer ${bytes(optimizer)}`,
    );
  }
  if (profile) {
    const { steps, seconds, samplesPerSecond, peak, shareOfPeak } = profile;
    lines.push(
      `${steps} steps on random samples: ${fixed(seconds * 1e3, 3)} ms a step, ` +
        `${Math.round(samplesPerSecond).toLocaleString('en-US')} samples/s, ` +
        `${fixed(shareOfPeak, 2)} of the peak of ${fixed(peak, 1)} GFLOP/s`,
    );
  }
  return lines;
}

/** Formats a number of bytes, such as "4.6 MB". */
function bytes(count: number): string {
  if (count < 1e3) return `${count} B`;
  return count < 1e6 ? `${fixed(count * 1e-3, 1)} kB` : `${fixed(count * 1e-6, 1)} MB`;
}

function fixed(value: number, digits: number): string {
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** Formats a table of text with two spaces between columns. Columns named in `right` are right-aligned. */
export function textTable(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly string[] = [],
): string {
  const widths = titles.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i].length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (right.includes(titles[i]) ? cell.padStart(widths[i]) : cell.padEnd(widths[i])))
      .join('  ')
      .trimEnd();
  return [titles, ...rows].map(line).join('\n');
}
