import { describe, expect, it } from 'vitest';
import { input, layers, models, sequential, type SymbolicTensor } from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';
import { skipClassifier } from '../support/skip-classifier.js';

// The shapes that layers and models infer for variable sizes.

describe('computeOutputShape', () => {
  const { conv1d, conv2d, conv2dTranspose, dense, embedding, reshape } = layers;
  const any = [null, null, 3] as const;

  it.each([
    [conv2d({ filters: 64, kernelSize: 3, padding: 'same' }), [any], [null, null, 64]],
    [conv2d({ filters: 4, kernelSize: 7, strides: 5 }), [[null, 20, 3]], [null, 3, 4]],
    [layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2 }), [any], [null, null, 6]],
    [layers.separableConv2d({ filters: 5, kernelSize: 3 }), [any], [null, null, 5]],
    [conv2dTranspose({ filters: 2, kernelSize: 3, strides: 2 }), [any], [null, null, 2]],
    [conv1d({ filters: 4, kernelSize: 3, padding: 'causal' }), [[null, 8]], [null, 4]],
    [layers.maxPooling2d(), [any], [null, null, 3]],
    [layers.averagePooling1d(), [[null, 8]], [null, 8]],
    [layers.globalMaxPooling2d(), [any], [3]],
    [layers.globalAveragePooling2d({ keepDims: true }), [any], [1, 1, 3]],
    [layers.globalMaxPooling1d(), [[null, 8]], [8]],
    [layers.flatten(), [any], [null]],
    [reshape({ targetShape: [-1, 3] }), [any], [null, 3]],
    [reshape({ targetShape: [7, -1] }), [[null, 3]], [7, null]],
    [layers.permute({ dims: [3, 1, 2] }), [[null, 5, 3]], [3, null, 5]],
    [layers.repeatVector({ n: 4 }), [[null]], [4, null]],
    [layers.zeroPadding2d(), [any], [null, null, 3]],
    [layers.cropping2D({ cropping: 40 }), [any], [null, null, 3]],
    [layers.centerCrop({ height: 5, width: 700 }), [any], [5, 700, 3]],
    [layers.resizing({ height: 5, width: 6 }), [any], [5, 6, 3]],
    [layers.randomCrop({ height: 5, width: 6 }), [any], [5, 6, 3]],
    [layers.upSampling2d(), [any], [null, null, 3]],
    [dense({ units: 5 }), [[null, 8]], [null, 5]],
    [embedding({ inputDim: 9, outputDim: 4 }), [[null]], [null, 4]],
    [layers.batchNormalization(), [any], any],
    [layers.groupNormalization({ groups: 3 }), [any], any],
    [layers.rescaling({ scale: 2 }), [[null, null, null]], [null, null, null]],
    [layers.softmax({ axis: 1 }), [any], any],
    [layers.add(), [any, [1, 1, 3]], any],
    [layers.multiply(), [[null, null, 8], [8]], [null, null, 8]],
    [layers.concatenate(), [any, [null, null, 5]], [null, null, 8]],
    [
      layers.concatenate({ axis: 1 }),
      [
        [null, 5],
        [3, 5],
      ],
      [null, 5],
    ],
    [
      layers.dot({ axes: 2 }),
      [
        [null, 8],
        [null, 8],
      ],
      [null, null],
    ],
    [
      layers.dot({ axes: [1, 1] }),
      [
        [null, 8],
        [null, 5],
      ],
      [8, 5],
    ],
  ])('of case %# is null for sizes that depend on null', (layer, [first, ...others], expected) => {
    expect(layer.computeOutputShape(first, ...others)).toEqual(expected);
  });

  it("names the layer that doesn't fit, and the sizes tried", async () => {
    await expectError(
      () => conv2d({ filters: 1, kernelSize: 3, name: 'c' }).computeOutputShape([null, 2, 3]),
      'SHAPE_MISMATCH',
      /^c: kernel 3x3 is larger than its input 96x2x3; .*\(Sizes that the input leaves open were assumed to be 96;/,
    );
    await expectError(
      () => layers.add({ name: 'a' }).computeOutputShape([null, 2], [null, 3]),
      'SHAPE_MISMATCH',
      /^a: inputs of 96x2 and 96x3/,
    );
  });
});

describe('shapes of a model', () => {
  it('have null in symbolic tensors, layers, inputs and summary', () => {
    const net = skipClassifier(null, null);
    expect(net.inputs[0].shape).toEqual([null, null, null, 2]);
    expect(net.layers[1].outputShape).toEqual([null, null, null, 6]);
    expect(net.outputs[0].shape).toEqual([null, 3]);
    expect(net.signature.inputs[0].shape).toEqual([null, null, 2]);
    const lines: string[] = [];
    net.summary(80, undefined, (line) => lines.push(line));
    expect(lines.filter((line) => line.includes('(Conv2D)')).map((line) => line.split(/ {2,}/))).toEqual([
      ['conv2d_1 (Conv2D)', '[null, null, null, 6]', '114'],
      ['conv2d_2 (Conv2D)', '[null, null, null, 6]', '330'],
    ]);
  });

  it('come from inputShape, batchInputShape, inputLength, and the default of embedding', () => {
    const one = sequential([layers.conv1d({ filters: 2, kernelSize: 3, inputShape: [null, 4] })]);
    const two = sequential([layers.conv1d({ filters: 2, kernelSize: 3, batchInputShape: [null, null, 4] })]);
    const words = (options = {}) =>
      sequential([layers.embedding({ inputDim: 9, outputDim: 2, ...options })]).outputs[0].shape;
    expect([one, two].map((net) => net.outputs[0].shape)).toEqual([
      [null, null, 2],
      [null, null, 2],
    ]);
    expect(words()).toEqual([null, null, 2]);
    expect(words({ inputLength: [5, null] })).toEqual([null, 5, null, 2]);
    expect(words({ inputLength: 5 })).toEqual([null, 5, 2]);
  });

  it('may require multiples, multiples plus one, large or small sizes', () => {
    const image = input({ shape: [null, null, 1] });
    const conv = (filters: number) => layers.conv2d({ filters, kernelSize: 3, padding: 'same' });
    // As pix2pix: eight halvings and doublings, each concatenated with the value of equal size.
    const halves = [image.pipe(conv(1))];
    for (let i = 0; i < 8; i++) halves.push(halves[i].pipe(layers.maxPooling2d()));
    let back: SymbolicTensor = halves[8];
    for (let i = 7; i >= 0; i--)
      back = layers.concatenate().apply([back.pipe(layers.upSampling2d()), halves[i]]);
    expect(back.shape).toEqual([null, null, null, 9]);
    // A U-Net without padding takes sizes 16k + 12, and crops the skipped values.
    const unpadded = layers.conv2d({ filters: 1, kernelSize: 5 });
    const down = [image.pipe(unpadded)];
    for (let i = 0; i < 4; i++)
      down.push(down[i].pipe(layers.maxPooling2d(), layers.conv2d({ filters: 1, kernelSize: 5 })));
    let up: SymbolicTensor = down[4];
    for (const [i, cropping] of [4, 16, 40, 88].entries()) {
      const skipped = down[3 - i].pipe(layers.cropping2D({ cropping }));
      up = layers.concatenate().apply([up.pipe(layers.upSampling2d()), skipped]);
      up = up.pipe(layers.conv2d({ filters: 1, kernelSize: 5 }));
    }
    expect(up.shape).toEqual([null, null, null, 1]);
    // Sizes 8k + 1.
    const odd = image.pipe(layers.maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' }));
    const spread = odd.pipe(
      layers.conv2dTranspose({ filters: 1, kernelSize: 3, strides: 2, outputPadding: 0 }),
    );
    const cropped = spread.pipe(layers.cropping2D({ cropping: 1 }));
    expect(layers.add().apply([image, cropped]).shape).toEqual([null, null, null, 1]);
    // A matrix over all pairs of pixels is large for large images.
    const rows = image.pipe(
      layers.conv2d({ filters: 4, kernelSize: 1 }),
      layers.reshape({ targetShape: [-1, 4] }),
    );
    expect(layers.dot({ axes: 2 }).apply([rows, rows]).shape).toEqual([null, null, null]);
    const wide = image.pipe(layers.averagePooling2d({ poolSize: 700, strides: 1 }));
    expect(wide.shape).toEqual([null, null, null, 1]);
  });

  it('are kept in config and JSON', async () => {
    const net = skipClassifier(null, null);
    const again = await models.modelFromJSON(net.toJSON());
    expect(again.inputs[0].shape).toEqual([null, null, null, 2]);
    expect(again.getConfig()).toEqual(net.getConfig());
  });
});

describe('known sizes are required', () => {
  it('where weights depend on them', async () => {
    const net = sequential([
      layers.conv2d({ filters: 3, kernelSize: 3, inputShape: [null, null, 1] }),
      layers.flatten(),
    ]);
    await expectError(
      () => net.add(layers.dense({ units: 10, name: 'head' })),
      'SHAPE_MISMATCH',
      /^head: its kernel depends on sizes that the model's input leaves open: it would be 26508x10 if they were 96, and 108300x10 if they were 192\. Give /,
    );
    const bare = [
      layers.conv2d({ filters: 3, kernelSize: 3, inputShape: [8, 8, null], name: 'l' }),
      layers.prelu({ inputShape: [null, 4], name: 'l' }),
      layers.batchNormalization({ inputShape: [4, null], name: 'l' }),
    ];
    for (const layer of bare) {
      await expectError(
        () => sequential([layer]),
        'SHAPE_MISMATCH',
        /^l: its (kernel|alpha|gamma) depends on/,
      );
    }
    const shared = layers.prelu({ inputShape: [null, 4], sharedAxes: [1] });
    expect(sequential([shared]).outputs[0].shape).toEqual([null, null, 4]);
  });

  it('where a reused layer was built for them', async () => {
    const dense = layers.dense({ units: 2, name: 'd' });
    dense.apply(input({ shape: [27] }));
    const flat: SymbolicTensor = input({ shape: [null, 3] }).pipe(layers.flatten());
    await expectError(
      () => dense.apply(flat),
      'SHAPE_MISMATCH',
      /^d: its kernel is 27x2 since .* 288 would need/,
    );
  });

  it('for the number of classes of a metric by class', async () => {
    const net = sequential([layers.softmax({ inputShape: [null] })]);
    net.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
    await expectError(
      () => net.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy', metrics: ['precision'] }),
      'INVALID_ARGUMENT',
      /^The metric precision counts by class, .*\[null\]/,
    );
  });

  it('where inputShape of a later layer differs', async () => {
    const image = input({ shape: [null, 5, 1] });
    const conv = (inputShape: (number | null)[]) => layers.conv2d({ filters: 1, kernelSize: 1, inputShape });
    expect(conv([null, null, 1]).apply(image).shape).toEqual([null, null, 5, 1]);
    await expectError(
      () => conv([4, 5, 1]).apply(image),
      'SHAPE_MISMATCH',
      /inputShape is 4x5x1, but .* \?x5x1/,
    );
  });
});
