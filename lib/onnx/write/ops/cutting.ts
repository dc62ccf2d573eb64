import type { AttributesOf } from '../../../program/description.js';
import { lastAxes } from '../graph.js';
import type { NodeWriter } from '../node.js';

/** Ends of slices that reach the end of an axis, or its beginning when they count down. */
const [END, BEGINNING] = [2 ** 31 - 1, -(2 ** 31)];

export function slice(writer: NodeWriter<'slice'>): void {
  const [{ attributes }] = writer.variants;
  const { names, axes } = writer.alike();
  const cuts = axes.flatMap((axis, place) => {
    const cut = cutOf(writer, axis, attributes.steps[axis]);
    return cut === undefined ? [] : [{ ...cut, axis: place + 1, step: attributes.steps[axis] }];
  });
  if (cuts.length === 0) writer.pass();
  else {
    const lists = [
      cuts.map(({ start }) => start),
      cuts.map(({ end }) => end),
      cuts.map(({ axis }) => axis),
      cuts.map(({ step }) => step),
    ];
    writer.give(writer.add('Slice', [names[0], ...lists.map((list) => writer.ints(list))]), axes);
  }
}

/** Where a slice begins and ends along an axis; undefined if it takes the whole axis. */
function cutOf(
  writer: NodeWriter<'slice'>,
  axis: number,
  step: number,
): { start: number; end: number } | undefined {
  const every = (holds: (start: number, end: number, size: number) => boolean) =>
    writer.variants.every(({ attributes: { starts, sizes }, inputs: [shape] }) =>
      holds(starts[axis], starts[axis] + sizes[axis] * step, shape[axis]),
    );
  if (step === 1 && every((start, end, size) => start === 0 && end === size)) return undefined;
  const start =
    writer.common(({ attributes }) => attributes.starts[axis]) ??
    writer.common(({ attributes, inputs: [shape] }) => attributes.starts[axis] - shape[axis]);
  if (step > 0 && every((_, end, size) => end >= size))
    return { start: start ?? writer.failOpen(), end: END };
  if (step < 0 && every((_, end) => end < 0)) return { start: start ?? writer.failOpen(), end: BEGINNING };
  const end = writer.common(({ attributes: { starts, sizes } }) => starts[axis] + sizes[axis] * step);
  return { start: start ?? writer.failOpen(), end: end ?? writer.failOpen() };
}

export function gather(writer: NodeWriter<'gather'>): void {
  const { axis, indices, indicesShape } = writer.attributes;
  const { names, axes } = indicesShape.length === 1 ? writer.alike() : lastOf(writer);
  const chosen = writer.intTensor(indicesShape, indices);
  const result = writer.add('Gather', [names[0], chosen], { axis: axes.indexOf(axis) + 1 });
  writer.give(result, indicesShape.length === 1 ? axes : undefined);
}

function lastOf(writer: NodeWriter<'gather'>): { names: string[]; axes: readonly number[] } {
  return { names: [writer.last()], axes: lastAxes(writer.shape().length) };
}

/** The parameter, repeated for each sample of the input. */
export function constant(writer: NodeWriter<'constant'>): void {
  const [{ output }] = writer.variants;
  const value = writer.parameter('value', [1, ...output]);
  const { names } = writer.alike();
  const samples = writer.add('Shape', [names[0]], { start: 0, end: 1 });
  const shape = writer.add('Concat', [samples, writer.ints(output)], { axis: 0 });
  writer.give(writer.add('Expand', [value, shape]));
}

/** Elements along an axis, mixed: products of the matrix of the weights. */
export function resample(writer: NodeWriter<'resample'>): void {
  const { axis } = writer.attributes;
  const forms = writer.alike();
  const place = forms.axes.indexOf(axis) - forms.axes.length;
  if (place === -2) {
    writer.give(writer.add('MatMul', [weightsOf(writer, false), forms.names[0]]), forms.axes);
    return;
  }
  const axes = [...forms.axes.filter((each) => each !== axis), axis];
  const x = place === -1 ? forms.names[0] : writer.take(0, axes);
  writer.give(writer.add('MatMul', [x, weightsOf(writer, true)]), axes);
}

/** The weights as a matrix [size, elements], or transposed. */
function weightsOf(writer: NodeWriter<'resample'>, isTransposed: boolean): string {
  const { axis, size, taps, indices, weights } = writer.attributes;
  const [elements] = writer.known(axis, axis + 1);
  const matrix = new Array<number>(size * elements).fill(0);
  for (const [i, index] of indices.entries()) {
    const row = Math.floor(i / taps);
    matrix[isTransposed ? index * size + row : row * elements + index] += weights[i];
  }
  return writer.floats(isTransposed ? [elements, size] : [size, elements], matrix);
}

type PadMode = NonNullable<AttributesOf<'pad'>['mode']>;

export function pad(writer: NodeWriter<'pad'>): void {
  const { before, after, mode = 'constant', value = 0 } = writer.attributes;
  const { names, axes } = writer.alike();
  const isPlain = mode === 'constant' || mode === 'edge' || (mode === 'reflect' && reflectsOnce(writer));
  if (isPlain) {
    const ends = [before, after].flatMap((cells) => [0, ...axes.map((axis) => cells[axis])]);
    const filled = mode === 'constant' && value !== 0 ? [writer.number(value)] : [];
    writer.give(writer.add('Pad', [names[0], writer.ints(ends), ...filled], { mode }), axes);
  } else {
    writer.give(padByIndices(writer, names[0], axes, mode), axes);
  }
}

/** Whether nothing is cropped, and no more is added than one mirror image has, for all sizes. */
function reflectsOnce({ variants }: NodeWriter<'pad'>): boolean {
  return variants.every(({ attributes: { before, after }, inputs: [shape] }) =>
    shape.every((size, axis) => [before, after].every((cells) => cells[axis] >= 0 && cells[axis] < size)),
  );
}

/** Pads by taking elements along each axis, for what ONNX's Pad of opset 17 can't do. */
function padByIndices(writer: NodeWriter<'pad'>, x: string, axes: readonly number[], mode: PadMode): string {
  const { before, after } = writer.attributes;
  return axes.reduce((padded, axis, place) => {
    if (before[axis] === 0 && after[axis] === 0) return padded;
    const [size] = writer.known(axis, axis + 1);
    const indices = paddedIndices(size, before[axis], after[axis], mode);
    return writer.add('Gather', [padded, writer.ints(indices)], { axis: place + 1 });
  }, x);
}

/** The index of each element along a padded axis; what a negative number crops is gone before. */
function paddedIndices(size: number, before: number, after: number, mode: PadMode): number[] {
  const first = Math.max(-before, 0);
  const left = size - first - Math.max(-after, 0);
  return Array.from({ length: size + before + after }, (_, i) => {
    return first + wrapped(i - Math.max(before, 0), left, mode);
  });
}

function wrapped(index: number, size: number, mode: PadMode): number {
  if (mode === 'wrap') return modulo(index, size);
  if (mode === 'reflect') {
    if (size === 1) return 0;
    const turned = modulo(index, 2 * (size - 1));
    return Math.min(turned, 2 * (size - 1) - turned);
  }
  const turned = modulo(index, 2 * size);
  return Math.min(turned, 2 * size - 1 - turned);
}

function modulo(index: number, size: number): number {
  return ((index % size) + size) % size;
}
