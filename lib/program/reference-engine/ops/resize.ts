import type { AttributesOf, Shape } from '../../description.js';
import { elementCount, oneOf, wholeNumbers } from '../checks.js';
import type { ForwardCall, Op } from '../op.js';

type Attributes = AttributesOf<'resize'>;

/** The part of a call that `forEachPart` needs. `randomCrop` resizes too. */
type ResizeCall = Pick<ForwardCall, 'samples' | 'inputShape' | 'outputShape'>;

/** Calls visit(input pixel, output pixel, weight) for each term of the output pixels' weighted sums. */
function forEachPart(
  attributes: Attributes,
  call: ResizeCall,
  visit: (from: number, to: number, weight: number) => void,
): void {
  const [rows, columns] = [0, 1].map((axis) => placesOf(attributes, call.inputShape, axis));
  rows.forEach((row, oh) => {
    columns.forEach((column, ow) => {
      for (const [h, vertical] of row) {
        for (const [w, horizontal] of column) {
          visit(h * call.inputShape[1] + w, oh * columns.length + ow, vertical * horizontal);
        }
      }
    });
  });
}

/** The kinds of `corners`: the position of output o along an axis, and the pixel nearest to a position. */
const CORNERS: Record<
  NonNullable<Attributes['corners']>,
  { position(o: number, inputSize: number, size: number): number; nearest(at: number): number }
> = {
  halfPixel: { position: (o, inputSize, size) => ((o + 0.5) * inputSize) / size - 0.5, nearest: Math.round },
  topLeft: { position: (o, inputSize, size) => (inputSize / size) * o, nearest: Math.floor },
  aligned: {
    position: (o, inputSize, size) => (size > 1 ? ((inputSize - 1) / (size - 1)) * o : 0),
    nearest: Math.round,
  },
};

/** For each output row or column, the input rows or columns that interpolate it, and their weights. */
function placesOf(attributes: Attributes, input: Shape, axis: number): [number, number][][] {
  const inputSize = input[axis];
  const size = attributes.size[axis];
  const corners = CORNERS[attributes.corners ?? 'halfPixel'];
  return Array.from({ length: size }, (_, o) => {
    const at = corners.position(o, inputSize, size);
    const inside = (pixel: number) => Math.min(Math.max(pixel, 0), inputSize - 1);
    if (attributes.kind === 'nearest') return [[inside(corners.nearest(at)), 1]];
    const low = Math.floor(at);
    const part = at - low;
    // Leave out a neighbor of weight 0: zero times infinity would be NaN.
    if (part === 0) return [[inside(low), 1]];
    return [
      [inside(low), 1 - part],
      [inside(low + 1), part],
    ];
  });
}

/** Resizes the images of a batch. */
export function resizeImages(
  attributes: Attributes,
  call: ResizeCall & Pick<ForwardCall, 'input' | 'output'>,
): void {
  const { samples, inputShape, outputShape, input, output } = call;
  const channels = inputShape[2];
  const sums = new Float64Array(output.length);
  for (let n = 0; n < samples; n++) {
    const x = n * elementCount(inputShape);
    const y = n * elementCount(outputShape);
    forEachPart(attributes, call, (from, to, weight) => {
      for (let c = 0; c < channels; c++)
        sums[y + to * channels + c] += weight * input[x + from * channels + c];
    });
  }
  output.set(sums);
}

export const resize: Op<'resize'> = {
  check(node) {
    oneOf(node, 'kind', ['bilinear', 'nearest']);
    if (node.attributes.corners !== undefined) oneOf(node, 'corners', Object.keys(CORNERS));
    wholeNumbers(node, 'size', 2, 1);
  },
  forward(call) {
    resizeImages(call.node.attributes, call);
  },
  backward(call) {
    const { node, samples, inputShape, outputShape, outputGradient, inputGradient } = call;
    const channels = inputShape[2];
    const sums = new Float64Array(inputGradient.length);
    for (let n = 0; n < samples; n++) {
      const dx = n * elementCount(inputShape);
      const dy = n * elementCount(outputShape);
      forEachPart(node.attributes, call, (from, to, weight) => {
        for (let c = 0; c < channels; c++) {
          sums[dx + from * channels + c] += weight * outputGradient[dy + to * channels + c];
        }
      });
    }
    inputGradient.set(sums);
  },
};
