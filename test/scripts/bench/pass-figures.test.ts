import { describe, expect, it } from 'vitest';
import { nativeEngine } from '../../../lib/program/native-engine.js';
import { shareOf } from '../../../lib/compare/machine-limits.js';
import { measureKernel, openKernel } from '../../../scripts/bench/pass-figures.js';
import { kernelProgram, MEASURED } from '../../../scripts/bench/programs.js';
import { type ConvShape, KERNEL_SHAPES } from '../../../scripts/bench/support/kernel-shapes.js';

const SMALL: ConvShape = {
  op: 'conv',
  name: 'small',
  batch: 3,
  height: 9,
  width: 7,
  inputs: 2,
  outputs: 5,
  size: 3,
  stride: 2,
  pad: 1,
  dilation: 1,
  groups: 1,
};

describe('the figures of a kernel', () => {
  it('are those of each of its passes', async () => {
    const figures = await measureKernel(SMALL, { repeats: 4, seconds: 0.001 });
    expect(figures.map(({ kind }) => kind).sort()).toEqual(['forward', 'input gradient', 'kernel gradient']);
    for (const { unit, values, algorithm } of figures) {
      expect([unit, values.length]).toEqual(['GFLOP/s', 4]);
      expect(algorithm).not.toBe('');
      for (const value of values) expect(value).toBeGreaterThan(0);
    }
  });

  it('are measured again by the same program', async () => {
    const kernel = openKernel(SMALL);
    const measure = async () => {
      const figures = await kernel.measure({ repeats: 1, seconds: 0.001 });
      return figures.map(({ kind, algorithm, values }) => [kind, algorithm, values.length]);
    };
    const first = await measure();
    expect(first).toHaveLength(3);
    expect(await measure()).toEqual(first);
    kernel.dispose();
  });

  it('are bytes for passes without multiplications', async () => {
    const pool = { op: 'pool', name: '', kind: 'max', batch: 2, height: 5, width: 5, channels: 3 } as const;
    const figures = await measureKernel({ ...pool, size: 3, stride: 2 }, { repeats: 1, seconds: 0.001 });
    expect(figures.map(({ kind, unit }) => [kind, unit])).toEqual([
      ['forward', 'GB/s'],
      ['backward', 'GB/s'],
    ]);
  });

  it('count operations densely', () => {
    const { passes } = nativeEngine().createProgram(kernelProgram(SMALL)).explain('train', 3).wait();
    const flops = passes.filter(({ node }) => node === MEASURED).map((pass) => pass.flops);
    const dense = 2 * 5 * 4 * (3 * 3 * 2) * 5;
    expect(flops).toEqual([dense, dense, dense]);
  });

  it.each(
    KERNEL_SHAPES.filter((shape) => shape.op !== 'conv' || shape.groups === 1).map(
      (shape) => [shape.name, shape] as const,
    ),
  )('are measured for %s', (_, shape) => {
    const { passes } = nativeEngine().createProgram(kernelProgram(shape)).explain('train', 1).wait();
    expect(passes.filter(({ node }) => node === MEASURED).length).toBeGreaterThanOrEqual(2);
  });
});

it('a share is relative to the measured peak of its kind', () => {
  const limits = { peak: [90, 100, 80], copy: [10, 20, 16] };
  expect(shareOf(50, 'GFLOP/s', limits)).toBe(0.5);
  expect(shareOf(50, 'GB/s', limits)).toBe(2.5);
});
