import { fail } from '../checks.js';
import { checkRandomImage, weightedPixels } from './random-image.js';

export const randomFlip = weightedPixels(
  (node, input) => {
    checkRandomImage(node, ['horizontal', 'vertical'], input);
    for (const name of ['horizontal', 'vertical']) {
      const value = node.attributes[name];
      if (typeof value !== 'boolean')
        fail(node, 'INVALID_ARGUMENT', `${name} is ${value}; it must be true or false.`);
    }
    return input;
  },
  ({ node, inputShape: [height, width] }, draws, visit) => {
    const turned = node.attributes.horizontal && draws[0] < 0.5;
    const upsideDown = node.attributes.vertical && draws[1] < 0.5;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        visit((upsideDown ? height - 1 - y : y) * width + (turned ? width - 1 - x : x), y * width + x, 1);
      }
    }
  },
);
