import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadLayersModel, setSeed } from 'convforge';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drawShapes, SHAPES } from '../../examples/shapes.js';
import { runExample } from '../support/run-example.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'convforge-architectures-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The mean loss of each epoch that an example printed. */
function losses(output: string): number[] {
  return [...output.matchAll(/ loss ([\d.]+)/g)].map(([, loss]) => Number(loss));
}

describe('drawShapes', () => {
  it('draws images that match their masks and labels, reproducibly by seed', () => {
    setSeed(3);
    const { images, labels, masks } = drawShapes(8, 16);
    expect([images.shape, labels.shape, masks.shape]).toEqual([[8, 16, 16, 3], [8], [8, 16, 16]]);
    expect([...labels.dataSync()]).toEqual([0, 1, 2, 3, 0, 1, 2, 3]);
    const [colours, marks] = [images.dataSync(), masks.dataSync()];
    for (let image = 0; image < 8; image++) {
      const own = [...marks.subarray(image * 256, (image + 1) * 256)];
      expect([...new Set(own)].sort()).toEqual([0, 1 + (image % SHAPES.length)]);
      const inside = own.flatMap((mark, i) => (mark > 0 ? [colours[(image * 256 + i) * 3]] : []));
      expect(new Set(inside).size).toBe(1);
      expect(inside[0]).toBeGreaterThanOrEqual(120);
    }
    setSeed(3);
    expect([...drawShapes(8, 16).images.dataSync()]).toEqual([...colours]);
  });
});

describe('examples of architectures', () => {
  it.each<{ name: string; env: Record<string, string>; weights: number; layers: string }>([
    // 3x3 and 1x1 convolutions of 8 to 64 filters, four numbers for each normalized channel, and the dense
    // layer.
    { name: 'resnet', env: { RESNET_WIDTH: '8', RESNET_EPOCHS: '2' }, weights: 177_212, layers: 'Add' },
    { name: 'mobilenet', env: { MOBILENET_EPOCHS: '2' }, weights: 194_628, layers: 'DepthwiseConv2D' },
    { name: 'unet', env: { UNET_EPOCHS: '2' }, weights: 118_069, layers: 'Conv2DTranspose' },
    { name: 'inception', env: { INCEPTION_EPOCHS: '2' }, weights: 59_784, layers: 'Concatenate' },
  ])(
    '$name learns, and predicts the same when it is saved and loaded',
    async ({ name, env, weights, layers }) => {
      const output = await runExample(folder, `${name}.ts`, env);
      expect(output).toContain(`: ${weights} weights\n`);
      const [first, second, ...more] = losses(output);
      expect(more).toEqual([]);
      expect(second).toBeLessThan(first * 0.95);
      expect(output).toContain('loaded again, it predicts the same within 0.\n');

      const file = join(folder, 'convforge-out', name, 'model.json');
      const topology = JSON.parse(await readFile(file, 'utf8')).modelTopology;
      const classes = topology.config.layers.map((layer: { class_name: string }) => layer.class_name);
      expect(classes).toContain(layers);
      expect((await loadLayersModel(`file://${file}`)).countParams()).toBe(weights);
    },
    120_000,
  );
});
