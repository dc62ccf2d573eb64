import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as tf from '../../lib/index.js';
import { fuzz, LIMIT_MS } from './fuzz.js';
import { type ByteEdit, byteEdits, editBytes, editJson, type JsonEdit, jsonEdits } from './mutations.js';
import { WatchedFiles } from './watched-files.js';

// Checkpoints whose files are changed at random: training resumes, from an older one if need be, or is refused with a
// ConvforgeError. It opens no file outside of their folder.

const files = new WatchedFiles();
let work: string;
beforeAll(async () => {
  work = mkdtempSync(path.join(tmpdir(), 'convforge-fuzz-'));
  await train(path.join(work, 'seed'), 2, false);
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

async function train(dir: string, epochs: number, resume: boolean): Promise<number> {
  tf.setSeed(3);
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units: 3, activation: 'tanh', inputShape: [2] }),
      tf.layers.dropout({ rate: 0.25 }),
      tf.layers.dense({ units: 2, activation: 'softmax' }),
    ],
  });
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
  const x = tf.tensor([1, 2, 3, 4, 5, 6, 7, 8], [4, 2]);
  const checkpoint = { dir, everySteps: 1 };
  const { history } = await model.fit(x, [0, 1, 0, 1], {
    batchSize: 2,
    epochs,
    verbose: 0,
    checkpoint,
    resume,
  });
  model.dispose();
  return history.loss.length;
}

test('checkpoints with other bytes and values', { timeout: LIMIT_MS }, async () => {
  const input = fc.record({
    damages: fc.array(fc.record({ file: fc.nat(99), bytes: byteEdits, values: fc.option(jsonEdits) }), {
      minLength: 1,
      maxLength: 3,
    }),
  });
  const warn = console.warn;
  console.warn = () => {};
  const outcomes = await fuzz('checkpoints', input, async ({ damages }, outcomes) => {
    const dir = path.join(work, 'damaged');
    rmSync(dir, { recursive: true, force: true });
    cpSync(path.join(work, 'seed'), dir, { recursive: true });
    const names = readdirSync(dir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name));
    for (const { file, bytes, values } of damages) {
      const name = names[file % names.length];
      const content = readFileSync(path.join(work, 'seed', path.relative(dir, name)));
      if (values !== null && name.endsWith('.json')) {
        writeFileSync(name, JSON.stringify(editJson(JSON.parse(content.toString()), values)));
        break;
      }
      writeFileSync(name, editBytes(content, bytes));
    }
    const outside = await files.outside(dir, () =>
      outcomes.of(async () => {
        expect(await train(dir, 3, true)).toBe(3);
      }),
    );
    expect(outside).toEqual([]);
  });
  console.warn = warn;
  expect(outcomes.count('loaded')).toBeGreaterThan(0);
});

/** Writes the files of a checkpoint with edited content and the checksums of that. */
function forge(seed: string, folder: string, values: readonly JsonEdit[], bytes: readonly ByteEdit[]): void {
  const arrays = editBytes(readFileSync(path.join(seed, 'arrays.bin')), [...bytes]);
  const { content } = JSON.parse(readFileSync(path.join(seed, 'manifest.json'), 'utf8'));
  const edited = editJson(content, [...values]) as { arrays?: { sha256?: string } };
  if (edited?.arrays?.sha256 === content.arrays.sha256)
    edited.arrays = { ...edited.arrays, sha256: sha256(arrays) };
  const rest = `"content":${JSON.stringify(edited)}}\n`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'arrays.bin'), arrays);
  writeFileSync(path.join(folder, 'manifest.json'), `{"sha256":"${sha256(rest)}",\n${rest}`);
}

function sha256(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex');
}

test('checkpoints with other values and their right checksums', { timeout: LIMIT_MS }, async () => {
  const input = fc.record({ values: jsonEdits, bytes: fc.option(byteEdits, { nil: [] }) });
  const warn = console.warn;
  console.warn = () => {};
  const outcomes = await fuzz('checkpoints-forged', input, async ({ values, bytes }, outcomes) => {
    const dir = path.join(work, 'forged');
    rmSync(dir, { recursive: true, force: true });
    const [newest] = readdirSync(path.join(work, 'seed')).sort().reverse();
    // The only one there, so that none before it is taken instead.
    forge(path.join(work, 'seed', newest), path.join(dir, newest), values, bytes);
    const outside = await files.outside(dir, () => outcomes.of(() => train(dir, 3, true)));
    expect(outside).toEqual([]);
  });
  console.warn = warn;
  expect(outcomes.count('loaded')).toBeGreaterThan(0);
});
