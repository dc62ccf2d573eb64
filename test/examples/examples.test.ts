import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { datasets } from '../../lib/index.js';
import { runExample } from '../support/run-example.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'convforge-examples-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('examples/convolution.ts', () => {
  it("prints the tutorial's feature map, and draws images without the dataset too", async () => {
    const output = await runExample(folder, 'convolution.ts', { CONVFORGE_DATA: folder });
    expect(output).toContain('[[4, 3, 4],\n     [2, 4, 3],\n     [2, 3, 4]]');
    expect(output).toContain('a drawn image takes its place');
    const page = await readFile(join(folder, 'convforge-out/convolution.html'), 'utf8');
    const images = [...page.matchAll(/src="data:image\/png;base64,([^"]+)" alt="([^"]+)"/g)];
    expect(images).toHaveLength(7);
    expect(new Set(images.map(([, data]) => data)).size).toBe(7);
    expect(page).toContain('7 filters of 3x3');
  }, 120_000);
});

describe('examples of Fashion-MNIST', async () => {
  const isThere = await datasets.fashionMnist().then(
    () => true,
    () => false,
  );

  it.skipIf(!isThere)(
    'filters.ts shows filters before and after training, and feature maps',
    async () => {
      const output = await runExample(folder, 'filters.ts', { FILTERS_IMAGES: '512' });
      expect(output).toContain('Filters and feature maps: convforge-out/filters.html');
      const page = await readFile(join(folder, 'convforge-out/filters.html'), 'utf8');
      const drawn = page.split('<figure>').map((figure) => figure.match(/base64,[^"]+"><title>/g) ?? []);
      expect(drawn.map((images) => images.length)).toEqual([0, 8, 8, 1 + 8 + 8 + 16 + 16]);
      expect(drawn[2]).not.toEqual(drawn[1]);
    },
    120_000,
  );

  it.skipIf(!isThere)(
    'tutorial.ts trains, and plots its accuracy',
    async () => {
      const output = await runExample(folder, 'tutorial.ts', { TUTORIAL_EPOCHS: '1' });
      expect(output).toContain('60000 train samples\n10000 test samples\n');
      const accuracy = Number(/Test accuracy: ([\d.]+)/.exec(output)?.[1]);
      expect(accuracy).toBeGreaterThan(0.82);
      const plot = await readFile(join(folder, 'convforge-out/tutorial-accuracy.svg'), 'utf8');
      expect(plot).toContain('Training accuracy');
    },
    600_000,
  );
});
