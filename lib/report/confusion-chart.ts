import { encodePng } from '../io/png.js';
import { CHART_STYLE } from './chart-style.js';
import { escapeText } from './escape.js';

/** With more classes, cells have no counts, and rows no names. */
const MOST_COUNTS = 20;
const MOST_NAMES = 40;

/** Sides in pixels: of a cell with a count, and of the whole matrix otherwise. */
const CELL = 44;
const SIDE = 640;

/** SVG can't measure text: the width of a wide character in the 12-pixel font, in pixels. */
const TEXT_WIDTH = 7;
/** The most characters of a name that are shown. */
const MOST_CHARACTERS = 18;

/** The colour of full cells, on light and on dark backgrounds; its opacity is the share of the row. */
const FULL = [37, 99, 235] as const;

/** Draws a confusion matrix as an SVG: a row for each true class, a column for each predicted one. */
export async function confusionChart(confusion: Float64Array, names: readonly string[]): Promise<string> {
  const classes = names.length;
  const hasNames = classes <= MOST_NAMES;
  const cell = classes <= MOST_COUNTS ? CELL : SIDE / classes;
  const side = cell * classes;
  const shown = names.map((name) =>
    name.length > MOST_CHARACTERS ? `${name.slice(0, MOST_CHARACTERS - 1)}…` : name,
  );
  const room = hasNames ? TEXT_WIDTH * Math.max(...shown.map((name) => name.length)) : 0;
  const [left, top] = [54 + room, 44];
  const [width, height] = [left + side + 20, top + side + room + 50];
  const labels = hasNames ? shown.flatMap((name, i) => namesOf(name, i, { left, top, side, cell })) : [];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="chart matrix" role="img" ` +
      `aria-label="Confusion matrix of ${classes} classes" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<style>${CHART_STYLE}</style>`,
    '<text class="title" x="20" y="28">Confusion matrix</text>',
    await drawCells(confusion, classes, left, top, side),
    ...(classes <= MOST_COUNTS ? drawCounts(confusion, names, left, top) : []),
    `<path class="frame" d="M${left - 0.5},${top - 0.5}h${side + 1}v${side + 1}h-${side + 1}z"/>`,
    ...labels,
    `<text transform="translate(18,${top + side / 2}) rotate(-90)" text-anchor="middle">true class</text>`,
    `<text x="${left + side / 2}" y="${height - 14}" text-anchor="middle">predicted class</text>`,
    '</svg>',
  ].join('\n');
}

function namesOf(
  name: string,
  index: number,
  { left, top, side, cell }: { left: number; top: number; side: number; cell: number },
): string[] {
  const text = escapeText(name);
  const middle = (index + 0.5) * cell;
  return [
    `<text x="${left - 8}" y="${top + middle}" dy="0.32em" text-anchor="end">${text}</text>`,
    `<text transform="translate(${left + middle},${top + side + 8}) rotate(-90)" dy="0.32em" text-anchor="end">${text}</text>`,
  ];
}

/** All cells as one image. A cell's opacity is the share of its row. */
async function drawCells(
  confusion: Float64Array,
  classes: number,
  left: number,
  top: number,
  side: number,
): Promise<string> {
  const pixels = new Uint8Array(4 * classes ** 2);
  for (let row = 0; row < classes; row++) {
    const counts = confusion.subarray(row * classes, (row + 1) * classes);
    const sum = counts.reduce((total, count) => total + count, 0);
    for (const [column, count] of counts.entries()) {
      // The square root makes rare mistakes visible.
      const opacity = sum === 0 ? 0 : Math.round(217 * Math.sqrt(count / sum));
      pixels.set([...FULL, opacity], 4 * (row * classes + column));
    }
  }
  const png = (await encodePng({ width: classes, height: classes, channels: 4, pixels })).toString('base64');
  return `<image x="${left}" y="${top}" width="${side}" height="${side}" preserveAspectRatio="none" href="data:image/png;base64,${png}"/>`;
}

function drawCounts(confusion: Float64Array, names: readonly string[], left: number, top: number): string[] {
  const classes = names.length;
  return Array.from(confusion, (count, i) => {
    const [row, column] = [Math.floor(i / classes), i % classes];
    const sum = confusion
      .subarray(row * classes, (row + 1) * classes)
      .reduce((total, each) => total + each, 0);
    const isFull = sum > 0 && count / sum > 0.4;
    const title = `${names[row]} predicted as ${names[column]}: ${count}`;
    const place = `x="${left + (column + 0.5) * CELL}" y="${top + (row + 0.5) * CELL}"`;
    return (
      `<text class="count${isFull ? ' full' : ''}" ${place} dy="0.32em" text-anchor="middle">` +
      `${count === 0 ? '' : shortCount(count)}<title>${escapeText(title)}</title></text>`
    );
  });
}

/** "123", "12.3k", "1.2M": at most five characters. */
function shortCount(count: number): string {
  if (count < 10_000) return String(count);
  return count < 1e6
    ? `${Number((count / 1000).toPrecision(3))}k`
    : `${Number((count / 1e6).toPrecision(3))}M`;
}
