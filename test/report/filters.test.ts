import { describe, expect, it } from 'vitest';
import {
  fill,
  input,
  type LayersModel,
  layers,
  memory,
  model,
  report,
  sequential,
  type Tensor,
  tensor,
  tensor4d,
} from '../../lib/index.js';
import { expectBalanced, textsOf } from './markup.js';
import { captionsOf, greysOf, imagesOf } from './drawn-images.js';

const BLUE = [59, 130, 246, 255];
const RED = [239, 68, 68, 255];
const ZERO = [128, 128, 128, 38];
const GAP = [0, 0, 0, 0];
const MAGENTA = [255, 0, 255, 255];

/**
 * A kernel [height, width, channels, filters] of filters given one after the other as
 * [channel][height][width].
 */
function kernelOf(filters: number[][][][]): Tensor {
  return tensor4d(filters).transpose([2, 3, 1, 0]);
}

describe('images of filters', () => {
  it('are blue below zero and red above, on one scale', async () => {
    const kernel = kernelOf([
      [
        [
          [0, 4],
          [-4, 0],
        ],
      ],
      [
        [
          [2, 0],
          [0, -2],
        ],
      ],
    ]);
    const svg = await report.filters(kernel);
    const [first, second] = await imagesOf(svg);
    expect(first.pixels).toEqual([
      [ZERO, RED],
      [BLUE, ZERO],
    ]);
    // Half way in what is seen, whatever is behind: (0.15 * 0.5 * grey + 0.5 * red) / (0.15 * 0.5 + 0.5).
    const half = [0, 1, 2].map((i) => Math.round((0.075 * 128 + 0.5 * RED[i]) / 0.575));
    expect(second.pixels[0][0]).toEqual([...half, Math.round(255 * 0.575)]);
    expect(captionsOf(svg)[0].heading).toBe('2 filters of 2x2');
    expect(textsOf(svg, 'text')).toEqual(['Filters', '2 filters of 2x2', 'from -4 to 4', '-4', '4']);
    const [legend] = await imagesOf(svg, true);
    expect([legend.pixels[0][0], legend.pixels[0][32], legend.pixels[0][64]]).toEqual([BLUE, ZERO, RED]);
    expectBalanced(svg);
  });

  it('are in a labelled grid without interpolation', async () => {
    const svg = await report.filters(fill([5, 5, 1, 20], 1), { width: 400, title: 'Twenty' });
    const images = await imagesOf(svg);
    expect(images.map(({ label }) => label)).toEqual(
      Array.from({ length: 20 }, (_, i) => `filter ${i}: from 1 to 1`),
    );
    expect(new Set(images.map(({ width, height }) => `${width}x${height}`))).toEqual(new Set(['55x55']));
    expect(images.map(({ x }) => x).slice(0, 7)).toEqual([20, 81, 142, 203, 264, 325, 20]);
    expect(images[6].y - images[0].y).toBe(61);
    const [width, height] = ['width', 'height'].map((name) =>
      Number(new RegExp(`^<svg [^>]* ${name}="(\\d+)"`).exec(svg)?.[1]),
    );
    expect(width).toBe(400);
    for (const each of images) {
      expect(each.x + each.width).toBeLessThanOrEqual(380);
      expect(each.y + each.height).toBeLessThan(height);
    }
    expect(svg).toMatch(/\.chart image \{ image-rendering: pixelated; \}/);
    expect(svg).toMatch(/aria-label="Twenty\. 20 filters of 5x5: from 1 to 1"/);
  });

  it('are gray if no value is negative', async () => {
    const svg = await report.filters(kernelOf([[[[0, 1, 2, 4]]]]));
    expect(greysOf((await imagesOf(svg))[0])).toEqual([[0, 64, 128, 255]]);
    expect(textsOf(svg, 'text').slice(-2)).toEqual(['0', '4']);
  });

  it('draw three channels as RGB, unless rgb is false', async () => {
    const kernel = kernelOf([[[[2]], [[-2]], [[0]]]]);
    const svg = await report.filters(kernel);
    expect((await imagesOf(svg)).map(({ pixels }) => pixels)).toEqual([[[[255, 0, 128, 255]]]]);
    expect(captionsOf(svg)[0].notes).toContain('in red, green and blue');
    const [row] = await imagesOf(await report.filters(kernel, { rgb: false }));
    expect(row.pixels).toEqual([[RED, BLUE, ZERO]]);
  });

  it('show any other number of channels side by side, one filter per row', async () => {
    const filter = [[[1, 0]], [[-1, 1]]];
    const svg = await report.filters(kernelOf([filter, [...filter].reverse()]));
    const rows = await imagesOf(svg);
    expect(rows.map(({ pixels }) => pixels[0])).toEqual([
      [RED, ZERO, GAP, BLUE, RED],
      [BLUE, RED, GAP, RED, ZERO],
    ]);
    expect(rows[1].x).toBe(rows[0].x);
    expect(rows[1].y).toBe(rows[0].y + rows[0].height + 6);
    expect(captionsOf(svg)[0]).toMatchObject({ heading: '2 filters of 1x2 over 2 channels' });
    expect(svg).toMatch(new RegExp(`<text x="46" y="${rows[1].y + 8}"[^>]*>1</text>`));
  });

  it('say which part of a large kernel is shown', async () => {
    const svg = await report.filters(fill([3, 3, 40, 70], -1));
    const rows = await imagesOf(svg);
    expect(rows).toHaveLength(64);
    expect(rows[0].pixels[0]).toHaveLength(32 * 4 - 1);
    expect(captionsOf(svg)[0].heading).toBe('70 filters of 3x3 over 40 channels');
    expect(captionsOf(svg)[0].notes).toMatch(/the first 64 are drawn.*the first 32 of them/);
    expect(await imagesOf(await report.filters(fill([3, 3, 1, 70], -1), { limit: 3 }))).toHaveLength(3);
    const narrow = await imagesOf(await report.filters(fill([11, 11, 40, 1], -1), { width: 320 }));
    expect(narrow[0].x + narrow[0].width).toBeLessThanOrEqual(300);
  });

  it('are downsampled by means if too large', async () => {
    const values = Float32Array.from({ length: 113 * 113 }, (_, i) => (i % 113 < 2 ? i % 113 : 3));
    const svg = await report.filters(tensor(values, [113, 113, 1, 1]));
    const [{ pixels }] = await imagesOf(svg);
    expect([pixels.length, pixels[0].length]).toEqual([57, 57]);
    expect(pixels[56].map(([grey]) => grey).slice(0, 2)).toEqual([Math.round(255 / 6), 255]);
    expect(captionsOf(svg)[0].notes).toContain('each pixel the mean of 2x2 values');
  });

  it('have separate scales on request', async () => {
    const kernel = kernelOf([[[[4, -2]]], [[[1, 0]]], [[[0, 0]]]]);
    const svg = await report.filters(kernel, { sharedScale: false });
    const images = await imagesOf(svg);
    expect(images.map(({ pixels }) => pixels[0][0])).toEqual([RED, RED, ZERO]);
    expect(images.map(({ label }) => label)).toEqual([
      'filter 0: from -2 to 4',
      'filter 1: from 0 to 1',
      'filter 2: from 0 to 0',
    ]);
    expect(captionsOf(svg)[0].notes).toBe('from -2 to 4; each on a scale of its own | -most | most');
    const coloured = await report.filters(
      kernelOf([
        [[[2]], [[-2]], [[0]]],
        [[[1]], [[0]], [[-1]]],
      ]),
      {
        sharedScale: false,
      },
    );
    expect((await imagesOf(coloured)).map(({ pixels }) => pixels[0][0])).toEqual([
      [255, 0, 128, 255],
      [255, 128, 0, 255],
    ]);
  });

  it('show non-finite values', async () => {
    const odd = [Number.NaN, Number.POSITIVE_INFINITY, 1];
    const svg = await report.filters(kernelOf([[[odd]]]));
    expect((await imagesOf(svg))[0].pixels[0]).toEqual([MAGENTA, MAGENTA, [255, 255, 255, 255]]);
    expect(captionsOf(svg)[0].notes).toContain('from 1 to 1; 2 not finite (magenta)');
    const coloured = await report.filters(kernelOf([[[[Number.NaN]], [[1]], [[1]]]]));
    expect((await imagesOf(coloured))[0].pixels).toEqual([[MAGENTA]]);
    const none = await report.filters(fill([1, 1, 1, 1], Number.NaN));
    expect(captionsOf(none)[0].notes).toContain('no finite value; 1 not finite');
  });
});

describe('filters of layers', () => {
  const image = input({ shape: [8, 8, 2] });
  const net: LayersModel = model({
    inputs: image,
    outputs: image.pipe(
      layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same', name: 'plain' }),
      layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, padding: 'same', name: 'depthwise' }),
      layers.separableConv2d({ filters: 3, kernelSize: 3, padding: 'same', name: 'separable' }),
      layers.conv2dTranspose({ filters: 5, kernelSize: 2, strides: 2, name: 'transposed' }),
    ),
  });

  it.each<[string, (kernel: Tensor) => Tensor]>([
    ['plain', (kernel) => kernel],
    ['depthwise', (kernel) => kernel.reshape([3, 3, 1, 8])],
    ['separable', (kernel) => kernel.reshape([3, 3, 1, 8])],
    ['transposed', (kernel) => kernel.transpose([0, 1, 3, 2])],
  ])('are those of its kernel: %s', async (name, arrange) => {
    const layer = net.getLayer(name);
    const expected = await report.filters(arrange(layer.getWeights()[0]), { title: `${name}: filters` });
    expect(await report.filters(layer)).toBe(expected);
  });

  it('leak no tensors', async () => {
    const before = memory().numTensors;
    await report.filters(net.getLayer('transposed'));
    await report.filters([[[[1, 2]]]]);
    expect(memory().numTensors).toBe(before);
  });

  it('are refused for a layer without filters', async () => {
    const dense = sequential({ layers: [layers.dense({ units: 2, inputShape: [3], name: 'd' })] });
    await expect(report.filters(dense.getLayer('d'))).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      layer: 'd',
      message: expect.stringMatching(/d \(Dense\) has no filters to draw; give a layer conv2d/),
    });
    await expect(report.filters(layers.conv2d({ filters: 1, kernelSize: 3 }))).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(/until it is in a model/),
    });
    await expect(report.filters(net as never)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(/is a model; give one of its layers/),
    });
  });

  it.each<[number[], object, string, RegExp]>([
    [[3, 3], {}, 'SHAPE_MISMATCH', /the kernel is \[3, 3\]; it must be \[height, width, channels, filters\]/],
    [[3, 3, 0, 1], {}, 'SHAPE_MISMATCH', /each 1 or more/],
    [[1, 1, 1, 1], { limit: 0 }, 'INVALID_ARGUMENT', /limit is 0/],
    [[1, 1, 1, 1], { width: 10 }, 'INVALID_ARGUMENT', /width is 10; it must be a whole number from 320/],
    [[1, 1, 1, 1], { rgb: 1 }, 'INVALID_ARGUMENT', /rgb is 1/],
    [[1, 1, 1, 1], { titel: 'a' }, 'UNKNOWN_OPTION', /report.filters: .*'titel'.* 'title'/],
  ])('refuse a kernel %j with %j', async (shape, options, code, message) => {
    await expect(report.filters(fill(shape, 1), options)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });
});
