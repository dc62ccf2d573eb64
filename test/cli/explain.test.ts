import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Explanation, layers, sequential } from '../../lib/index.js';
import { compiledClassifier } from '../support/tiny.js';
import { runCli } from './run-cli.js';

const TFJS = 'test/io/fixtures/tfjs/model.json';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'convforge-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function explained(...args: string[]): Promise<Explanation> {
  const { code, out, err } = await runCli(['explain', ...args, '--json']);
  expect([code, err]).toEqual([0, '']);
  return JSON.parse(out);
}

describe('explain', () => {
  it('prints a table of a TF.js model without needing its weights', async () => {
    const path = join(folder, 'model.json');
    await cp(TFJS, path);
    const { code, out, err } = await runCli(['explain', path], {
      CONVFORGE_ISA: 'scalar',
      CONVFORGE_THREADS: '1',
    });
    expect([code, err]).toEqual([0, '']);
    const lines = out.split('\n');
    expect(lines[0]).toBe('small: train, 32 samples a step, native engine (scalar, 1 thread)');
    expect(lines[2]).toMatch(/^node +pass +algorithm +fused with it +workspace +MFLOP\/sample$/);
    expect(lines.filter((line) => line.startsWith('conv2d_Conv2D1 '))).toHaveLength(2);
    expect(out).toMatch(/\noptimizer +update +adam /);
    expect(out).toMatch(/ MFLOP a sample, counted densely\n/);
  });

  it('takes a saved model, a mode and a batch size', async () => {
    const model = sequential({ layers: [layers.dense({ units: 3, inputShape: [4] })] });
    await model.save(`file://${folder}`);
    const explanation = await explained(join(folder, 'model.json'), '--batch-size', '5');
    expect(explanation).toMatchObject({ model: model.name, mode: 'predict', batchSize: 5, flops: 24 });
    const evaluated = compiledClassifier();
    await evaluated.save(`file://${folder}`, { includeOptimizer: true });
    expect(await explained(folder)).toMatchObject({ mode: 'train' });
    expect(await explained(folder, '--mode', 'evaluate')).toMatchObject({ mode: 'evaluate' });
  });

  it('prints the program of a model, and takes it', async () => {
    const { code, out, err } = await runCli(['explain', TFJS, '--program']);
    expect([code, err]).toEqual([0, '']);
    const path = join(folder, 'small.json');
    await writeFile(path, out);
    const [ofModel, ofProgram] = [await explained(TFJS), await explained(path)];
    expect(ofProgram).toEqual({ ...ofModel, model: 'small.json' });
    const profiled = await runCli(['explain', path, '--profile']);
    expect([profiled.code, profiled.err]).toEqual([2, expect.stringContaining('--profile')]);
    await writeFile(path, JSON.stringify({ ...JSON.parse(out), version: 2 }));
    const refused = await runCli(['explain', path]);
    expect([refused.code, refused.err]).toEqual([1, expect.stringMatching(/version 2.*\(UNSUPPORTED\)\n$/)]);
  });

  it('profiles steps on the given number of threads', async () => {
    const explanation = await explained(TFJS, '--profile', '--threads', '1', '--batch-size', '2');
    expect(explanation.threads).toBe(1);
    expect(explanation.profile?.steps).toBeGreaterThanOrEqual(3);
    const passes = explanation.nodes.flatMap((node) => node.passes);
    for (const pass of passes) expect(pass.seconds, `${pass.node} ${pass.kind}`).toBeGreaterThan(0);
  });

  it('reports a missing argument', async () => {
    await cp(TFJS, join(folder, 'model.json'));
    const missing = await runCli(['explain', join(folder, 'model.json'), '--profile']);
    expect([missing.code, missing.err]).toEqual([
      1,
      expect.stringMatching(/weights-1of2.bin.*\(IO_ERROR\)\n$/),
    ]);
    const untrained = sequential({ layers: [layers.dense({ units: 3, inputShape: [4] })] });
    await untrained.save(`file://${folder}`);
    const { code, err } = await runCli(['explain', folder, '--mode', 'train']);
    expect([code, err]).toEqual([1, expect.stringMatching(/compile.*\(NOT_COMPILED\)\n$/)]);
  });
});
