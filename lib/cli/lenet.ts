import { conv2d, dense, flatten, maxPooling2d, rescaling } from '../layers/index.js';
import { type Sequential, sequential } from '../models/index.js';
import type { Shape } from '../tensor/index.js';

/**
 * The tutorial's LeNet for uint8 images of shape `inputShape`, such as [28, 28, 1], compiled for whole-number
 * labels.
 */
export function lenet(inputShape: Shape, classes: number): Sequential {
  const model = sequential({
    name: 'lenet',
    layers: [
      rescaling({ scale: 1 / 255, inputShape }),
      conv2d({ filters: 32, kernelSize: 5, activation: 'relu' }),
      maxPooling2d({ poolSize: 2 }),
      conv2d({ filters: 64, kernelSize: 5, activation: 'relu' }),
      maxPooling2d({ poolSize: 2 }),
      flatten(),
      dense({ units: 1000, activation: 'relu' }),
      dense({ units: classes, activation: 'softmax' }),
    ],
  });
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}
