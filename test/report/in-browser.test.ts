import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import * as tf from '../../lib/index.js';
import { BROWSER, expectReadable, startedBrowser, VIEWS } from '../support/browser.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/** Ten classes of images, of which some are told apart badly, so that there are mistakes. */
function images(count: number): { x: tf.Tensor; y: tf.Tensor } {
  const pixels = new Uint8Array(count * 144);
  const labels = Int32Array.from({ length: count }, (_, i) => i % 10);
  for (let at = 0; at < pixels.length; at++) {
    const label = labels[Math.floor(at / 144)];
    pixels[at] = (label * 11 + ((at * 7919) % 101) + (at % 12) * label) % 256;
  }
  return { x: tf.tensor(pixels, [count, 12, 12, 1]), y: tf.tensor(labels) };
}

function classifier(): tf.Sequential {
  tf.setSeed(1);
  const model = tf.sequential({
    layers: [
      tf.layers.rescaling({ scale: 1 / 255, inputShape: [12, 12, 1] }),
      tf.layers.conv2d({ filters: 8, kernelSize: 3, activation: 'relu' }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 10, activation: 'softmax' }),
    ],
  });
  model.classNames = [...'abcdefghij'].map((letter) => `class ${letter}`);
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

describe.skipIf(!BROWSER)('the page of a training, in a browser', () => {
  const folder = temporaryFolder();
  const open = startedBrowser();

  async function trained(): Promise<{ address: string; history: Record<string, number[]> }> {
    const path = folder('report.html');
    const { x, y } = images(200);
    const { history } = await classifier().fit(x, y, {
      epochs: 3,
      validationSplit: 0.5,
      seed: 4,
      verbose: 0,
      report: path,
    });
    return { address: pathToFileURL(path).href, history };
  }

  it('has no errors, fits phones and desktops, and shuts nobody out', async () => {
    const { address } = await trained();
    for (const view of VIEWS) {
      const { page, errors } = await open(address, view);
      await expectReadable(page);
      expect(errors).toEqual([]);
      await page.close();
    }
  });

  it('shows the values under the pointer and by arrow keys', async () => {
    const { address, history } = await trained();
    const { page, errors } = await open(address);
    const figure = page.locator('.chart-figure', { has: page.locator('svg[aria-label="Accuracy"]') });
    const svg = figure.locator('svg');
    const [left, right] = ((await svg.getAttribute('data-x')) as string).split(' ').map(Number);
    const box = (await svg.boundingBox()) as { x: number; y: number; width: number; height: number };
    const [, , width] = ((await svg.getAttribute('viewBox')) as string).split(' ').map(Number);
    // The second of three epochs is in the middle.
    await page.mouse.move(box.x + ((left + right) / 2 / width) * box.width, box.y + box.height / 2);
    const shown = () => figure.locator('.values span').allTextContents();
    const valuesOf = (epoch: number) => [
      `epoch ${epoch + 1}`,
      ...['acc', 'val_acc'].map((key) => `${key} ${Number(history[key][epoch].toPrecision(4))}`),
    ];
    expect(await shown()).toEqual(valuesOf(1));
    await page.mouse.move(0, 0);
    expect(await shown()).toEqual([]);
    await figure.focus();
    await page.keyboard.press('End');
    expect(await shown()).toEqual(valuesOf(2));
    await page.keyboard.press('ArrowLeft');
    expect(await shown()).toEqual(valuesOf(1));
    await page.keyboard.press('Escape');
    expect(await shown()).toEqual([]);
    expect(errors).toEqual([]);
  });

  it('has its marks where the data says', async () => {
    const { address, history } = await trained();
    const { page } = await open(address);
    const svg = page.locator('svg[aria-label="Accuracy"]');
    const [bottom, top, least, most] = ((await svg.getAttribute('data-y')) as string).split(' ').map(Number);
    const heights = await svg
      .locator('g.s1 circle')
      .evaluateAll((marks) => marks.map((mark) => Number(mark.getAttribute('cy'))));
    const expected = history.val_acc.map(
      (value) => bottom + ((value - least) / (most - least)) * (top - bottom),
    );
    expect(heights).toEqual(expected.map((height) => expect.closeTo(height, 0)));
  });

  it('gives each chart as SVG and its data as JSON', async () => {
    const { address, history } = await trained();
    const { page } = await open(address);
    const figure = page.locator('.chart-figure', { has: page.locator('svg[aria-label="Accuracy"]') });
    const download = async (name: string) => {
      const waiting = page.waitForEvent('download');
      await figure.getByRole('button', { name }).click();
      const file = await waiting;
      const chunks: Buffer[] = [];
      for await (const chunk of await file.createReadStream()) chunks.push(chunk as Buffer);
      return { name: file.suggestedFilename(), text: Buffer.concat(chunks).toString() };
    };
    const json = await download('Accuracy as JSON');
    expect(json.name).toBe('accuracy.json');
    expect(JSON.parse(json.text).series[0]).toMatchObject({ name: 'acc', y: history.acc });
    const svg = await download('Accuracy as SVG');
    expect(svg.name).toBe('accuracy.svg');
    expect(svg.text).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/);
  });

  it('grows while it trains, and its button stops the training', async () => {
    const model = classifier();
    const { x, y } = images(2000);
    let address = '';
    const fit = model.fit(x, y, {
      epochs: 100_000,
      verbose: 0,
      live: { onAddress: (given) => (address = given) },
    });
    await expect.poll(() => address).not.toBe('');
    const { page, errors } = await open(address);
    await page.locator('#live-state', { hasText: /^Epoch \d+\/100000/ }).waitFor();
    const points = async () =>
      JSON.parse((await page.locator('#convforge-run').textContent()) as string).epochs.length;
    const before = await points();
    await expect.poll(points, { timeout: 20_000 }).toBeGreaterThan(before);
    await expectReadable(page);
    await page.getByRole('button', { name: 'Stop training' }).click();
    const history = await fit;
    expect(history.epoch.length).toBeLessThan(100_000);
    await page.locator('#live-state', { hasText: 'The training was stopped.' }).waitFor();
    expect(await points()).toBe(history.epoch.length);
    expect(await page.getByRole('button', { name: 'Stop training' }).isVisible()).toBe(false);
    expect(errors).toEqual([]);
  }, 60_000);
});
