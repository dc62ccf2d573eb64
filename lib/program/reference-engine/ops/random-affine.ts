import type { NodeDescription, Shape } from '../../description.js';
import { fail, finiteNumber, oneOf } from '../checks.js';
import { checkRandomImage, weightedPixels } from './random-image.js';

/** Output pixel (y, x) lies at row yy * y + yx * x + y0 and column xy * y + xx * x + x0 of the input. */
interface Affine {
  yy: number;
  yx: number;
  y0: number;
  xy: number;
  xx: number;
  x0: number;
}

const OWN = ['kind', 'ranges', 'keepAspect', 'fill', 'fillValue', 'interpolation'];

export const randomAffine = weightedPixels(
  (node, input) => {
    checkRandomImage(node, OWN, input);
    const kind = oneOf(node, 'kind', ['translation', 'zoom', 'rotation']);
    oneOf(node, 'fill', ['constant', 'reflect', 'wrap', 'nearest']);
    oneOf(node, 'interpolation', ['bilinear', 'nearest']);
    finiteNumber(node, 'fillValue');
    const { keepAspect } = node.attributes;
    if (typeof keepAspect !== 'boolean')
      fail(node, 'INVALID_ARGUMENT', `keepAspect is ${keepAspect}; it must be true or false.`);
    checkRanges(node, kind === 'rotation' ? 1 : 2);
    return input;
  },
  ({ node, inputShape: [height, width] }, draws, visit) => {
    const { yy, yx, y0, xy, xx, x0 } = affine(node, [height, width], draws);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const columns = cells(node, xy * y + xx * x + x0, width);
        for (const [row, vertical] of cells(node, yy * y + yx * x + y0, height)) {
          for (const [column, horizontal] of columns) {
            const from = row < 0 || column < 0 ? -1 : row * width + column;
            visit(from, y * width + x, vertical * horizontal);
          }
        }
      }
    }
  },
  (node) => Math.fround(node.attributes.fillValue as number),
);

function checkRanges(node: NodeDescription, count: number): void {
  const ranges = node.attributes.ranges as readonly number[];
  const fits =
    Array.isArray(ranges) &&
    ranges.length === 2 * count &&
    ranges.every((limit, i) => limit >= -1 && limit <= 1 && (i % 2 === 0 || limit >= ranges[i - 1]));
  if (!fits)
    fail(
      node,
      'INVALID_ARGUMENT',
      `ranges is [${ranges}]; it must be ${count} of numbers in [-1, 1], low first.`,
    );
}

function affine(node: NodeDescription, [height, width]: Shape, draws: readonly number[]): Affine {
  const ranges = (node.attributes.ranges as readonly number[]).map(Math.fround);
  const between = (range: number, draw: number) =>
    ranges[2 * range] + (ranges[2 * range + 1] - ranges[2 * range]) * draw;
  const middleY = (height - 1) / 2;
  const middleX = (width - 1) / 2;
  const first = between(0, draws[0]);
  if (node.attributes.kind === 'rotation') {
    const [sine, cosine] = turn(first);
    return {
      yy: cosine,
      yx: sine,
      y0: middleY - cosine * middleY - sine * middleX,
      xy: -sine,
      xx: cosine,
      x0: middleX - cosine * middleX + sine * middleY,
    };
  }
  const second = between(1, draws[node.attributes.keepAspect ? 0 : 1]);
  if (node.attributes.kind === 'zoom')
    return { yy: 1 + first, yx: 0, y0: -middleY * first, xy: 0, xx: 1 + second, x0: -middleX * second };
  return { yy: 1, yx: 0, y0: -first * height, xy: 0, xx: 1, x0: -second * width };
}

/** Sine and cosine of an angle in turns; those of quarter turns are exact. */
function turn(turns: number): [sine: number, cosine: number] {
  const quarters = Math.floor(turns * 4 + 0.5);
  const angle = (turns - quarters / 4) * 2 * Math.PI;
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
  return [
    [sine, cosine],
    [cosine, -sine],
    [-sine, -cosine],
    [-cosine, sine],
  ][quarters & 3] as [number, number];
}

/** The cells that a place of an axis is made of, -1 for the constant, and their weights. */
function cells(node: NodeDescription, at: number, size: number): [cell: number, weight: number][] {
  const { interpolation, fill } = node.attributes;
  if (interpolation === 'nearest') return [[cellAt(Math.floor(at + 0.5), size, fill as string), 1]];
  const low = Math.floor(at);
  const part = at - low;
  if (part === 0) return [[cellAt(low, size, fill as string), 1]];
  return [
    [cellAt(low, size, fill as string), 1 - part],
    [cellAt(low + 1, size, fill as string), part],
  ];
}

/** The cell that stands at this place of an axis that goes on forever; -1 for the constant. */
function cellAt(place: number, size: number, fill: string): number {
  if (place >= 0 && place < size) return place;
  if (fill === 'constant') return -1;
  if (fill === 'nearest') return place < 0 ? 0 : size - 1;
  const period = fill === 'wrap' ? size : 2 * size;
  const within = ((place % period) + period) % period;
  return within < size ? within : 2 * size - 1 - within;
}
