/**
 * Runs the cases of onnx's own suite that `python3 scripts/golden/onnx/export_conformance.py OUT` writes, and prints a
 * table by operator and each case that fails.
 *
 *     npx tsx scripts/onnx-conformance.ts OUT [NAME...]
 *
 * Cases of the class 'batch' must pass; those of the class 'fixed', at the batch size of the file, are told beside
 * them. onnxruntime differs from the suite in the cases of DIFFERING, too. Those of EMPTY have samples, or leave slices,
 * without elements, which no model here has.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadModel, type Tensor, tensor } from '../lib/index.js';

const DIFFERING = new Set([
  'test_resize_downsample_scales_cubic_align_corners',
  'test_resize_downsample_scales_linear_align_corners',
]);

const EMPTY = new Set([
  'test_reduce_l1_empty_set_expanded',
  'test_reduce_log_sum_empty_set_expanded',
  'test_reduce_max_empty_set',
  'test_reduce_sum_empty_set',
  'test_reduce_sum_empty_set_non_reduced_axis_zero',
  'test_reduce_sum_square_empty_set_expanded',
  'test_slice_start_out_of_bounds',
]);

interface Port {
  name: string;
  shape: number[];
  file: string;
}

interface Case {
  name: string;
  class: 'batch' | 'fixed';
  ops: string[];
  rtol: number;
  atol: number;
  inputs: Port[];
  outputs: Port[];
}

const [out, ...names] = process.argv.slice(2);

function readJson<T>(...path: string[]): T {
  return JSON.parse(readFileSync(join(out, ...path), 'utf8')) as T;
}

function readValues(name: string, { file }: Port): Float32Array {
  return new Float32Array(Uint8Array.from(readFileSync(join(out, name, file))).buffer);
}

/** What is wrong; undefined if the case passes. */
async function failure({ name, inputs, outputs, rtol, atol }: Case): Promise<string | undefined> {
  try {
    const model = await loadModel(join(out, name, 'model.onnx'));
    const data = inputs.map((port) => tensor(readValues(name, port), port.shape));
    const given = [model.predict(data.length === 1 ? data[0] : data)].flat() as Tensor[];
    for (const [i, port] of outputs.entries()) {
      if (given[i].shape.join() !== port.shape.join())
        return `shape [${given[i].shape}] instead of [${port.shape}]`;
      const [found, wanted] = [given[i].dataSync(), readValues(name, port)];
      const odd = wanted.findIndex((value, at) => !isClose(Number(found[at]), value, rtol, atol));
      if (odd >= 0) return `element ${odd} is ${found[odd]} instead of ${wanted[odd]}`;
    }
    return undefined;
  } catch (error) {
    return (error as Error).message.replace(/^.*?model\.onnx: /, '').slice(0, 300);
  }
}

function isClose(found: number, wanted: number, rtol: number, atol: number): boolean {
  return (
    Object.is(found, wanted) || found === wanted || Math.abs(found - wanted) <= atol + rtol * Math.abs(wanted)
  );
}

async function main(): Promise<void> {
  const counts = new Map<string, { passed: number; failed: number }>();
  const classes = { batch: { passed: 0, failed: 0 }, fixed: { passed: 0, failed: 0 } };
  for (const { name } of readJson<{ name: string }[]>('index.json')) {
    if (names.length > 0 && !names.includes(name)) continue;
    const each = readJson<Case>(name, 'case.json');
    const why = await failure(each);
    const result = why === undefined ? 'passed' : 'failed';
    classes[each.class][result]++;
    for (const op of each.ops) {
      const count = counts.get(op) ?? { passed: 0, failed: 0 };
      count[result]++;
      counts.set(op, count);
    }
    if (why === undefined) continue;
    const known = DIFFERING.has(name) ? ' (as in onnxruntime)' : EMPTY.has(name) ? ' (without elements)' : '';
    console.log(`${each.class} ${name}${known}: ${why}`);
    if (each.class === 'batch' && !known) process.exitCode = 1;
  }
  for (const [op, { passed, failed }] of [...counts].sort(([a], [b]) => a.localeCompare(b)))
    console.log(`${op.padEnd(24)} ${String(passed).padStart(4)} pass ${failed > 0 ? `${failed} fail` : ''}`);
  console.log(JSON.stringify(classes));
}

void main();
