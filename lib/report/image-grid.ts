import { encodePng, type ByteImage } from '../io/png.js';
import { CHART_STYLE } from './chart-style.js';
import { showNumber } from './extent.js';
import { escapeText } from './escape.js';
import { legendOf, type Colormap } from './colormap.js';

/** An image and its label. */
export interface Tile {
  label: string;
  image: ByteImage;
}

/** Images of one size and colour map. */
export interface ImageGroup {
  heading: string;
  /** Lines below the heading. undefined is left out. */
  notes: readonly (string | undefined)[];
  tiles: readonly Tile[];
  colormap: Colormap;
  /** Whether each image has a colour scale of its own. */
  areRescaled?: boolean;
  /** Pixels of the page for each pixel of an image. */
  scale: number;
  /** The name before each image. With names, each image has a row of its own. */
  rowNames?: readonly string[];
}

/** Pixels around everything, and between images. */
const MARGIN = 20;
const GAP = 6;
/** Pixels for the names of rows. */
const ROW_NAME = 34;

/** The note of images with a colour scale of their own. */
export const OWN_SCALES = 'each on a scale of its own';

/** The ends of the legend if each image has a range of its own, by sign. */
const MOST: Record<number, string> = { [-1]: '-most', 0: '0', 1: 'most' };

const LEGEND = { width: 130, height: 10 };

/** SVG can't measure text: the height of a line in the 12-pixel font, and the width of a wide character. */
const LINE = 17;
const TEXT_WIDTH = 7;

/** The width that images can take, in pixels. `named` says whether rows have names. */
export function roomFor(width: number, named: boolean): number {
  return width - 2 * MARGIN - (named ? ROW_NAME : 0);
}

/** The largest whole scale, 1 to 16, at which a side of `side` pixels takes at most `target`. */
export function scaleFor(side: number, target: number): number {
  return Math.min(16, Math.max(1, Math.floor(target / side)));
}

/** Draws groups of images under a title as an SVG. */
export async function imageGrid(
  title: string,
  groups: readonly ImageGroup[],
  width: number,
): Promise<string> {
  const drawn: string[] = [];
  let bottom = 34;
  for (const group of groups) {
    const { svg, height } = await drawGroup(group, bottom + 12, width);
    drawn.push(svg);
    bottom += 12 + height;
  }
  const height = bottom + MARGIN;
  const described = groups.map(({ heading, notes }) => `${heading}: ${known(notes).join('; ')}`);
  const description = [title, ...described].join('. ');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" aria-label="${escapeText(description)}" ` +
      `viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<style>${CHART_STYLE}</style>`,
    `<text class="title" x="${MARGIN}" y="28">${escapeText(title)}</text>`,
    ...drawn,
    '</svg>',
  ].join('\n');
}

async function drawGroup(
  group: ImageGroup,
  top: number,
  width: number,
): Promise<{ svg: string; height: number }> {
  const { heading, notes, tiles, scale, rowNames } = group;
  const [{ image }] = tiles;
  const [tileWidth, tileHeight] = [image.width * scale, image.height * scale];
  const left = MARGIN + (rowNames ? ROW_NAME : 0);
  const columns = rowNames ? 1 : Math.max(1, Math.floor((roomFor(width, false) + GAP) / (tileWidth + GAP)));
  const lines = wrap(known(notes), roomFor(width, false));
  const legend = top + 24 + LINE * lines.length;
  const first = legend + 20;
  const placed = tiles.map((tile, i) => ({
    ...tile,
    x: left + (i % columns) * (tileWidth + GAP),
    y: first + Math.floor(i / columns) * (tileHeight + GAP),
  }));
  const images = await Promise.all(
    placed.map(async ({ label, image, x, y }) =>
      embed(image, { x, y, width: tileWidth, height: tileHeight }, escapeText(label)),
    ),
  );
  const names = (rowNames ?? []).map(
    (name, i) =>
      `<text x="${left - 8}" y="${placed[i].y + tileHeight / 2}" dy="0.32em" text-anchor="end">${escapeText(name)}</text>`,
  );
  const frames = placed.map(
    ({ x, y }) => `M${x - 0.5},${y - 0.5}h${tileWidth + 1}v${tileHeight + 1}h-${tileWidth + 1}z`,
  );
  const svg = [
    `<text class="heading" x="${MARGIN}" y="${top + 14}">${escapeText(heading)}</text>`,
    ...lines.map((line, i) => `<text x="${MARGIN}" y="${top + 32 + LINE * i}">${escapeText(line)}</text>`),
    await drawLegend(group, legend),
    ...names,
    ...images,
    `<path class="frame" d="${frames.join('')}"/>`,
  ].join('\n');
  const rows = Math.ceil(tiles.length / columns);
  return { svg, height: first - top + rows * (tileHeight + GAP) };
}

function known(notes: readonly (string | undefined)[]): string[] {
  return notes.filter((note) => note !== undefined);
}

/** Joins notes to as few lines as possible. */
function wrap(notes: readonly string[], room: number): string[] {
  const lines: string[] = [];
  for (const note of notes) {
    const longer = lines.length === 0 ? note : `${lines[lines.length - 1]}; ${note}`;
    if (lines.length > 0 && TEXT_WIDTH * longer.length <= room) lines[lines.length - 1] = longer;
    else lines.push(note);
  }
  return lines;
}

/** The legend: all colours, between the values of the first and the last. */
async function drawLegend({ colormap, areRescaled }: ImageGroup, y: number): Promise<string> {
  const [low, high] = [colormap.low, colormap.high].map((value) =>
    areRescaled ? MOST[Math.sign(value)] : showNumber(value),
  );
  const x = MARGIN + TEXT_WIDTH * low.length + 6;
  const text = (at: number, value: string) => `<text x="${at}" y="${y + 9}">${value}</text>`;
  return [
    text(MARGIN, low),
    await embed(legendOf(colormap), { x, y, ...LEGEND }),
    text(x + LEGEND.width + 6, high),
  ].join('');
}

interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

async function embed(image: ByteImage, { x, y, width, height }: Rectangle, label?: string): Promise<string> {
  const png = (await encodePng(image)).toString('base64');
  const place = `x="${x}" y="${y}" width="${width}" height="${height}"`;
  const title = label === undefined ? '' : `<title>${label}</title>`;
  return `<image ${place} preserveAspectRatio="none" href="data:image/png;base64,${png}">${title}</image>`;
}
