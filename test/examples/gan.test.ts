import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runExample } from '../support/run-example.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'convforge-gan-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it("the GAN's generator trains through a discriminator frozen after compile", async () => {
  const output = await runExample(folder, 'gan.ts', { GAN_STEPS: '300' });
  const [, told, fooled] = /step 250: discriminator's loss ([\d.]+), generator's ([\d.]+)/.exec(output) ?? [];
  // Neither has won: with labels of 0.9 and 0, a discriminator that is always right has a loss of 0.16.
  expect(Number(told)).toBeGreaterThan(0.3);
  expect(Number(told)).toBeLessThan(0.75);
  expect(Number(fooled)).toBeLessThan(2);
  const [, before, after] = /shape: ([\d.]+) untrained, ([\d.]+) trained/.exec(output) ?? [];
  expect(Number(before)).toBeGreaterThan(0.35);
  expect(Number(after)).toBeLessThan(0.2);
  const image = await readFile(join(folder, 'convforge-out/gan.png'));
  // Eight images of 16 pixels in three rows.
  expect([image.readUInt32BE(16), image.readUInt32BE(20)]).toEqual([128, 48]);
}, 120_000);
