/** A number with three significant digits and thousands separators: "16,700", "96.4", "0.212". */
export function formatNumber(value: number): string {
  if (Math.abs(value) >= 100) return Number(value.toPrecision(3)).toLocaleString('en-US');
  return value.toPrecision(3);
}

/**
 * Pads columns to their widest cell. The first is aligned left, the others right. Rows may be shorter than
 * the header.
 */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (cells: readonly string[]) =>
    widths
      .map((width, column) => {
        const cell = cells[column] ?? '';
        return column === 0 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  ')
      .trimEnd();
  return [line(header), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}
