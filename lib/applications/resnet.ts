import {
  activation,
  add,
  batchNormalization,
  conv2d,
  dense,
  globalAveragePooling2d,
  rescaling,
} from '../layers/index.js';
import type { SymbolicTensor } from '../layers/symbolic-tensor.js';
import { input, type LayersModel, model } from '../models/index.js';
import { OptionChecks } from '../options.js';
import { augmented, type ClassifierOptions, checkClassifier } from './image-classifier.js';

/** Options of {@link resnet18}. */
export interface ResNetOptions extends ClassifierOptions {
  /** The number of filters of the first stage; each stage after it has twice as many. Default 64. */
  width?: number;
}

/**
 * ResNet-18 in its form for small images: a 3x3 convolution, then four stages of two residual blocks (He et
 * al., "Deep residual learning for image recognition", 2015). It scales bytes to -1 to 1 itself. At width 64
 * it has 11.2 million weights, at width 16 some 0.7 million.
 *
 * Images [n, height, width, channels] with values from 0 to 255, of any size, give probabilities [n,
 * classes]. Throws UNKNOWN_OPTION, INVALID_ARGUMENT.
 *
 *     const model = tf.applications.resnet18({ inputShape: [32, 32, 3], classes: 10, width: 16 });
 */
export function resnet18(options: ResNetOptions): LayersModel {
  checkClassifier('applications.resnet18', options, ['width']);
  const { inputShape, classes, augment, width = 64 } = options;
  new OptionChecks('applications.resnet18').whole('width', width, 1);
  const images = input({ shape: inputShape });
  const scaled = rescaling({ scale: 1 / 127.5, offset: -1 }).apply(images);
  let x = relu(convolve(augmented(scaled, augment, -1), width, 3));
  for (const stage of [0, 1, 2, 3]) {
    const filters = width * 2 ** stage;
    x = residualBlock(x, filters, stage === 0 ? 1 : 2);
    x = residualBlock(x, filters, 1);
  }
  const features = globalAveragePooling2d().apply(x);
  const outputs = dense({ units: classes, activation: 'softmax' }).apply(features);
  return model({ inputs: images, outputs, name: 'resnet18' });
}

/**
 * A residual block: relu(x + F(x)), where F is two convolutions. If the size or the channels change, a 1x1
 * convolution projects x.
 */
function residualBlock(x: SymbolicTensor, filters: number, strides: number): SymbolicTensor {
  const inner = convolve(relu(convolve(x, filters, 3, strides)), filters, 3);
  const isProjected = strides > 1 || x.shape.at(-1) !== filters;
  const shortcut = isProjected ? convolve(x, filters, 1, strides) : x;
  return relu(add().apply([shortcut, inner]));
}

/** A convolution and a batch normalization, which has the bias. */
function convolve(x: SymbolicTensor, filters: number, kernelSize: number, strides = 1): SymbolicTensor {
  const convolution = conv2d({
    filters,
    kernelSize,
    strides,
    padding: 'same',
    useBias: false,
    kernelInitializer: 'heNormal',
  });
  return batchNormalization({ momentum: 0.9 }).apply(convolution.apply(x));
}

function relu(x: SymbolicTensor): SymbolicTensor {
  return activation({ activation: 'relu' }).apply(x);
}
