import { conv2d, dense, flatten, maxPooling2d, rescaling } from '../layers/index.js';
import { input, type LayersModel, model, type Sequential, sequential } from '../models/index.js';
import { augmented, type ClassifierOptions, checkClassifier } from './image-classifier.js';

/**
 * A LeNet: two convolutions of 5x5 with max-pooling, and a dense layer of 1,000 units (LeCun et al.,
 * "Gradient-based learning applied to document recognition", 1998, in the sizes of the Keras tutorials). It
 * scales bytes to 0 to 1 itself. For [28, 28, 1] and ten classes it has 1,087,106 weights.
 *
 * Images [n, height, width, channels] with values from 0 to 255 give probabilities [n, classes]. Each side
 * must have at least 16 pixels. Throws UNKNOWN_OPTION, INVALID_ARGUMENT, SHAPE_MISMATCH.
 *
 *     const model = tf.applications.lenet({ inputShape: [28, 28, 1], classes: 10 });
 */
export function lenet(options: ClassifierOptions): LayersModel {
  checkClassifier('applications.lenet', options);
  const { inputShape, classes, augment } = options;
  if (!augment) return plainLenet(options);
  const images = input({ shape: inputShape });
  const scaled = augmented(rescaling({ scale: 1 / 255 }).apply(images), augment, 0);
  const outputs = lenetLayers(classes).reduce((x, layer) => layer.apply(x), scaled);
  return model({ inputs: images, outputs, name: 'lenet' });
}

/** Without augmentation, as a chain. */
function plainLenet({ inputShape, classes }: ClassifierOptions): Sequential {
  return sequential({
    name: 'lenet',
    layers: [rescaling({ scale: 1 / 255, inputShape }), ...lenetLayers(classes)],
  });
}

function lenetLayers(classes: number) {
  return [
    conv2d({ filters: 32, kernelSize: 5, activation: 'relu' }),
    maxPooling2d({ poolSize: 2 }),
    conv2d({ filters: 64, kernelSize: 5, activation: 'relu' }),
    maxPooling2d({ poolSize: 2 }),
    flatten(),
    dense({ units: 1000, activation: 'relu' }),
    dense({ units: classes, activation: 'softmax' }),
  ];
}
