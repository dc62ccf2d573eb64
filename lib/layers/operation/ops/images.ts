import type { OpDefinition } from '../call.js';
import { pairOf } from './pairs.js';

/*
 * Operations on images, [batch, height, width, channels].
 */

function resize(kind: 'bilinear' | 'nearest'): OpDefinition {
  return {
    arguments: 1,
    attributes: ['size', 'alignCorners', 'halfPixelCenters'],
    build(call) {
      const size = pairOf(call, 'size');
      const isAligned = call.flag('alignCorners');
      const isHalf = call.flag('halfPixelCenters');
      if (isAligned && isHalf)
        call.checks.fail('INVALID_ARGUMENT', 'alignCorners and halfPixelCenters are both true; choose one.');
      const corners = isAligned ? 'aligned' : isHalf ? 'halfPixel' : 'topLeft';
      return call.add('resize', [call.value()], { kind, size, corners });
    },
  };
}

function blocks(reverse: boolean): OpDefinition {
  return {
    arguments: 1,
    attributes: ['blockSize'],
    build(call) {
      const blockSize = call.checks.whole('blockSize', call.size('blockSize'), 1);
      return call.add('spaceToDepth', [call.value()], { blockSize, ...(reverse && { reverse }) });
    },
  };
}

export const resizeBilinear = resize('bilinear');
export const resizeNearestNeighbor = resize('nearest');
export const spaceToDepth = blocks(false);
export const depthToSpace = blocks(true);
