/*
 * Writes test/onnx/write/fixtures/answers.json: what onnxruntime computes from the ONNX files of test/onnx/write/layer-cases.ts.
 * It fails if a file isn't valid, or if onnxruntime's numbers aren't ours.
 *
 * Run with a Python that has onnx and onnxruntime: npx tsx scripts/golden/onnx-written/main.ts .venv/bin/python
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { io, type Tensor } from '../../../lib/index.js';
import { type LayerCase, layerCases } from '../../../test/onnx/write/layer-cases.js';
import { fileHash } from '../../../test/onnx/write/file-hash.js';

interface Answer {
  error?: string;
  outputs: { name: string; shape: number[]; values: number[] }[];
}

const FIXTURE = join(__dirname, '../../../test/onnx/write/fixtures/answers.json');
/** Of the range of an output. */
const TOLERANCE = 1e-5;

/** The largest difference, relative to the range of our values. */
function difference(ours: Tensor, theirs: readonly number[]): number {
  const values = [...ours.dataSync()].map(Number);
  const range = Math.max(...values) - Math.min(...values) || 1;
  return Math.max(...values.map((value, i) => Math.abs(value - theirs[i]) / range));
}

/** Writes the file and the inputs of each case to the folder. Returns the hashes of the files. */
async function writeCases(folder: string, cases: readonly LayerCase[]): Promise<string[]> {
  const hashes: string[] = [];
  for (const [i, { model, inputs }] of cases.entries()) {
    const bytes = await io.onnx(model);
    hashes.push(fileHash(bytes));
    writeFileSync(join(folder, `${i}.onnx`), bytes);
    const given = inputs.map((x) => ({ dtype: x.dtype, shape: x.shape, values: [...x.dataSync()] }));
    writeFileSync(join(folder, `${i}.json`), JSON.stringify(given));
  }
  return hashes;
}

/** What is wrong with the answers for a case, if anything. */
async function faultOf(
  { model, inputs }: LayerCase,
  { error, outputs }: Answer,
): Promise<string | undefined> {
  if (error !== undefined) return error;
  const ours = [model.predict(inputs.length === 1 ? inputs[0] : inputs)].flat();
  const differences = (await Promise.all(ours)).map((each, k) => difference(each, outputs[k].values));
  return differences.every((each) => each <= TOLERANCE) ? undefined : `off by ${differences.join(', ')}`;
}

/** A case in the fixture: the first values of each output are enough to compare. */
function keep(hash: string, { outputs }: Answer): object {
  const round = (value: number) => Number(value.toPrecision(8));
  const kept = outputs.map(({ name, shape, values }) => ({
    name,
    shape,
    values: values.slice(0, 24).map(round),
  }));
  return { hash, outputs: kept };
}

async function main(python: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'onnx-'));
  const cases = layerCases();
  const hashes = await writeCases(folder, cases);
  execFileSync(python, [join(__dirname, 'run.py'), folder, String(cases.length)], { stdio: 'inherit' });
  const answers = JSON.parse(readFileSync(join(folder, 'answers.json'), 'utf8')) as Answer[];
  rmSync(folder, { recursive: true });
  let failures = 0;
  for (const [i, each] of cases.entries()) {
    const fault = await faultOf(each, answers[i]);
    console.log(`${fault === undefined ? 'ok   ' : 'WRONG'} ${each.name} ${fault ?? ''}`);
    if (fault !== undefined) failures++;
  }
  if (failures > 0) throw new Error(`${failures} of ${cases.length} cases fail.`);
  const kept = Object.fromEntries(cases.map(({ name }, i) => [name, keep(hashes[i], answers[i])]));
  writeFileSync(FIXTURE, `${JSON.stringify(kept, undefined, 1)}\n`);
}

main(process.argv[2] ?? 'python3').catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
