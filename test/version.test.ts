import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { VERSION } from '../lib/version.js';

it("equals package.json's version", () => {
  const { version } = JSON.parse(readFileSync(resolve('package.json'), 'utf8'));
  expect(VERSION).toBe(version);
});
