import { type Functional, input, layers, type LayersModel, model, setSeed, train } from '../../lib/index.js';

/**
 * A classifier of images of these sizes, with strided convolutions, batch normalization, dropout, a skip
 * connection and global pooling.
 */
export function skipClassifier(height: number | null, width: number | null, rate = 0.3): Functional {
  setSeed(3);
  const image = input({ shape: [height, width, 2] });
  const features = image.pipe(
    layers.conv2d({ filters: 6, kernelSize: 3, padding: 'same', activation: 'relu' }),
    layers.batchNormalization(),
  );
  const half = features.pipe(
    layers.conv2d({ filters: 6, kernelSize: 3, strides: 2, padding: 'same' }),
    layers.dropout({ rate }),
    layers.upSampling2d(),
  );
  const both = layers.add().apply([features, half]);
  return model({
    inputs: image,
    outputs: both.pipe(layers.globalAveragePooling2d(), layers.dense({ units: 3, activation: 'softmax' })),
  });
}

/** The classifier, compiled for whole-number classes. */
export const compiled = <M extends LayersModel>(net: M): M => {
  net.compile({
    optimizer: train.adam(0.01),
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
  });
  return net;
};
