import type { Shape } from '../../description.js';
import { elementCount, wholeNumbers } from '../checks.js';
import type { ForwardCall, Op } from '../op.js';
import { checkRandomSource } from '../random-words.js';
import { weightedPixels } from './random-image.js';
import { resizeImages } from './resize.js';

const inTraining = weightedPixels<'randomCrop'>(
  ({ inputShape, outputShape: [height, width] }, draws, visit) => {
    const top = Math.floor(draws[0] * (inputShape[0] - height + 1));
    const left = Math.floor(draws[1] * (inputShape[1] - width + 1));
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) visit((top + y) * inputShape[1] + left + x, y * width + x, 1);
    }
  },
);

export const randomCrop: Op<'randomCrop'> = {
  ...inTraining,
  check(node) {
    checkRandomSource(node);
    wholeNumbers(node, 'size', 2, 1);
  },
  forward(call) {
    if (call.random) inTraining.forward(call);
    else resizeCenter(call);
  },
};

/** Resizes the largest centered part that has the output's aspect ratio. */
function resizeCenter(call: ForwardCall): void {
  const [height, width, channels] = call.inputShape;
  const [rows, columns] = call.outputShape;
  const window = [
    Math.max(Math.min(height, Math.floor((width * rows) / columns)), 1),
    Math.max(Math.min(width, Math.floor((height * columns) / rows)), 1),
    channels,
  ];
  const attributes = { kind: 'bilinear', size: [rows, columns] } as const;
  resizeImages(attributes, { ...call, inputShape: window, input: centerOf(call, window) });
}

function centerOf({ input, inputShape, samples }: ForwardCall, window: Shape): Float64Array {
  const [height, width, channels] = inputShape;
  const top = Math.floor((height - window[0]) / 2);
  const left = Math.floor((width - window[1]) / 2);
  const size = elementCount(window);
  return Float64Array.from({ length: samples * size }, (_, i) => {
    const n = Math.floor(i / size);
    const row = Math.floor((i % size) / (window[1] * channels));
    const rest = i % (window[1] * channels);
    return input[((n * height + top + row) * width + left) * channels + rest];
  });
}
