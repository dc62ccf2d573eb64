import { describe, expect, it } from 'vitest';
import * as layers from '../../lib/layers/index.js';
import { Lowering } from '../../lib/layers/lower.js';
import { expectError } from '../support/convforge-error.js';

/** The nodes that a layer lowers to, on an input of this shape. */
function nodesOf(layer: layers.Layer, shape: number[]) {
  const lowering = new Lowering();
  const input = lowering.add({ name: 'x', op: 'input', inputs: [], attributes: { shape } });
  layer.lower(lowering, input);
  return lowering.nodes.slice(1);
}

const attributesOf = (layer: layers.Layer) => nodesOf(layer, [5, 4, 3])[0].attributes;

describe('augmentation layers', () => {
  it('lower to ops by their contracts', () => {
    const flip = (mode?: layers.RandomFlipOptions['mode']) => attributesOf(layers.randomFlip({ mode }));
    expect(flip()).toEqual({ horizontal: true, vertical: true, stream: 0 });
    expect(flip('horizontal_and_vertical')).toEqual(flip());
    expect(flip('horizontalAndVertical')).toEqual(flip());
    expect(flip('horizontal')).toEqual({ horizontal: true, vertical: false, stream: 0 });
    expect(flip('vertical')).toEqual({ horizontal: false, vertical: true, stream: 0 });
    const filled = { fill: 'reflect', fillValue: 0, interpolation: 'bilinear', stream: 0 };
    expect(attributesOf(layers.randomTranslation({ heightFactor: -0.2, widthFactor: [0.3, -0.1] }))).toEqual({
      kind: 'translation',
      ranges: [-0.2, 0.2, -0.1, 0.3],
      keepAspect: false,
      ...filled,
    });
    expect(attributesOf(layers.randomZoom({ heightFactor: 0.5 }))).toEqual({
      kind: 'zoom',
      ranges: [-0.5, 0.5, -0.5, 0.5],
      keepAspect: true,
      ...filled,
    });
    expect(attributesOf(layers.randomZoom({ heightFactor: 0.5, widthFactor: [0, 1] }))).toMatchObject({
      ranges: [-0.5, 0.5, 0, 1],
      keepAspect: false,
    });
    const options = { fillMode: 'constant', fillValue: 7, interpolation: 'nearest' } as const;
    expect(attributesOf(layers.randomRotation({ factor: 0.125, ...options }))).toEqual({
      kind: 'rotation',
      ranges: [-0.125, 0.125],
      keepAspect: false,
      fill: 'constant',
      fillValue: 7,
      interpolation: 'nearest',
      stream: 0,
    });
  });

  it('lower contrast and brightness to ranges in the values of images', () => {
    const toned = { limits: [0, 255], stream: 0 };
    expect(attributesOf(layers.randomContrast({ factor: 0.25 }))).toEqual({
      kind: 'contrast',
      range: [0.75, 1.25],
      ...toned,
    });
    expect(attributesOf(layers.randomContrast({ factor: [1, 0.5] }))).toMatchObject({ range: [0, 1.5] });
    expect(attributesOf(layers.randomContrast({ factor: [0, 3] }))).toMatchObject({ range: [1, 4] });
    expect(attributesOf(layers.randomBrightness({ factor: 0.5 }))).toEqual({
      kind: 'brightness',
      range: [-127.5, 127.5],
      ...toned,
    });
    const signed = layers.randomBrightness({ factor: [0.75, -0.25], valueRange: [-1, 1], seed: 4 });
    expect(attributesOf(signed)).toEqual({
      kind: 'brightness',
      range: [-0.5, 1.5],
      limits: [-1, 1],
      stream: 2 ** 32 - 1,
      seed: 4,
    });
  });

  it('with a seed draw from a random stream of their own', () => {
    const seeded = { stream: 2 ** 32 - 1, seed: 12 };
    expect(attributesOf(layers.randomFlip({ seed: 12 }))).toMatchObject(seeded);
    expect(attributesOf(layers.randomRotation({ factor: 1, seed: 12 }))).toMatchObject(seeded);
  });

  it('keep the shape, except randomCrop', async () => {
    expect(layers.randomFlip().computeOutputShape([5, 4, 3])).toEqual([5, 4, 3]);
    expect(layers.randomCrop({ height: 2, width: 3 }).computeOutputShape([5, 4, 3])).toEqual([2, 3, 3]);
    const flat = layers.randomRotation({ factor: 0.1, name: 'r' });
    await expectError(() => flat.computeOutputShape([5, 4]), 'SHAPE_MISMATCH', /^r: .*5x4.*an image/);
    const contrast = layers.randomContrast({ factor: 0.1, name: 'c' });
    expect(contrast.computeOutputShape([5, 4, 3])).toEqual([5, 4, 3]);
    await expectError(() => contrast.computeOutputShape([20]), 'SHAPE_MISMATCH', /^c: .*20.*an image/);
  });

  it('crop at random in training, and else resize the largest centered part', () => {
    const crop = layers.randomCrop({ height: 4, width: 2, name: 'c' });
    expect(nodesOf(crop, [5, 2, 3])).toMatchObject([
      {
        name: 'c',
        op: 'randomCrop',
        attributes: { size: [4, 2], stream: 0 },
        outputs: [{ shape: [4, 2, 3] }],
      },
    ]);
    const nodes = nodesOf(crop, [3, 9, 1]);
    expect(nodes).toMatchObject([
      { name: 'c/middle', op: 'pad', outputs: [{ shape: [3, 1, 1] }] },
      {
        name: 'c',
        op: 'resize',
        attributes: { kind: 'bilinear', size: [4, 2] },
        outputs: [{ shape: [4, 2, 1] }],
      },
    ]);
    expect(nodes[0].attributes).toEqual({ before: [-0, -4, -0], after: [0, -4, 0] });
  });

  it('refuse unknown options', async () => {
    const mode = 'diagonal' as layers.FlipMode;
    await expectError(() => layers.randomFlip({ mode }), 'UNSUPPORTED', /mode is 'diagonal'/);
    await expectError(() => layers.randomFlip({ seed: -1 }), 'INVALID_ARGUMENT', /seed is -1/);
    await expectError(() => layers.randomRotation({ factor: 1.5 }), 'INVALID_ARGUMENT', /factor is 1.5/);
    const three = { heightFactor: 0.1, widthFactor: [0, 1, 2] } as unknown as layers.RandomTranslationOptions;
    await expectError(
      () => layers.randomTranslation(three),
      'INVALID_ARGUMENT',
      /widthFactor is \[0, 1, 2\]/,
    );
    await expectError(() => layers.randomCrop({ height: 0, width: 1 }), 'INVALID_ARGUMENT', /height is 0/);
    const fill = { factor: 0.1, fillMode: 'mirror' as layers.FillMode };
    await expectError(() => layers.randomRotation(fill), 'UNSUPPORTED', /fillMode is 'mirror'/);
    for (const factor of [-0.1, 1.1, [1.5, 0], [0.5, -0.5], [0, Infinity], [0.5], 'much', undefined]) {
      const options = { factor, name: 'c' } as layers.RandomContrastOptions;
      await expectError(() => layers.randomContrast(options), 'INVALID_ARGUMENT', /^c: factor is .*number/);
    }
    for (const valueRange of [[255, 0], [1, 1], [0], [0, NaN], [0, 1, 2], 255, ['0', '1']]) {
      const options = { factor: 0.1, valueRange } as unknown as layers.RandomBrightnessOptions;
      const message = /^random_brightness: valueRange is .*two finite numbers, the lower one first/;
      await expectError(() => layers.randomBrightness(options), 'INVALID_ARGUMENT', message);
    }
    await expectError(() => layers.randomBrightness({ factor: 1.5 }), 'INVALID_ARGUMENT', /factor is 1.5/);
    const range = { factor: 0.1, value_range: [0, 1] } as layers.RandomContrastOptions;
    await expectError(() => layers.randomContrast(range), 'UNKNOWN_OPTION', /did you mean 'valueRange'/);
    const format = { dataFormat: 'channelsFirst' } as unknown as layers.RandomFlipOptions;
    await expectError(() => layers.randomFlip(format), 'UNSUPPORTED', /dataFormat/);
  });
});
