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

/** TensorFlow's alpha is a factor of the sum of squares, the op's of their mean. */
export const localResponseNormalization: OpDefinition = {
  arguments: 1,
  attributes: ['depthRadius', 'bias', 'alpha', 'beta'],
  build(call) {
    const size = 2 * call.checks.whole('depthRadius', call.given('depthRadius') ?? 5, 0) + 1;
    const alpha = call.number('alpha', 1) * size;
    const numbers = { size, alpha, beta: call.number('beta', 0.5), bias: call.number('bias', 1) };
    return call.add('lrn', [call.value()], numbers);
  },
};

/** Mixes elements along an axis: see the op of programs. Importers resize by it. */
export const resample: OpDefinition = {
  arguments: 1,
  attributes: ['axis', 'size', 'taps', 'indices', 'weights'],
  build(call) {
    const x = call.value();
    const list = (name: string) => {
      const given = call.given(name);
      const numbers = Array.isArray(given) ? given : [given];
      return numbers.map((each) => call.checks.number(name, each, () => true, 'a list of numbers'));
    };
    const [indices, weights] = [list('indices'), list('weights')];
    const [size, taps] = ['size', 'taps'].map((name) => call.checks.whole(name, call.given(name), 1));
    return call.add('resample', [x], { axis: call.sampleAxis('axis', x), size, taps, indices, weights });
  },
};

export const resizeBilinear = resize('bilinear');
export const resizeNearestNeighbor = resize('nearest');
export const spaceToDepth = blocks(false);
export const depthToSpace = blocks(true);
