import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lossDifference, outputDifference } from '../../lib/compare/agreement.js';
import { type Contestant, findContestants, referenceContestant } from '../../lib/compare/contestants.js';
import type { Effort } from '../../lib/compare/effort.js';
import { channelsFirst, drawWeights, flopsOf, LENET, type NetworkSpec } from '../../lib/compare/network.js';
import { comparePage } from '../../lib/compare/page.js';
import { compareRows, type CompareReport, type Row } from '../../lib/compare/result.js';
import { runComparison } from '../../lib/compare/run.js';
import { headlines, reportText } from '../../lib/compare/text.js';
import { temporaryPath } from '../../lib/io/temporaries.js';

const TINY: NetworkSpec = {
  name: 'tiny',
  input: [6, 6, 2],
  layers: [
    { kind: 'conv', filters: 3, size: 3, activation: 'relu' },
    { kind: 'maxPool', size: 2 },
    { kind: 'flatten' },
    { kind: 'dense', units: 4, activation: 'softmax' },
  ],
};

const POOL: NetworkSpec = { name: 'pool', input: [6, 6, 2], layers: [{ kind: 'maxPool', size: 2 }] };

const EFFORT: Effort = {
  ...{ turn: 0.001, training: 0, inference: 0, kernel: 0, leastTurns: 2, mostTurns: 2, late: 1000 },
  ...{ images: 8, batch: 4, kernelImages: 4, kernelBatch: 2, answer: 50 },
};

/** A library that answers as the reference engine does, but for what the script changes of its answers. */
function impostor(name: string, change: string): Contestant {
  const worker = referenceContestant().command.args;
  const script = `
    const { spawn } = require('node:child_process');
    const child = spawn(process.execPath, ${JSON.stringify(worker)}, { stdio: ['pipe', 'pipe', 'inherit'] });
    process.stdin.pipe(child.stdin);
    let asked = '';
    process.stdin.on('data', (line) => { asked = JSON.parse(line).do; });
    require('node:readline').createInterface({ input: child.stdout }).on('line', (line) => {
      if (line === 'end') return console.log(line);
      let { answer } = JSON.parse(line);
      ${change}
      console.log(JSON.stringify({ answer }));
    });`;
  const command = { file: process.execPath, args: ['-e', script] };
  return { ...referenceContestant(), name, side: 'javascript', command };
}

const silent = { file: process.execPath, args: ['-e', 'process.stdin.resume()'] };

describe('a comparison', () => {
  const left = (name: string, reasons: readonly { name: string; reason: string }[]) =>
    reasons.find((each) => each.name === `${name}, 1 thread`)?.reason;
  let result: Awaited<ReturnType<typeof runComparison>>;
  let temporary: string[];
  let stray: string;

  beforeAll(async () => {
    const folders = async () =>
      (await readdir(os.tmpdir())).filter((name) => name.includes('convforge-compare'));
    // Of a run on this machine whose process is gone.
    const gone = execFileSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }).trim();
    const own = temporaryPath(path.join(os.tmpdir(), 'convforge-compare'));
    stray = own.replace(`-${process.pid}-`, `-${gone}-`);
    await mkdir(stray);
    const before = await folders();
    result = await runComparison({
      network: TINY,
      kernels: [POOL],
      seed: 1,
      effort: { ...EFFORT, answer: 20 },
      log: () => {},
      contestants: [
        referenceContestant(),
        impostor('right', ''),
        impostor('wrong output', "if (asked === 'outputs') answer[5] += 0.01;"),
        impostor('wrong training', "if (asked === 'losses') answer[1] *= 1.01;"),
        { ...referenceContestant(), name: 'silent', command: silent },
        { ...referenceContestant(), name: 'absent', command: { file: '/no/such/program', args: [] } },
      ],
    });
    temporary = (await folders()).filter((name) => !before.includes(name) || name === path.basename(stray));
  }, 120_000);

  test('times only libraries whose results are right', () => {
    expect(left('wrong output', result.left)).toMatch(/^disagrees: output 6 is /);
    expect(left('wrong training', result.left)).toMatch(/^disagrees: loss 2 is /);
    expect(result.agreed).toEqual(['convforge reference engine, 1 thread', 'right, 1 thread']);
    for (const { rows } of result.comparisons)
      expect(rows.map(({ peer }) => peer).sort()).toEqual(['convforge reference engine', 'right']);
  });

  test('leaves out what hangs or cannot be started', () => {
    expect(left('silent', result.left)).toBe('failed: no answer within 20 s');
    expect(left('absent', result.left)).toMatch(/^failed: .*ENOENT/);
  });

  test('has each task, and layers alone, in turns', () => {
    expect(result.comparisons.map(({ title, baseline }) => [title, baseline?.name])).toEqual([
      ['tiny, training', 'right'],
      ['tiny, inference', 'right'],
      ['pool, inference', 'right'],
    ]);
    for (const { rows } of result.comparisons)
      for (const { values, turns, speedup, peer } of rows) {
        expect(values.every((value) => value > 0)).toBe(true);
        expect(turns).toEqual([0, 1]);
        expect(speedup === null).toBe(peer === 'right');
      }
  });

  test('leaves no temporary folder, and removes that of a run which was killed', () => {
    expect(temporary).toEqual([]);
  });

  test('ends with ABORTED', async () => {
    const controller = new AbortController();
    const log = (line: string) => line.startsWith('measuring') && controller.abort();
    const settings = { network: TINY, kernels: [], seed: 1, effort: EFFORT, log, signal: controller.signal };
    await expect(runComparison({ ...settings, contestants: [referenceContestant()] })).rejects.toMatchObject({
      code: 'ABORTED',
    });
  });
});

describe('contestants', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'convforge-test-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('are each instruction set and number of threads, and what is installed', () => {
    const { contestants, missing } = findContestants({
      cwd: folder,
      isas: ['avx2', 'scalar'],
      threads: [1, 2],
    });
    const names = contestants.map(({ name, threads }) => `${name} ${threads}`);
    expect(names.slice(0, 5)).toEqual([
      'convforge avx2 1',
      'convforge avx2 2',
      'convforge scalar 1',
      'convforge scalar 2',
      'convforge reference engine 1',
    ]);
    // The project's own tests have parts of it.
    expect(names).toContain('TF.js cpu 1');
    expect(missing).toContainEqual({ name: 'ConvNetJS', command: 'npm install convnetjs' });
    expect(missing).toContainEqual({
      name: 'TF.js wasm',
      command: 'npm install @tensorflow/tfjs @tensorflow/tfjs-backend-wasm',
    });
  });
});

describe('the network', () => {
  test("is the tutorial's: 1,087,106 weights, 27.7 MFLOP an image", () => {
    expect(drawWeights(LENET, 1).reduce((sum, { length }) => sum + length, 0)).toBe(1_087_106);
    expect(flopsOf(LENET, 'training') / 1e6).toBeCloseTo(27.7, 1);
  });

  test('has weights with channels before rows', () => {
    const [kernel, , dense] = channelsFirst(TINY, drawWeights(TINY, 1));
    const [own, , ownDense] = drawWeights(TINY, 1);
    // [filter 2, channel 1, row 0, column 2] and [row 0, column 2, channel 1, filter 2]
    expect(kernel[((2 * 2 + 1) * 3 + 0) * 3 + 2]).toBe(own[((0 * 3 + 2) * 2 + 1) * 3 + 2]);
    // Unit 3 of the flattened [row 1, column 0, channel 2] of 2x2x3.
    expect(dense[3 * 12 + (2 * 2 + 1) * 2 + 0]).toBe(ownDense[((1 * 2 + 0) * 3 + 2) * 4 + 3]);
  });
});

describe('the check', () => {
  test('has a tolerance', () => {
    expect(outputDifference([0.5, 0.50009], [0.5, 0.5])).toBeUndefined();
    expect(outputDifference([0.5, 0.5002], [0.5, 0.5])).toBe(
      'output 2 is 0.50020, not 0.50000 (tolerance 0.000100)',
    );
    expect(outputDifference([Number.NaN], [0.5])).toMatch('output 1 is NaN');
    expect(outputDifference([], [0.5])).toBe('it gave 0 values of output, not 1');
    expect(lossDifference([2.3], [2.301])).toBeUndefined();
    expect(lossDifference([2.3], [2.31])).toMatch(/^loss 1 is 2.3000, not 2.3100/);
  });
});

function row(peer: string, side: Row['side'], values: number[]): Row {
  const [low, median, high] = [Math.min(...values), values[0], Math.max(...values)];
  return {
    ...{ peer, side, threads: 1, task: 'LeNet, training', unit: 'images/s', config: 'c', version: '1' },
    ...{ values, turns: values.map((_, i) => i), median, low, high, repeats: values.length },
    ...{ images: 4, batch: 4, peakShare: 0.5 },
  };
}

function reportOf(rows: readonly Row[]): CompareReport {
  const comparison = { title: 'LeNet, training', task: 'training' as const, network: LENET, flops: 1 };
  return {
    ...{ convforge: '1', date: 'today', command: 'convforge compare', seed: 1, isQuick: true, seconds: 9 },
    machine: {
      ...{ processor: 'P</script>', threads: 2, isas: ['avx2'], memory: 8, system: 'S', node: '20' },
      ...{ peak: { 1: 100 }, load: 0 },
    },
    checks: { outputs: 2, losses: 2, outputTolerance: 1e-4, lossTolerance: 1e-3, agreed: [] },
    comparisons: [{ ...comparison, ...compareRows(rows) }],
    missing: [{ name: 'ConvNetJS', command: 'npm install convnetjs' }],
    left: [{ name: 'Other, 1 thread', reason: 'disagrees: output 1 is 2, not 1' }],
  };
}

describe('the report', () => {
  const own = row('convforge avx2', 'convforge', [1000, 1000, 900]);
  const reference = row('convforge reference engine', 'reference', [50, 50, 50]);
  const report = reportOf([
    reference,
    row('TF.js cpu', 'javascript', [10, 8, 10]),
    row('ConvNetJS', 'javascript', [20, 25, 20]),
    own,
    row('PyTorch', 'native', [2000, 2000, 2000]),
  ]);

  test('has a headline beside the fastest JavaScript library, turn by turn', () => {
    expect(headlines(report)).toEqual([
      'convforge avx2 on 1 thread trains 45.0x (42.5 to 47.5) as fast as ConvNetJS, the fastest JavaScript library that is installed.',
    ]);
  });

  test('says so if there is only the reference engine, and what to install', () => {
    const [line] = headlines(reportOf([own, reference]));
    expect(line).toMatch(
      /20\.0x .* its own reference engine .*npm install @tensorflow\/tfjs @tensorflow\/tfjs-backend-wasm$/,
    );
  });

  test('has all rows, what was left out and what is missing', () => {
    const text = reportText(report);
    expect(text).toMatch(/^PyTorch +1 +2,000 .* 50\.0 % +100x/m);
    expect(text).toMatch(/^ConvNetJS +1 +20\.0 .* 1 +4 +4 +3$/m);
    expect(text).toContain('Other, 1 thread was left out: disagrees: output 1 is 2, not 1');
    expect(text).toContain('ConvNetJS is not installed: npm install convnetjs');
  });

  test('has a page with charts and its data', async () => {
    const page = await comparePage(report);
    expect(page.match(/<svg/g)).toHaveLength(1);
    expect(page.match(/class="line bar" d="M20,[\d.]+H/g)).toHaveLength(5);
    const [, json] = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(page) ?? [];
    expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(report)));
  });
});
