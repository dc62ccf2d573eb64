import { describe, expect, it } from 'vitest';
import * as layers from '../../lib/layers/index.js';
import { Lowering } from '../../lib/layers/lower.js';
import { expectError } from '../support/convforge-error.js';

/** The node that a layer lowers to, on an input of this shape. */
function nodeOf(layer: layers.Layer, shape: number[]) {
  const lowering = new Lowering();
  const input = lowering.add({ name: 'x', op: 'input', inputs: [], attributes: { shape } });
  return lowering.nodes[layer.lower(lowering, input)];
}

describe('noise layers', () => {
  it('lower to ops by their contracts', () => {
    const attributes = (layer: layers.Layer, shape: number[]) => nodeOf(layer, shape).attributes;
    const columns = layers.dropout({ rate: 0.5, noiseShape: [null, 1, null] });
    expect(attributes(columns, [4, 3])).toEqual({ rate: 0.5, stream: 0, noiseShape: [1, 3] });
    expect(attributes(layers.spatialDropout1d({ rate: 0.5 }), [4, 3])).toMatchObject({ noiseShape: [1, 3] });
    expect(attributes(layers.spatialDropout2d({ rate: 0.5 }), [5, 4, 3])).toMatchObject({
      noiseShape: [1, 1, 3],
    });
    expect(attributes(layers.alphaDropout({ rate: 0.1 }), [4])).toEqual({
      rate: 0.1,
      stream: 0,
      alpha: true,
    });
    expect(attributes(layers.gaussianNoise({ stddev: 0.3 }), [4])).toEqual({ stddev: 0.3, stream: 0 });
    const twice = attributes(layers.gaussianDropout({ rate: 0.8 }), [4]);
    expect(twice).toEqual({ stddev: expect.closeTo(2, 10), stream: 0, multiplies: true });
  });

  it('with a seed draw from a random stream of their own', () => {
    const seeded = [
      layers.dropout({ rate: 0.5, seed: 12 }),
      layers.spatialDropout2d({ rate: 0.5, seed: 12 }),
      layers.alphaDropout({ rate: 0.5, seed: 12 }),
      layers.gaussianDropout({ rate: 0.5, seed: 12 }),
      layers.gaussianNoise({ stddev: 0.5, seed: 12 }),
    ];
    for (const layer of seeded) {
      expect(nodeOf(layer, [4, 3, 2]).attributes).toMatchObject({ stream: 2 ** 32 - 1, seed: 12 });
    }
    const columns = layers.spatialDropout1d({ rate: 0.5, seed: 0 });
    expect(nodeOf(columns, [4, 3]).attributes).toMatchObject({ seed: 0 });
  });

  it('keep the shape, and refuse inputs of another rank', async () => {
    expect(layers.gaussianNoise({ stddev: 1 }).computeOutputShape([3, 4])).toEqual([3, 4]);
    expect(layers.spatialDropout2d({ rate: 0.1 }).computeOutputShape([5, 4, 3])).toEqual([5, 4, 3]);
    const one = layers.spatialDropout1d({ rate: 0.1, name: 's' });
    await expectError(() => one.computeOutputShape([5, 4, 3]), 'SHAPE_MISMATCH', /^s: .*5x4x3.*\[steps/);
    const shaped = layers.dropout({ rate: 0.1, noiseShape: [null, 2, 3] });
    await expectError(() => shaped.computeOutputShape([4, 3]), 'SHAPE_MISMATCH', /noiseShape is/);
  });

  it('refuse options out of range', async () => {
    await expectError(() => layers.gaussianNoise({ stddev: -1 }), 'INVALID_ARGUMENT', /stddev is -1/);
    await expectError(() => layers.gaussianDropout({ rate: 1 }), 'INVALID_ARGUMENT', /rate is 1/);
    await expectError(() => layers.alphaDropout({ rate: -0.5 }), 'INVALID_ARGUMENT', /rate is -0.5/);
    await expectError(() => layers.dropout({ rate: 0.5, seed: 0.5 }), 'INVALID_ARGUMENT', /seed is 0.5/);
    for (const noiseShape of [[1, 2], [null, 0], 3]) {
      const options = { rate: 0.5, noiseShape } as layers.DropoutOptions;
      await expectError(() => layers.dropout(options), 'INVALID_ARGUMENT', /noiseShape is/);
    }
  });
});

describe('prelu', () => {
  it('has an alpha for each element, or one along shared axes', () => {
    const shapes = (options: layers.PReLUOptions) =>
      layers
        .prelu(options)
        .weightSpecs([5, 4, 3])
        .map(({ name, shape }) => [name, shape]);
    expect(shapes({})).toEqual([['alpha', [5, 4, 3]]]);
    expect(shapes({ sharedAxes: [1, 2] })).toEqual([['alpha', [1, 1, 3]]]);
    expect(shapes({ sharedAxes: 3 })).toEqual([['alpha', [5, 4, 1]]]);
    const node = nodeOf(layers.prelu({ sharedAxes: [1, 2] }), [5, 4, 3]);
    expect(node).toMatchObject({ op: 'prelu', attributes: { alphaShape: [1, 1, 3] } });
    expect(node.parameters).toEqual([{ name: 'alpha', shape: [3] }]);
  });

  it('refuses sharedAxes out of range', async () => {
    await expectError(() => layers.prelu({ sharedAxes: 0 }), 'INVALID_ARGUMENT', /sharedAxes is 0/);
    const layer = layers.prelu({ sharedAxes: [3] });
    await expectError(() => layer.computeOutputShape([5, 4]), 'SHAPE_MISMATCH', /has 3 axes/);
  });
});
