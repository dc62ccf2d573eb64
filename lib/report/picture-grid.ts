import { encodePng, type Picture } from '../io/png.js';
import { CHART_STYLE } from './chart-style.js';
import { showNumber } from './extent.js';
import { escapeText } from './escape.js';
import { legendOf, type Shades } from './shades.js';

/** A picture with what it is called. */
export interface Tile {
  label: string;
  picture: Picture;
}

/** Pictures of one size and of the same colours. */
export interface PictureGroup {
  heading: string;
  /** Below the heading; undefined ones are left out. */
  notes: readonly (string | undefined)[];
  tiles: readonly Tile[];
  shades: Shades;
  /** Whether the colours have another range in each picture. */
  areRescaled?: boolean;
  /** Pixels of the page for one of a picture's. */
  cell: number;
  /** Before each picture; they stand one below the other then. */
  rowNames?: readonly string[];
}

/** Pixels around everything, and between pictures. */
const MARGIN = 20;
const GAP = 6;
/** Pixels for names of rows. */
const ROW_NAME = 34;

/** A note of pictures that are rescaled. */
export const OWN_SCALES = 'each on a scale of its own';

/** What legends say where each picture has a range of its own, by the sign. */
const MOST: Record<number, string> = { [-1]: '-most', 0: '0', 1: 'most' };

const LEGEND = { width: 130, height: 10 };

/** SVG has no layout: a line of the 12-pixel font, and a wide character of it. */
const LINE = 17;
const TEXT_WIDTH = 7;

/** Pixels across that pictures can take; `named` where rows have names. */
export function roomFor(width: number, named: boolean): number {
  return width - 2 * MARGIN - (named ? ROW_NAME : 0);
}

/** The most whole pixels for one of a picture whose longer side has `side`, so that it takes `target` at the most; 1 to 16. */
export function cellFor(side: number, target: number): number {
  return Math.min(16, Math.max(1, Math.floor(target / side)));
}

/** Groups of pictures under a title, as the text of an SVG file. */
export async function pictureGrid(
  title: string,
  groups: readonly PictureGroup[],
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
  group: PictureGroup,
  top: number,
  width: number,
): Promise<{ svg: string; height: number }> {
  const { heading, notes, tiles, cell, rowNames } = group;
  const [{ picture }] = tiles;
  const [tileWidth, tileHeight] = [picture.width * cell, picture.height * cell];
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
    placed.map(async ({ label, picture, x, y }) =>
      image(picture, { x, y, width: tileWidth, height: tileHeight }, escapeText(label)),
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

/** Notes in as few lines as have room for them. */
function wrap(notes: readonly string[], room: number): string[] {
  const lines: string[] = [];
  for (const note of notes) {
    const longer = lines.length === 0 ? note : `${lines[lines.length - 1]}; ${note}`;
    if (lines.length > 0 && TEXT_WIDTH * longer.length <= room) lines[lines.length - 1] = longer;
    else lines.push(note);
  }
  return lines;
}

/** The colours, between what the first and the last stand for. */
async function drawLegend({ shades, areRescaled }: PictureGroup, y: number): Promise<string> {
  const [low, high] = [shades.low, shades.high].map((value) =>
    areRescaled ? MOST[Math.sign(value)] : showNumber(value),
  );
  const x = MARGIN + TEXT_WIDTH * low.length + 6;
  const text = (at: number, value: string) => `<text x="${at}" y="${y + 9}">${value}</text>`;
  return [
    text(MARGIN, low),
    await image(legendOf(shades), { x, y, ...LEGEND }),
    text(x + LEGEND.width + 6, high),
  ].join('');
}

interface Place {
  x: number;
  y: number;
  width: number;
  height: number;
}

async function image(picture: Picture, { x, y, width, height }: Place, label?: string): Promise<string> {
  const png = (await encodePng(picture)).toString('base64');
  const place = `x="${x}" y="${y}" width="${width}" height="${height}"`;
  const title = label === undefined ? '' : `<title>${label}</title>`;
  return `<image ${place} preserveAspectRatio="none" href="data:image/png;base64,${png}">${title}</image>`;
}
