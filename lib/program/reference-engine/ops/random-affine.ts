import type { AttributesOf, NodeDescription, Shape } from '../../description.js';
import { checkFlag, fail, finiteNumber, oneOf } from '../checks.js';
import type { Op } from '../op.js';
import { checkRandomSource } from '../random-words.js';
import { weightedPixels } from './random-image.js';

type Attributes = AttributesOf<'randomAffine'>;

/** Output pixel (y, x) samples the input at row yy * y + yx * x + y0 and column xy * y + xx * x + x0. */
interface Affine {
  yy: number;
  yx: number;
  y0: number;
  xy: number;
  xx: number;
  x0: number;
}

export const randomAffine: Op<'randomAffine'> = {
  check(node) {
    checkRandomSource(node);
    oneOf(node, 'kind', ['translation', 'zoom', 'rotation']);
    oneOf(node, 'fill', ['constant', 'reflect', 'wrap', 'nearest']);
    oneOf(node, 'interpolation', ['bilinear', 'nearest']);
    finiteNumber(node, 'fillValue');
    checkFlag(node, 'keepAspect');
    checkRanges(node, node.attributes.kind === 'rotation' ? 1 : 2);
  },
  ...weightedPixels(
    ({ node, inputShape: [height, width] }, draws, visit) => {
      const { yy, yx, y0, xy, xx, x0 } = affine(node.attributes, [height, width], draws);
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const columns = neighbors(node.attributes, xy * y + xx * x + x0, width);
          for (const [row, vertical] of neighbors(node.attributes, yy * y + yx * x + y0, height)) {
            for (const [column, horizontal] of columns) {
              const from = row < 0 || column < 0 ? -1 : row * width + column;
              visit(from, y * width + x, vertical * horizontal);
            }
          }
        }
      }
    },
    ({ fillValue }) => Math.fround(fillValue),
  ),
};

function checkRanges(node: NodeDescription<'randomAffine'>, count: number): void {
  const { ranges } = node.attributes;
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

function affine(attributes: Attributes, [height, width]: Shape, draws: readonly number[]): Affine {
  const { kind } = attributes;
  const ranges = attributes.ranges.map(Math.fround);
  const between = (range: number, draw: number) =>
    ranges[2 * range] + (ranges[2 * range + 1] - ranges[2 * range]) * draw;
  const centerY = (height - 1) / 2;
  const centerX = (width - 1) / 2;
  const first = between(0, draws[0]);
  if (kind === 'rotation') {
    const [sine, cosine] = sineAndCosine(first);
    return {
      yy: cosine,
      yx: sine,
      y0: centerY - cosine * centerY - sine * centerX,
      xy: -sine,
      xx: cosine,
      x0: centerX - cosine * centerX + sine * centerY,
    };
  }
  const second = between(1, draws[attributes.keepAspect ? 0 : 1]);
  if (kind === 'zoom')
    return { yy: 1 + first, yx: 0, y0: -centerY * first, xy: 0, xx: 1 + second, x0: -centerX * second };
  return { yy: 1, yx: 0, y0: -first * height, xy: 0, xx: 1, x0: -second * width };
}

/** Sine and cosine of an angle in full turns, exact for quarter turns. */
function sineAndCosine(turns: number): [sine: number, cosine: number] {
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

/** The pixels that interpolate a position along an axis, -1 for the constant, and their weights. */
function neighbors(
  { interpolation, fill }: Attributes,
  at: number,
  size: number,
): [pixel: number, weight: number][] {
  if (interpolation === 'nearest') return [[pixelAt(Math.floor(at + 0.5), size, fill), 1]];
  const low = Math.floor(at);
  const part = at - low;
  if (part === 0) return [[pixelAt(low, size, fill), 1]];
  return [
    [pixelAt(low, size, fill), 1 - part],
    [pixelAt(low + 1, size, fill), part],
  ];
}

/** The pixel that fills a position along an axis, inside the image or outside; -1 for the constant. */
function pixelAt(position: number, size: number, fill: Attributes['fill']): number {
  if (position >= 0 && position < size) return position;
  if (fill === 'constant') return -1;
  if (fill === 'nearest') return position < 0 ? 0 : size - 1;
  const period = fill === 'wrap' ? size : 2 * size;
  const within = ((position % period) + period) % period;
  return within < size ? within : 2 * size - 1 - within;
}
