import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.js';

/*
 * Programs written for TF.js run with their import changed, and nothing else: in a package of their own that
 * has the built convforge among its modules (npm run build), by require and by import.
 */

const IMPORT = "const tf = require('@tensorflow/tfjs-node');\n";

/** The package that replaces TF.js. */
const FORMS = {
  require: { file: 'main.cjs', line: "const tf = require('convforge');\n" },
  'import * as tf': { file: 'main.mjs', line: "import * as tf from 'convforge';\n" },
  'import tf': { file: 'main.mjs', line: "import tf from 'convforge';\n" },
} as const;
type Form = keyof typeof FORMS;

const path = temporaryFolder();

/** Runs a program of ./programs. Returns its lines, and the object on the line that starts with RESULT. */
async function run(program: string, form: Form, ...args: string[]) {
  const source = readFileSync(resolve(`test/parity/programs/${program}.js`), 'utf8');
  expect(source.split(IMPORT)).toHaveLength(2);
  mkdirSync(path('node_modules'));
  symlinkSync(resolve('.'), path('node_modules/convforge'), 'junction');
  const { file, line } = FORMS[form];
  writeFileSync(path(file), source.replace(IMPORT, line));
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [path(file), ...args], {
    cwd: path(''),
  });
  expect(stderr).toBe('');
  const lines = stdout.trimEnd().split('\n');
  const result = lines.find((each) => each.startsWith('RESULT '));
  return { lines, output: stdout, result: JSON.parse(result?.slice(7) ?? 'null') };
}

describe.each(Object.keys(FORMS) as Form[])('with %s', (form) => {
  it('digits: trains, evaluates, saves, and loads', async () => {
    const { lines, output, result } = await run('digits', form, '3', '32', './digit-model');
    expect(output).toMatch(/conv2d_1 \(Conv2D\) +\[null, 24, 24, 8\] +208\n/);
    expect(output).toContain('Total params: 5,994\n');
    expect(lines.filter((line) => line.startsWith('Epoch '))).toEqual(
      expect.arrayContaining(['Epoch 1 / 3', 'Epoch 2 / 3', 'Epoch 3 / 3']),
    );
    expect(lines.filter((line) => line.startsWith('batches: 22 of 22; '))).toHaveLength(3);
    const accuracies = lines.filter((line) => /^accuracy: [\d.]+ \(train\), [\d.]+ \(val\)$/.test(line));
    expect(accuracies).toHaveLength(3);
    const shown = `loss = ${result.loss.toFixed(3)}; accuracy = ${result.accuracy.toFixed(3)}`;
    expect(lines).toContain(`Evaluation result: ${shown}`);
    expect(result.accuracy).toBeGreaterThan(0.9);
    expect(lines).toContain('Saved to ./digit-model; loaded again it predicts the same');
    const saved = JSON.parse(readFileSync(path('digit-model/model.json'), 'utf8'));
    expect(saved.format).toBe('layers-model');
  });

  it('dropout: RMSProp by name, summary with a print function, predict and trainOnBatch', async () => {
    const { lines, output, result } = await run('dropout', form);
    expect(lines).toContain('logs: loss acc val_loss val_acc; epochs: 0 1 2 3 4 5');
    expect(output).toMatch(/^\| dropout_1 \(Dropout\) +\[null, 128\] +0$/m);
    expect(lines).toContain('predicted 0 3 2 1 0 3 2 1; actual 0 3 2 1 0 3 2 1');
    expect(result.accuracy).toBeGreaterThan(0.95);
    expect(result.batchLoss).toBeGreaterThan(0);
    expect(output).toContain('dtype: float32');
  });

  it('regression: fits a line, with losses and metrics as functions', async () => {
    const { output, result } = await run('regression', form);
    expect(output).toMatch(/^last: loss 0\.00\d\d, mse 0\.00\d\d$/m);
    expect(result).toMatchObject({ fell: true, same: true });
    expect(result.worst).toBeLessThan(8);
  });

  it('transfer: truncates, freezes and trains a head on datasets', async () => {
    const { lines, result } = await run('transfer', form);
    expect(lines).toContain('trained');
    expect(result).toEqual({
      epochs: expect.any(Number),
      accuracy: 1,
      kept: true,
      classes: ['Functional', 'Conv2D'],
    });
    expect(result.epochs).toBeLessThan(30);
  });
});
