import { checkFlag } from '../checks.js';
import type { Op } from '../op.js';
import { checkRandomSource } from '../random-words.js';
import { weightedPixels } from './random-image.js';

export const randomFlip: Op<'randomFlip'> = {
  check(node) {
    checkRandomSource(node);
    checkFlag(node, 'horizontal');
    checkFlag(node, 'vertical');
  },
  ...weightedPixels(({ node, inputShape: [height, width] }, draws, visit) => {
    const turned = node.attributes.horizontal && draws[0] < 0.5;
    const upsideDown = node.attributes.vertical && draws[1] < 0.5;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        visit((upsideDown ? height - 1 - y : y) * width + (turned ? width - 1 - x : x), y * width + x, 1);
      }
    }
  }),
};
