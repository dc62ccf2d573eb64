import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as tf from '../../lib/index.js';
import { fuzz, LIMIT_MS } from './fuzz.js';
import { byteEdits, editBytes } from './mutations.js';

// ONNX files whose bytes are changed at random. A model loads, or loading is refused with a ConvforgeError.

const FOLDER = path.join(__dirname, '..', 'onnx', 'cases');
const seeds = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.onnx'))
  .map((name) => readFileSync(path.join(FOLDER, name)));

test('ONNX files with other bytes', { timeout: LIMIT_MS }, async () => {
  const outcomes = await fuzz(
    'ONNX',
    fc.record({ seed: fc.nat(seeds.length - 1), edits: byteEdits }),
    async ({ seed, edits }, outcomes) => {
      const bytes = Uint8Array.from(editBytes(seeds[seed], edits));
      // Kinds of files are told by their first bytes: others are the fuzzers' of those kinds.
      if (bytes[0] !== seeds[seed][0]) return;
      await outcomes.of(async () => (await tf.loadModel(bytes)).dispose());
    },
  );
  expect(outcomes.count('loaded')).toBeGreaterThan(0);
  expect(outcomes.count('CORRUPT_FILE')).toBeGreaterThan(0);
});
