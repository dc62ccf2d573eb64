/*
 * Writes test/onnx/write/fixtures/answers.json: what onnxruntime computes from the ONNX files of test/onnx/write/written-case.ts.
 * It fails if a file isn't valid, or if onnxruntime's numbers aren't ours.
 *
 * Run with a Python that has onnx and onnxruntime: npx tsx scripts/golden/onnx-written/main.ts .venv/bin/python
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tensor } from '../../../lib/index.js';
import { type WrittenCase, writtenCases } from '../../../test/onnx/write/written-case.js';
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
async function writeCases(folder: string, cases: readonly WrittenCase[]): Promise<string[]> {
  const hashes: string[] = [];
  for (const [i, { write, inputs }] of cases.entries()) {
    const bytes = await write();
    hashes.push(fileHash(bytes));
    writeFileSync(join(folder, `${i}.onnx`), bytes);
    const given = inputs.map((x) => ({ dtype: x.dtype, shape: x.shape, values: [...x.dataSync()] }));
    writeFileSync(join(folder, `${i}.json`), JSON.stringify(given));
  }
  return hashes;
}

/** What is wrong with the answers for a case, if anything. */
async function faultOf(each: WrittenCase, { error, outputs }: Answer): Promise<string | undefined> {
  if (error !== undefined) return error;
  const differences = (await each.predict()).map((ours, k) => difference(ours, outputs[k].values));
  return differences.every((most) => most <= TOLERANCE) ? undefined : `off by ${differences.join(', ')}`;
}

/** A case in the fixture: the first values of each output are enough to compare. */
function keep(hash: string, { outputs }: Answer): object {
  const round = (value: number) => Number(value.toPrecision(7));
  const kept = outputs.map(({ name, shape, values }) => ({
    name,
    shape,
    values: values.slice(0, 5).map(round),
  }));
  return { hash, outputs: kept };
}

async function main(python: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'onnx-'));
  const cases = writtenCases();
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
