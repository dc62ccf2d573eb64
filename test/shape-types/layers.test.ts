import { describe, expect, expectTypeOf, it } from 'vitest';
import { type Functional, input, layers, model, sequential } from '../../lib/index.js';
import { expectShape, expectShapes } from './support.js';

const image = input({ shape: [28, 28, 1] });
const photo = input({ shape: [224, 224, 3] });
const small = input({ shape: [7, 9, 4] });
const steps = input({ shape: [50, 6] });
const vector = input({ shape: [12] });

describe('types have the shapes that layers infer', () => {
  it('of 2D convolutions', () => {
    const { conv2d, depthwiseConv2d, separableConv2d } = layers;
    expectShape(image.pipe(conv2d({ filters: 32, kernelSize: 3 })), [26, 26, 32]);
    expectShape(image.pipe(conv2d({ filters: 6, kernelSize: [5, 3] })), [24, 26, 6]);
    expectShape(
      photo.pipe(conv2d({ filters: 64, kernelSize: 7, strides: 2, padding: 'same' })),
      [112, 112, 64],
    );
    expectShape(photo.pipe(conv2d({ filters: 64, kernelSize: 7, strides: [2, 3] })), [109, 73, 64]);
    expectShape(image.pipe(conv2d({ filters: 2, kernelSize: 3, dilationRate: 4 })), [20, 20, 2]);
    expectShape(image.pipe(conv2d({ filters: 2, kernelSize: [3, 2], dilationRate: [4, 5] })), [20, 23, 2]);
    expectShape(
      image.pipe(
        conv2d({
          filters: 2,
          kernelSize: 5,
          strides: 2,
          padding: [
            [1, 2],
            [3, 0],
          ],
        }),
      ),
      [14, 14, 2],
    );
    expectShape(small.pipe(conv2d({ filters: 8, kernelSize: 1, groups: 4 })), [7, 9, 8]);
    expectShape(small.pipe(depthwiseConv2d({ kernelSize: 3 })), [5, 7, 4]);
    expectShape(
      small.pipe(depthwiseConv2d({ kernelSize: 3, depthMultiplier: 3, padding: 'same' })),
      [7, 9, 12],
    );
    expectShape(small.pipe(separableConv2d({ filters: 5, kernelSize: 2, strides: 2 })), [3, 4, 5]);
  });

  it('of transposed convolutions', () => {
    const { conv2dTranspose } = layers;
    expectShape(small.pipe(conv2dTranspose({ filters: 2, kernelSize: 3 })), [9, 11, 2]);
    expectShape(small.pipe(conv2dTranspose({ filters: 2, kernelSize: 3, strides: 2 })), [15, 19, 2]);
    expectShape(small.pipe(conv2dTranspose({ filters: 2, kernelSize: 2, strides: [3, 1] })), [21, 10, 2]);
    expectShape(
      small.pipe(conv2dTranspose({ filters: 2, kernelSize: 3, dilationRate: [2, 3] })),
      [11, 15, 2],
    );
    expectShape(
      small.pipe(conv2dTranspose({ filters: 2, kernelSize: 3, strides: 2, padding: 'same' })),
      [14, 18, 2],
    );
    expectShape(
      small.pipe(
        conv2dTranspose({ filters: 2, kernelSize: 3, strides: 2, padding: 'same', outputPadding: 1 }),
      ),
      [14, 18, 2],
    );
    expectShape(
      small.pipe(conv2dTranspose({ filters: 2, kernelSize: 3, strides: 2, outputPadding: [0, 1] })),
      [15, 20, 2],
    );
  });

  it('of 1D convolutions and pooling', () => {
    const {
      averagePooling1d,
      conv1d,
      globalAveragePooling1d,
      globalMaxPooling1d,
      maxPooling1d,
      sumPooling1d,
    } = layers;
    expectShape(steps.pipe(conv1d({ filters: 4, kernelSize: 5 })), [46, 4]);
    expectShape(steps.pipe(conv1d({ filters: 4, kernelSize: [5], strides: 3, padding: 'same' })), [17, 4]);
    expectShape(
      steps.pipe(conv1d({ filters: 4, kernelSize: 3, dilationRate: 2, padding: 'causal' })),
      [50, 4],
    );
    expectShape(steps.pipe(conv1d({ filters: 4, kernelSize: 5, groups: 2 })), [46, 4]);
    expectShape(steps.pipe(maxPooling1d()), [25, 6]);
    expectShape(steps.pipe(averagePooling1d({ poolSize: 3, strides: 2 })), [24, 6]);
    expectShape(steps.pipe(sumPooling1d({ poolSize: [3], padding: 'same' })), [17, 6]);
    expectShape(steps.pipe(globalMaxPooling1d()), [6]);
    expectShape(steps.pipe(globalAveragePooling1d({ keepDims: true })), [1, 6]);
  });

  it('of 2D pooling', () => {
    expectShape(image.pipe(layers.maxPooling2d()), [14, 14, 1]);
    expectShape(small.pipe(layers.maxPooling2d()), [3, 4, 4]);
    expectShape(small.pipe(layers.averagePooling2d({ poolSize: 2, padding: 'same' })), [4, 5, 4]);
    expectShape(small.pipe(layers.sumPooling2d({ poolSize: [3, 2], strides: 1 })), [5, 8, 4]);
    expectShape(
      small.pipe(
        layers.maxPool2d({
          poolSize: 3,
          padding: [
            [1, 1],
            [2, 0],
          ],
        }),
      ),
      [3, 3, 4],
    );
    expectShape(small.pipe(layers.globalAveragePooling2d()), [4]);
    expectShape(small.pipe(layers.globalMaxPooling2d({ keepDims: true })), [1, 1, 4]);
    expectShape(small.pipe(layers.globalMaxPooling2d({ keepDims: false })), [4]);
  });

  it('of core layers and those that reshape', () => {
    expectShape(
      photo.pipe(layers.resizing({ height: 7, width: 7 }), layers.dense({ units: 512 })),
      [7, 7, 512],
    );
    expectShape(vector.pipe(layers.dense({ units: 10 })), [10]);
    expectShape(photo.pipe(layers.flatten()), [150528]);
    expectShape(vector.pipe(layers.embedding({ inputDim: 100, outputDim: 8 })), [12, 8]);
    expectShape(vector.pipe(layers.repeatVector({ n: 3 })), [3, 12]);
    const film = input({ shape: [16, 32, 32, 3] });
    const conv = layers.conv2d({ filters: 8, kernelSize: 3 });
    const frames = film.pipe(layers.timeDistributed({ layer: conv }));
    expectShape(frames, [16, 30, 30, 8]);
    expectShape(frames.pipe(layers.timeDistributed({ layer: layers.flatten() })), [16, 7200]);
    expectShape(steps.pipe(layers.timeDistributed({ layer: layers.dense({ units: 2 }) })), [50, 2]);
    expectShape(vector.pipe(layers.reshape({ targetShape: [2, 3, 2] })), [2, 3, 2]);
    expectShape(small.pipe(layers.reshape({ targetShape: [-1, 4] })), [63, 4]);
    expectShape(small.pipe(layers.reshape({ targetShape: [36, null] })), [36, 7]);
    expectShape(small.pipe(layers.permute({ dims: [3, 1, 2] })), [4, 7, 9]);
  });

  it('of layers that pad, crop and resize', () => {
    expectShape(small.pipe(layers.zeroPadding2d()), [9, 11, 4]);
    expectShape(small.pipe(layers.zeroPadding2d({ padding: [1, 2] })), [9, 13, 4]);
    expectShape(
      small.pipe(
        layers.zeroPadding2d({
          padding: [
            [1, 2],
            [3, 4],
          ],
        }),
      ),
      [10, 16, 4],
    );
    expectShape(steps.pipe(layers.zeroPadding1d({ padding: [0, 3] })), [53, 6]);
    expectShape(steps.pipe(layers.cropping1D()), [48, 6]);
    expectShape(
      small.pipe(
        layers.cropping2D({
          cropping: [
            [1, 2],
            [0, 4],
          ],
        }),
      ),
      [4, 5, 4],
    );
    expectShape(small.pipe(layers.cropping2D()), [7, 9, 4]);
    expectShape(image.pipe(layers.spaceToDepth({ blockSize: 2 })), [14, 14, 4]);
    expectShape(small.pipe(layers.depthToSpace({ blockSize: 2 })), [14, 18, 1]);
    expectShape(small.pipe(layers.upSampling2d()), [14, 18, 4]);
    expectShape(small.pipe(layers.upSampling2d({ size: [3, 1] })), [21, 9, 4]);
    expectShape(small.pipe(layers.resizing({ height: 32, width: 48 })), [32, 48, 4]);
    expectShape(small.pipe(layers.centerCrop({ height: 7, width: 2 })), [7, 2, 4]);
    expectShape(small.pipe(layers.randomCrop({ height: 3, width: 9 })), [3, 9, 4]);
  });

  it('of layers that keep the shape', () => {
    const kept = small.pipe(
      layers.activation({ activation: 'relu' }),
      layers.batchNormalization(),
      layers.layerNormalization(),
      layers.groupNormalization({ groups: 2 }),
      layers.dropout({ rate: 0.5 }),
      layers.spatialDropout2d({ rate: 0.5 }),
      layers.gaussianNoise({ stddev: 1 }),
      layers.prelu(),
      layers.softmax(),
      layers.rescaling({ scale: 1 / 255 }),
      layers.randomContrast({ factor: 0.2, valueRange: [0, 1] }),
      layers.randomBrightness({ factor: [-0.1, 0.2] }),
      layers.randomFlip(),
      layers.randomTranslation({ heightFactor: 0.1, widthFactor: [0, 0.2] }),
      layers.randomRotation({ factor: 0.1 }),
      layers.randomZoom({ heightFactor: 0.1, fillMode: 'nearest' }),
    );
    expectShape(kept, [7, 9, 4]);
    expectShape(steps.pipe(layers.spatialDropout1d({ rate: 0.5 })), [50, 6]);
  });

  it('of merges', () => {
    const wide = small.pipe(layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same' }));
    const narrow = small.pipe(layers.conv2d({ filters: 1, kernelSize: 1 }));
    const row = small.pipe(layers.globalAveragePooling2d());
    expectShape(layers.add().apply([wide, wide, narrow]), [7, 9, 4]);
    expectShape(layers.multiply().apply([wide, row]), [7, 9, 4]);
    expectShape(layers.subtract().apply([narrow, wide]), [7, 9, 4]);
    expectShape(layers.concatenate().apply([wide, narrow, wide]), [7, 9, 9]);
    expectShape(layers.concatenate({ axis: 1 }).apply([wide, wide]), [14, 9, 4]);
    expectShape(layers.concatenate({ axis: -2 }).apply([wide, wide]), [7, 18, 4]);
    expectShape(layers.dot({ axes: -1 }).apply([row, row]), [1]);
    expectShape(layers.dot({ axes: [3, 1] }).apply([wide, row]), [7, 9]);
  });
});

it('a list of layers has all their shapes', () => {
  const list = sequential([
    layers.conv2d({ filters: 32, kernelSize: 3, inputShape: [28, 28, 1], activation: 'relu' }),
    layers.maxPooling2d({ poolSize: 2 }),
    layers.flatten(),
    layers.dense({ units: 10, activation: 'softmax' }),
  ]);
  expectShapes(list, [[26, 26, 32], [13, 13, 32], [5408], [10]]);
  expect(list.layers).toHaveLength(4);
});

it('a list in the options, or with an input first, has all their shapes', () => {
  const options = sequential({
    name: 'vgg_head',
    layers: [
      layers.maxPooling2d({ batchInputShape: [null, 14, 14, 512] }),
      layers.flatten(),
      layers.dense({ units: 4096 }),
    ],
  });
  expectShapes(options, [[7, 7, 512], [25088], [4096]]);
  expect(options.name).toBe('vgg_head');
});

it('inputDim and inputLength are shapes too', () => {
  const dense = sequential([
    layers.dense({ units: 3, inputDim: 7 }),
    layers.dense({ units: 2, inputDim: 3 }),
  ]);
  expectShapes(dense, [[3], [2]]);
  const words = sequential([
    layers.embedding({ inputDim: 9, outputDim: 4, inputLength: 6 }),
    layers.embedding({ inputDim: 9, outputDim: 2, inputLength: [6, 4] }),
  ]);
  expectShapes(words, [
    [6, 4],
    [6, 4, 2],
  ]);
});

describe('unknown sizes', () => {
  const any = input({ shape: [null, null, 3] });
  const sound = input({ shape: [null, 6] });

  it('stay unknown in layers whose output depends on them', () => {
    const { conv2d, depthwiseConv2d, separableConv2d, conv2dTranspose, maxPooling2d } = layers;
    expectShape(any.pipe(), [null, null, 3]);
    expectShape(any.pipe(conv2d({ filters: 64, kernelSize: 3, padding: 'same' })), [null, null, 64]);
    expectShape(any.pipe(conv2d({ filters: 6, kernelSize: 5, strides: 2, groups: 3 })), [null, null, 6]);
    expectShape(any.pipe(depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2 })), [null, null, 6]);
    expectShape(any.pipe(separableConv2d({ filters: 5, kernelSize: 3 })), [null, null, 5]);
    expectShape(any.pipe(conv2dTranspose({ filters: 2, kernelSize: 3, strides: 2 })), [null, null, 2]);
    expectShape(any.pipe(conv2dTranspose({ filters: 2, kernelSize: 3, strides: 2, outputPadding: 0 })), [
      null,
      null,
      2,
    ]);
    expectShape(any.pipe(maxPooling2d({ padding: 'same' })), [null, null, 3]);
    expectShape(any.pipe(layers.upSampling2d({ size: [3, 1] })), [null, null, 3]);
    expectShape(any.pipe(layers.zeroPadding2d(), layers.cropping2D({ cropping: 2 })), [null, null, 3]);
    expectShape(any.pipe(layers.dense({ units: 7 }), layers.batchNormalization()), [null, null, 7]);
    expectShape(any.pipe(layers.flatten()), [null]);
    expectShape(any.pipe(layers.reshape({ targetShape: [-1, 3] })), [null, 3]);
    expectShape(any.pipe(layers.permute({ dims: [3, 1, 2] })), [3, null, null]);
    expectShape(sound.pipe(layers.conv1d({ filters: 4, kernelSize: 3, strides: 2 })), [null, 4]);
    expectShape(sound.pipe(layers.averagePooling1d({ padding: 'same' })), [null, 6]);
    expectShape(sound.pipe(layers.zeroPadding1d(), layers.cropping1D()), [null, 6]);
  });

  it('end at layers that pool them, or have given sizes', () => {
    expectShape(any.pipe(layers.globalAveragePooling2d()), [3]);
    expectShape(any.pipe(layers.globalMaxPooling2d({ keepDims: true })), [1, 1, 3]);
    expectShape(sound.pipe(layers.globalMaxPooling1d()), [6]);
    expectShape(any.pipe(layers.resizing({ height: 32, width: 48 })), [32, 48, 3]);
    expectShape(any.pipe(layers.randomCrop({ height: 8, width: 8 })), [8, 8, 3]);
    expectShape(any.pipe(layers.centerCrop({ height: 7, width: 2 })), [7, 2, 3]);
  });

  it('pass through merges', () => {
    const wide = any.pipe(layers.conv2d({ filters: 8, kernelSize: 3, padding: 'same' }));
    const row = wide.pipe(layers.globalAveragePooling2d());
    expectShape(layers.add().apply([wide, wide]), [null, null, 8]);
    expectShape(layers.multiply().apply([wide, row]), [null, null, 8]);
    expectShape(layers.concatenate().apply([wide, any.pipe()]), [null, null, 11]);
    expectShape(layers.concatenate({ axis: 1 }).apply([wide, wide]), [null, null, 8]);
    expectShape(layers.dot({ axes: 2 }).apply([sound.pipe(), sound.pipe()]), [null, null]);
  });

  it('are in the types of models', () => {
    const list = sequential([
      layers.conv2d({ filters: 64, kernelSize: 3, inputShape: [null, 28, 3] }),
      layers.maxPooling2d(),
      layers.globalAveragePooling2d(),
      layers.dense({ units: 10 }),
    ]);
    expectShapes(list, [[null, 26, 64], [null, 13, 64], [64], [10]]);
    const words = sequential([layers.embedding({ inputDim: 9, outputDim: 4 }), layers.globalMaxPooling1d()]);
    expectShapes(words, [[null, 4], [4]]);
    const rows = sequential([layers.embedding({ inputDim: 9, outputDim: 4, inputLength: [5, null] })]);
    expectShapes(rows, [[5, null, 4]]);
    const given = sequential([layers.reLU({ batchInputShape: [null, null, 4] })]);
    expectShapes(given, [[null, 4]]);
    expectTypeOf(model({ inputs: any, outputs: any.pipe(layers.reLU()) })).toEqualTypeOf<
      Functional<[[null, null, 3]], [[null, null, 3]]>
    >();
  });
});

it('a graph has the shapes of its inputs and outputs', () => {
  const body = image.pipe(layers.conv2d({ filters: 8, kernelSize: 3, strides: 2 }));
  const net = model({ inputs: image, outputs: [body, body.pipe(layers.flatten())] });
  expectTypeOf(net).toEqualTypeOf<Functional<[[28, 28, 1]], [[13, 13, 8], [1352]]>>();
  expect(net.outputs.map(({ sampleShape }) => sampleShape)).toEqual([[13, 13, 8], [1352]]);
});

it('pipe without layers returns the value, and refuses other values than layers', () => {
  const value = image.pipe();
  expectShape(value, [28, 28, 1]);
  expect(value).toBe(image);
  expect(() => image.pipe(Math.max as never)).toThrow('pipe takes layers and models, not the function max');
});
