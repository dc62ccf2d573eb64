import type { Pair } from '../../../program/contracts/window.js';
import type { AttributesOf, Shape } from '../../../program/description.js';
import type { WrittenAttribute } from '../graph.js';
import type { NodeWriter } from '../node.js';

/** In prediction: the central part of the size's proportions, resized. */
export function randomCrop(writer: NodeWriter<'randomCrop'>): void {
  const { size } = writer.attributes;
  const image = writer.known(0, 2);
  const part = [0, 1].map((axis) => {
    const other = Math.floor((image[1 - axis] * size[axis]) / size[1 - axis]);
    return Math.max(1, Math.min(image[axis], other));
  });
  const starts = part.map((cells, axis) => Math.floor((image[axis] - cells) / 2));
  const ends = part.map((cells, axis) => starts[axis] + cells);
  const slice = [writer.ints(starts), writer.ints(ends), writer.ints([2, 3])];
  const cropped = writer.add('Slice', [writer.first(), ...slice]);
  writer.giveFirst(toSize(writer as NodeWriter, cropped, size, LINEAR));
}

const LINEAR = { mode: 'linear', coordinate_transformation_mode: 'half_pixel' };

const COORDINATES = { halfPixel: 'half_pixel', topLeft: 'asymmetric', aligned: 'align_corners' } as const;

type Corners = NonNullable<AttributesOf<'resize'>['corners']>;

export function resize(writer: NodeWriter<'resize'>): void {
  writer.giveFirst(resized(writer, writer.first()));
}

function resized(writer: NodeWriter<'resize'>, x: string): string {
  const [{ attributes }] = writer.variants;
  const { kind, corners = 'halfPixel' } = attributes;
  const coordinates = { coordinate_transformation_mode: COORDINATES[corners] };
  const linear = { mode: 'linear', ...coordinates };
  const factors = writer.common(({ attributes: { size }, inputs: [[height, width]] }) => {
    return [size[0] / height, size[1] / width];
  });
  if (factors?.every(Number.isInteger) && (kind === 'bilinear' || corners !== 'aligned')) {
    const scales = writer.floats([4], [1, 1, ...factors]);
    const nearest = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };
    const given = kind === 'nearest' ? nearest : linear;
    return writer.add('Resize', [x, undefined, scales], given);
  }
  const size = writer.common((variant) => variant.attributes.size) ?? writer.failOpen();
  if (kind === 'bilinear') return toSize(writer as NodeWriter, x, size, linear);
  const image = writer.common(({ inputs: [shape] }) => shape.slice(0, 2));
  if (image) return gathered(writer as NodeWriter, x, image, size, corners);
  const nearest_mode = corners === 'topLeft' ? 'floor' : 'round_prefer_ceil';
  return toSize(writer as NodeWriter, x, size, { mode: 'nearest', ...coordinates, nearest_mode });
}

/** Resizes an image with channels first to a size. */
function toSize(
  writer: NodeWriter,
  x: string,
  size: Pair,
  attributes: Readonly<Record<string, WrittenAttribute>>,
): string {
  const batch = writer.add('Shape', [x], { start: 0, end: 2 });
  const sizes = writer.add('Concat', [batch, writer.ints(size)], { axis: 0 });
  return writer.add('Resize', [x, undefined, undefined, sizes], attributes);
}

/** Takes the nearest rows and columns by their indices: positions in float32 round halves differently. */
function gathered(writer: NodeWriter, x: string, image: Shape, size: Pair, corners: Corners): string {
  return [0, 1].reduce((taken, axis) => {
    const cells = image[axis];
    const indices = Array.from({ length: size[axis] }, (_, o) =>
      Math.min(Math.max(nearest(o, cells, size[axis], corners), 0), cells - 1),
    );
    return writer.add('Gather', [taken, writer.ints(indices)], { axis: axis + 2 });
  }, x);
}

/** The formulas of the op `resize`. */
function nearest(o: number, cells: number, wanted: number, corners: Corners): number {
  if (corners === 'topLeft') return Math.floor((cells / wanted) * o);
  if (corners === 'aligned') return wanted === 1 ? 0 : Math.floor(((cells - 1) / (wanted - 1)) * o + 0.5);
  return Math.floor(((o + 0.5) * cells) / wanted - 0.5 + 0.5);
}
