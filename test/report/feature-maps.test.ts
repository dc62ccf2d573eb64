import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  input,
  layers,
  type LayersModel,
  memory,
  model,
  PendingTensor,
  report,
  type Sequential,
  sequential,
  tensor,
  tensor3d,
  zeros,
} from '../../lib/index.js';
import { expectBalanced } from './markup.js';
import { captionsOf, greysOf, imagesOf } from './drawn-images.js';

afterEach(() => {
  vi.restoreAllMocks();
});

/**
 * Passes an image of 4x4 on as it is and turned into its negative, keeps what is above 0, and takes the most
 * of 2x2.
 */
function twoSided(): Sequential {
  const net = sequential({
    name: 'two-sided',
    layers: [
      layers.rescaling({ scale: 0.5, inputShape: [4, 4, 1] }),
      layers.conv2d({ filters: 2, kernelSize: 1, useBias: false, name: 'both' }),
      layers.reLU({ name: 'positive' }),
      layers.maxPooling2d({ name: 'most' }),
      layers.flatten(),
      layers.dense({ units: 3, name: 'scores' }),
    ],
  });
  net.getLayer('both').setWeights([tensor([1, -1], [1, 1, 1, 2])]);
  return net;
}

const BYTES = Uint8Array.from({ length: 16 }, (_, i) => 10 * i);

describe('feature maps', () => {
  it('show the image, then the output of each convolution, activation and pooling', async () => {
    const svg = await report.featureMaps(twoSided(), tensor3d(BYTES, [4, 4, 1]));
    expect(captionsOf(svg)).toEqual([
      { heading: 'Image', notes: '[4, 4, 1]; from 0 to 150 | 0 | 255' },
      { heading: 'both', notes: 'Conv2D, [4, 4, 2]; from -75 to 75 | -75 | 75' },
      { heading: 'positive', notes: 'ReLU, [4, 4, 2]; from 0 to 75; 1 map is zero everywhere | 0 | 75' },
      { heading: 'most', notes: 'MaxPooling2D, [2, 2, 2]; from 0 to 75; 1 map is zero everywhere | 0 | 75' },
    ]);
    const images = await imagesOf(svg);
    expect(images.map(({ label }) => label)).toEqual([
      'channel 0',
      'both, map 0: from 0 to 75',
      'both, map 1: from -75 to 0',
      'positive, map 0: from 0 to 75',
      'positive, map 1: from 0 to 0',
      'most, map 0: from 25 to 75',
      'most, map 1: from 0 to 0',
    ]);
    const rows = (values: number[], width: number) =>
      Array.from({ length: values.length / width }, (_, y) => values.slice(y * width, (y + 1) * width));
    expect(greysOf(images[0])).toEqual(rows([...BYTES], 4));
    const [, plus, minus, positive, none, most] = images;
    expect([plus.pixels[3][3], minus.pixels[3][3]]).toEqual([
      [239, 68, 68, 255],
      [59, 130, 246, 255],
    ]);
    const shades = [...BYTES].map((byte) => Math.round((255 * byte) / 150));
    expect(greysOf(positive)).toEqual(rows(shades, 4));
    expect(greysOf(none).flat()).toEqual(Array(16).fill(0));
    expect(greysOf(most)).toEqual(rows([shades[5], shades[7], shades[13], shades[15]], 2));
    expectBalanced(svg);
    expect(svg).toMatch(/aria-label="two-sided: feature maps\. Image: .*\. most: MaxPooling2D, \[2, 2, 2\]/);
  });

  it('accept an image or a batch of one, of bytes or floats', async () => {
    const net = twoSided();
    const expected = await report.featureMaps(net, tensor3d(BYTES, [4, 4, 1]));
    const image = tensor3d(BYTES, [4, 4, 1]);
    for (const same of [
      image.reshape([1, 4, 4, 1]),
      image.cast('float32'),
      image.cast('int32'),
      image.arraySync(),
    ]) {
      expect(await report.featureMaps(net, same as never)).toBe(expected);
    }
  });

  it.each<[string, number[], number[]]>([
    ['0 to 1', [0, 0.2, 1], [0, 51, 255]],
    ['-1 to 1', [-1, 0, 0.6], [0, 128, 204]],
    ['0 to 255', [0, 51, 2], [0, 51, 2]],
    ['least to greatest', [-2, 0, 2], [0, 128, 255]],
    ['without what is not finite', [Number.NaN, 0, 0.2], [255, 0, 51]],
  ])('show an image of floats from %s', async (_, values, greys) => {
    const net = sequential({ layers: [layers.reLU({ inputShape: [1, 3, 1] })] });
    const [image] = await imagesOf(await report.featureMaps(net, tensor3d(values, [1, 3, 1])));
    expect(greysOf(image)).toEqual([greys]);
  });

  it('show an image in color, or an image per channel', async () => {
    const shown = async (channels: number) => {
      const net = sequential({ layers: [layers.reLU({ inputShape: [1, 1, channels] })] });
      const bytes = Uint8Array.of(200, 100, 50, 25).slice(0, channels);
      const images = await imagesOf(await report.featureMaps(net, tensor3d(bytes, [1, 1, channels])));
      return images.filter(({ label }) => label?.startsWith('channel')).map(({ pixels }) => pixels[0][0]);
    };
    expect(await shown(3)).toEqual([[200, 100, 50, 255]]);
    expect(await shown(2)).toEqual([
      [200, 200, 200, 255],
      [100, 100, 100, 255],
    ]);
    expect(await shown(4)).toHaveLength(4);
  });

  it('are of the given layers, up to the given number', async () => {
    const svg = await report.featureMaps(twoSided(), zeros([4, 4, 1]), {
      layers: ['most', 'rescaling_1'],
      title: 'Some',
      limit: 1,
      width: 320,
    });
    expect(captionsOf(svg).map(({ heading }) => heading)).toEqual(['Image', 'rescaling_1', 'most']);
    expect(captionsOf(svg)[2].notes).toBe(
      'MaxPooling2D, [2, 2, 2] | the first 1 of 2 maps are drawn | from 0 to 0; 2 maps are zero everywhere | 0 | 0',
    );
    expect(svg).toContain('>Some</text>');
    expect(await imagesOf(svg)).toHaveLength(3);
  });

  it('have separate scales on request', async () => {
    const net = sequential({ layers: [layers.reLU({ inputShape: [1, 1, 2], name: 'r' })] });
    const image = tensor3d([8, 2], [1, 1, 2]);
    const drawn = async (sharedScale: boolean) => {
      const svg = await report.featureMaps(net, image, { sharedScale });
      const maps = (await imagesOf(svg)).slice(2);
      return { greys: maps.map((map) => greysOf(map)[0][0]), notes: captionsOf(svg)[1].notes };
    };
    expect(await drawn(true)).toEqual({ greys: [255, 64], notes: 'ReLU, [1, 1, 2]; from 2 to 8 | 0 | 8' });
    expect(await drawn(false)).toEqual({
      greys: [255, 255],
      notes: 'ReLU, [1, 1, 2]; from 2 to 8; each on a scale of its own | 0 | most',
    });
  });

  it('are downsampled by means if an image is large', async () => {
    const net = sequential({ layers: [layers.reLU({ inputShape: [300, 200, 1], name: 'r' })] });
    const svg = await report.featureMaps(net, zeros([300, 200, 1]));
    const [image, map] = await imagesOf(svg);
    expect([image.pixels.length, image.pixels[0].length]).toEqual([150, 100]);
    expect([map.pixels.length, map.pixels[0].length]).toEqual([100, 67]);
    expect(captionsOf(svg)[0].notes).toContain('each pixel the mean of 2x2 values');
    expect(captionsOf(svg)[1].notes).toContain('each pixel the mean of 3x3 values');
  });
});

describe('feature maps of nested models', () => {
  /**
   * A model of two outputs within a model, used twice, its second output only at the first use; and a layer
   * used twice.
   */
  function nested(): LayersModel {
    const given = input({ shape: [4, 4, 2] });
    const left = layers.conv2d({ filters: 2, kernelSize: 3, padding: 'same', name: 'left' }).apply(given);
    const right = layers.averagePooling2d({ name: 'right' }).apply(left);
    const block = model({ inputs: given, outputs: [left, right], name: 'block' });
    const image = input({ shape: [4, 4, 2] });
    const first = block.apply<ReturnType<typeof layers.add>['output'][]>(image);
    const second = block.apply<typeof first>(first[0]);
    const pooled = layers.add().apply([first[1], second[1]]);
    const activation = layers.activation({ activation: 'tanh', name: 'tanh' });
    const outputs = [activation.apply(pooled), activation.apply(second[0])];
    return model({ inputs: image, outputs, name: 'net' });
  }

  it('are shown for each use', async () => {
    const net = nested();
    const svg = await report.featureMaps(net, zeros([4, 4, 2]).add(1));
    expect(captionsOf(svg).map(({ heading }) => heading)).toEqual([
      'Image',
      'block/left',
      'block/right',
      'block@2/left',
      'block@2/right',
      'tanh',
      'tanh@2',
    ]);
  });

  it('equal the inputs and outputs of inner layers', async () => {
    const net = nested();
    const identity = tensor([2, 0, 0, 3], [1, 1, 2, 2]).pad([
      [1, 1],
      [1, 1],
      [0, 0],
      [0, 0],
    ]);
    net.setWeights([identity, tensor([0, 0])]);
    const names = ['block@2/left', 'block/right'];
    const svg = await report.featureMaps(net, zeros([4, 4, 2]).add(1), { layers: names });
    expect(captionsOf(svg).slice(1)).toEqual([
      { heading: 'block/right', notes: 'AveragePooling2D, [2, 2, 2]; from 2 to 3 | 0 | 3' },
      { heading: 'block@2/left', notes: 'Conv2D, [4, 4, 2]; from 4 to 9 | 0 | 9' },
    ]);
  });

  it('begin with a nested model that takes the input', async () => {
    const base = sequential({ name: 'base', layers: [layers.reLU({ inputShape: [2, 2, 1], name: 'r' })] });
    const net = sequential({ layers: [base, layers.flatten()] });
    const svg = await report.featureMaps(net, zeros([2, 2, 1]));
    expect(captionsOf(svg).map(({ heading }) => heading)).toEqual(['Image', 'base/r']);
  });
});

describe('drawing feature maps', () => {
  it("leaks no tensors or models, and doesn't block the thread", async () => {
    const net = twoSided();
    const image = tensor3d(BYTES, [4, 4, 1]);
    const blocked = vi.spyOn(PendingTensor.prototype, 'dataSync');
    const before = memory().numTensors;
    await report.featureMaps(net, image);
    await report.featureMaps(
      net,
      [...Array(4).keys()].map(() => [[1], [2], [3], [4]]),
    );
    await expect(report.featureMaps(net, image, { layers: ['scores'] })).rejects.toThrow();
    expect(memory().numTensors).toBe(before);
    expect(blocked).not.toHaveBeenCalled();
    expect(net.getLayer('both').stores[0].models).toBe(1);
    expect(image.isDisposed).toBe(false);
  });

  it('accepts a pending tensor', async () => {
    const source = sequential({ layers: [layers.reLU({ inputShape: [4, 4, 1] })] });
    const pending = source.predict(tensor(BYTES, [1, 4, 4, 1]));
    const expected = await report.featureMaps(twoSided(), tensor3d(BYTES, [4, 4, 1]));
    expect(await report.featureMaps(twoSided(), pending)).toBe(expected);
  });

  it('works in a callback during training', async () => {
    const net = twoSided();
    const image = tensor3d(BYTES, [4, 4, 1]);
    net.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const images: string[] = [];
    const draw = async () => {
      images.push(await report.featureMaps(net, image));
    };
    const x = tensor(BYTES, [1, 4, 4, 1]);
    const training = net.fit(x, zeros([1, 3]), { epochs: 2, verbose: 0, callbacks: { onEpochEnd: draw } });
    await expect(report.featureMaps(net, image)).rejects.toMatchObject({ code: 'MODEL_BUSY' });
    await training;
    expect(images).toHaveLength(2);
    expect(await report.featureMaps(net, image)).toBe(images[1]);
  });

  it.each<[string, () => unknown, object, string, RegExp]>([
    [
      'another shape',
      () => zeros([5, 4, 1]),
      {},
      'SHAPE_MISMATCH',
      /image is \[5, 4, 1\], but rescaling_1_input of two-sided takes one of \[4, 4, 1\]; reshape it to \[4, 4, 1\]/,
    ],
    [
      'several images',
      () => zeros([2, 4, 4, 1]),
      {},
      'SHAPE_MISMATCH',
      /take one of a batch: images.slice\(0, 1\)/,
    ],
    ['no numbers', () => 'boot', {}, 'INVALID_ARGUMENT', /report.featureMaps: image/],
    [
      'an unknown layer',
      () => zeros([4, 4, 1]),
      { layers: ['bot'] },
      'INVALID_ARGUMENT',
      /no layer 'bot'; did you mean 'both'\?/,
    ],
    [
      'a layer without maps',
      () => zeros([4, 4, 1]),
      { layers: ['scores'] },
      'SHAPE_MISMATCH',
      /scores gives \[3\]; feature maps are \[height, width, channels\]/,
    ],
    [
      'no layers',
      () => zeros([4, 4, 1]),
      { layers: [] },
      'INVALID_ARGUMENT',
      /layers is \[\]; it must be a list of names/,
    ],
    ['a limit of 0', () => zeros([4, 4, 1]), { limit: 0 }, 'INVALID_ARGUMENT', /limit is 0/],
    [
      'an unknown option',
      () => zeros([4, 4, 1]),
      { layer: 'both' },
      'UNKNOWN_OPTION',
      /'layer'; did you mean 'layers'/,
    ],
  ])('refuses %s', async (_, image, options, code, message) => {
    await expect(report.featureMaps(twoSided(), image() as never, options)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it('names the layer in errors', async () => {
    await expect(report.featureMaps(twoSided(), zeros([1]))).rejects.toMatchObject({
      layer: 'rescaling_1_input',
    });
    const scores = report.featureMaps(twoSided(), zeros([4, 4, 1]), { layers: ['scores'] });
    await expect(scores).rejects.toMatchObject({ layer: 'scores' });
  });

  it.each<[string, () => unknown, string, RegExp]>([
    ['without layers', () => sequential({ name: 'empty' }), 'INVALID_ARGUMENT', /empty has no layers yet/],
    ['that is none', () => layers.reLU(), 'INVALID_ARGUMENT', /an object of type ReLU is not a model/],
    [
      'of vectors',
      () => sequential({ name: 'flat', layers: [layers.dense({ units: 1, inputShape: [3] })] }),
      'SHAPE_MISMATCH',
      /flat takes \[3\] .*it must take an image/,
    ],
    [
      'of two inputs',
      () => {
        const inputs = [input({ shape: [2, 2, 1], name: 'a' }), input({ shape: [2, 2, 1], name: 'b' })];
        return model({ inputs, outputs: layers.add().apply(inputs), name: 'sum' });
      },
      'INVALID_ARGUMENT',
      /sum takes 2 inputs \(a, b\); give a model of one image/,
    ],
    [
      'without maps',
      () => sequential({ name: 'bare', layers: [layers.flatten({ inputShape: [2, 2, 1] })] }),
      'INVALID_ARGUMENT',
      /bare has no convolution, pooling or activation/,
    ],
    [
      'that was disposed',
      () => {
        const net = twoSided();
        net.dispose();
        return net;
      },
      'DISPOSED',
      /two-sided was disposed/,
    ],
  ])('refuses a model %s', async (_, make, code, message) => {
    await expect(report.featureMaps(make() as never, zeros([2, 2, 1]))).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });
});
