/** The parts of which the pictures of docs/convolutional-networks.md consist. Lengths are in pixels. */

/** Side of a cell of a matrix. */
export const CELL = 34;

const STYLE = `
.picture { font: 13px system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif; }
.back { fill: #ffffff; stroke: #e4e4e7; }
text { fill: #3f3f46; text-anchor: middle; font-variant-numeric: tabular-nums; }
.title { font-weight: 600; fill: #18181b; }
.number { font-size: 14px; fill: #18181b; }
.weight { font-size: 10px; fill: #1d4ed8; font-weight: 600; }
.sign { font-size: 22px; }
.left { text-anchor: start; }
.cell { fill: #f4f4f5; stroke: #a1a1aa; }
.marked { fill: #dbeafe; }
.second { fill: #fef3c7; }
.third { fill: #d1fae5; }
.fourth { fill: #fce7f3; }
.padded { fill: #ffffff; stroke-dasharray: 3 3; }
.negative { fill: #ffe4e6; }
.window { fill: none; stroke: #1d4ed8; stroke-width: 3; }
.next { fill: none; stroke: #b45309; stroke-width: 3; stroke-dasharray: 6 4; }
.face { fill: #dbeafe; stroke: #1d4ed8; }
.line { stroke: #71717a; fill: none; }
image { image-rendering: pixelated; }
@media (prefers-color-scheme: dark) {
.back { fill: #18181b; stroke: #3f3f46; }
text { fill: #d4d4d8; }
.title, .number { fill: #fafafa; }
.weight { fill: #93c5fd; }
.cell { fill: #27272a; stroke: #71717a; }
.marked { fill: #1e3a8a; }
.second { fill: #713f12; }
.third { fill: #064e3b; }
.fourth { fill: #701a4b; }
.padded { fill: #18181b; }
.negative { fill: #7f1d1d; }
.window { stroke: #7cabff; }
.next { stroke: #fbbf24; }
.face { fill: #1e3a8a; stroke: #7cabff; }
.line { stroke: #a1a1aa; }
}`;

export type Matrix = readonly (readonly number[])[];

export interface Picture {
  /** What the picture shows, for readers who don't see it. */
  description: string;
  width: number;
  height: number;
  parts: readonly string[];
}

/** A complete SVG file. It has a background of its own, so that it suits pages of any colour. */
export function drawPicture({ description, width, height, parts }: Picture): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" class="picture" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${description}">
<style>${STYLE}</style>
<rect class="back" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>
${parts.join('\n')}
</svg>
`;
}

export function text(x: number, y: number, content: string, className = ''): string {
  return `<text x="${round(x)}" y="${round(y)}" class="${className}">${content}</text>`;
}

export interface MatrixOptions {
  x: number;
  y: number;
  title: string;
  /** Classes of a cell. */
  classOf?: (row: number, column: number) => string;
  /** A small number in a cell's corner. */
  cornerOf?: (row: number, column: number) => string | undefined;
}

/** A matrix with its title above it. (x, y) is the corner of its first cell. */
export function drawMatrix(values: Matrix, options: MatrixOptions): string {
  const { x, y, title, classOf = () => '', cornerOf = () => undefined } = options;
  const cells = values.flatMap((row, i) =>
    row.map((value, j) => {
      const [left, top] = [x + j * CELL, y + i * CELL];
      const corner = cornerOf(i, j);
      return [
        `<rect class="cell ${classOf(i, j)}" x="${left}" y="${top}" width="${CELL}" height="${CELL}"/>`,
        text(left + CELL / 2, top + CELL / 2 + 5, show(value), 'number'),
        corner === undefined ? '' : text(left + CELL - 8, top + CELL - 4, corner, 'weight'),
      ].join('');
    }),
  );
  const width = values[0].length * CELL;
  return [text(x + width / 2, y - 12, title, 'title'), ...cells].join('\n');
}

/** The outline of a window of `size` cells, whose first cell is (row, column) of the matrix at (x, y). */
export function drawWindow(x: number, y: number, row: number, column: number, size: number, next = false) {
  const side = size * CELL;
  return `<rect class="${next ? 'next' : 'window'}" x="${x + column * CELL}" y="${y + row * CELL}" width="${side}" height="${side}" rx="3"/>`;
}

export function show(value: number): string {
  return String(round(value)).replace('-', '−');
}

function round(value: number): number {
  return Math.round(100 * value) / 100;
}
