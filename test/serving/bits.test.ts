import { describe, expect, it } from 'vitest';
import {
  createPredictor,
  layers,
  type Sequential,
  sequential,
  setSeed,
  type Tensor,
} from '../../lib/index.js';
import { randomUniform } from '../../lib/index.js';

/** The outputs' bits: NaN counts, and -0 isn't 0. */
function bits(tensor: Tensor): Uint8Array {
  const values = tensor.dataSync();
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

const { conv2d, dense, flatten } = layers;

const MODELS: Record<string, { shape: number[]; layers: () => layers.Layer[] }> = {
  'a dense chain': {
    shape: [70],
    layers: () => [dense({ units: 65, activation: 'tanh' }), dense({ units: 33, activation: 'softmax' })],
  },
  'LeNet from bytes': {
    shape: [28, 28, 1],
    layers: () => [
      layers.rescaling({ scale: 1 / 255 }),
      conv2d({ filters: 32, kernelSize: 5, activation: 'relu' }),
      layers.maxPooling2d({ poolSize: 2 }),
      conv2d({ filters: 64, kernelSize: 5, activation: 'relu' }),
      layers.maxPooling2d({ poolSize: 2 }),
      flatten(),
      dense({ units: 100, activation: 'relu' }),
      dense({ units: 10, activation: 'softmax' }),
    ],
  },
  'a wide 3x3 convolution on a small image': {
    shape: [8, 8, 64],
    layers: () => [conv2d({ filters: 64, kernelSize: 3, padding: 'same' }), layers.batchNormalization()],
  },
  'a 3x3 convolution on 5x7': {
    shape: [5, 7, 3],
    layers: () => [conv2d({ filters: 40, kernelSize: 3 }), layers.globalAveragePooling2d()],
  },
  'strided, depthwise and pointwise convolutions': {
    shape: [15, 15, 4],
    layers: () => [
      conv2d({ filters: 24, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu6' }),
      layers.depthwiseConv2d({ kernelSize: 3, padding: 'same' }),
      conv2d({ filters: 48, kernelSize: 1 }),
      layers.layerNormalization(),
      layers.globalMaxPooling2d(),
      dense({ units: 5 }),
    ],
  },
  'an upsampling net': {
    shape: [6, 6, 8],
    layers: () => [
      layers.conv2dTranspose({ filters: 12, kernelSize: 3, strides: 2, padding: 'same' }),
      layers.groupNormalization({ groups: 4 }),
      layers.upSampling2d({ size: 2, interpolation: 'bilinear' }),
      conv2d({ filters: 3, kernelSize: 5, padding: 'same', activation: 'sigmoid' }),
    ],
  },
};

function make({ shape, layers: inner }: (typeof MODELS)[string]): Sequential {
  setSeed(11);
  return sequential({ layers: [layers.inputLayer({ inputShape: shape }), ...inner()] });
}

describe.each(Object.keys(MODELS))('%s', (name) => {
  it.each([1, 2, 3, 5, 8, 17, 32])('gives the bits of a single prediction in batches of %i', async (size) => {
    const { shape } = MODELS[name];
    const model = make(MODELS[name]);
    const predictor = createPredictor(model, { maxBatchSize: size });
    const isBytes = name.includes('bytes');
    const samples = Array.from({ length: size }, (_, i) =>
      randomUniform(shape, isBytes ? 0 : -1, isBytes ? 256 : 1, isBytes ? 'uint8' : 'float32', 100 + i),
    );
    if (!isBytes) (samples[0].dataSync() as Float32Array)[3] = Number.NaN;
    const together = await Promise.all(samples.map((sample) => predictor.predict(sample)));
    expect(predictor.stats().batchSizes).toEqual({ [size]: 1 });
    for (const [i, sample] of samples.entries()) {
      const alone = await model.predict(sample.reshape([1, ...shape]));
      expect(together[i].shape).toEqual(alone.shape.slice(1));
      expect(Buffer.compare(bits(together[i]), bits(alone)), `sample ${i}`).toBe(0);
    }
    await predictor.close();
    model.dispose();
  });
});
