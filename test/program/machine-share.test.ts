import os from 'node:os';
import { expect, test } from 'vitest';
import { cpuQuota, memoryBudget, threadCount } from '../../lib/program/machine-share.js';

/** Reads these files and no others. */
const files = (texts: Record<string, string>) => (file: string) => texts[file];

test.each([
  ['no control groups', {}, undefined],
  ['no limit', { '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': 'max 100000\n' }, undefined],
  [
    'a container, whose group is the root that it sees',
    { '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': '150000 100000\n' },
    1.5,
  ],
  [
    'a service, whose slice has the smaller quota',
    {
      '/proc/self/cgroup': '0::/system.slice/app.service\n',
      '/sys/fs/cgroup/system.slice/cpu.max': '100000 100000\n',
      '/sys/fs/cgroup/system.slice/app.service/cpu.max': '400000 100000\n',
    },
    1,
  ],
  [
    'version 1, beside other controllers',
    {
      '/proc/self/cgroup': '5:memory:/docker/1f\n4:cpu,cpuacct:/docker/1f\n1:name=systemd:/\n',
      '/sys/fs/cgroup/cpu/docker/1f/cpu.cfs_quota_us': '250000\n',
      '/sys/fs/cgroup/cpu/docker/1f/cpu.cfs_period_us': '100000\n',
    },
    2.5,
  ],
  [
    'version 1 without a quota',
    {
      '/proc/self/cgroup': '4:cpu,cpuacct:/\n',
      '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
      '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
    },
    undefined,
  ],
  [
    'a group beyond the root that a container sees',
    { '/proc/self/cgroup': '0::/../../other\n', '/sys/fs/cgroup/cpu.max': '200000 100000\n' },
    2,
  ],
  ['nonsense', { '/proc/self/cgroup': 'x\n0::/\n', '/sys/fs/cgroup/cpu.max': 'many\n' }, undefined],
])('the quota of processors: %s', (_, texts, quota) => {
  expect(cpuQuota(files(texts as Record<string, string>))).toBe(quota);
});

test('the number of threads is a setting, or at most the number of processors', () => {
  expect(threadCount({ CONVFORGE_THREADS: '3', OMP_NUM_THREADS: '5' })).toBe(3);
  expect(threadCount({ OMP_NUM_THREADS: '5,2' })).toBe(5);
  expect(threadCount({})).toBeGreaterThanOrEqual(1);
  expect(threadCount({})).toBeLessThanOrEqual(os.availableParallelism());
  expect(() => threadCount({ CONVFORGE_THREADS: '0' })).toThrow('CONVFORGE_THREADS=0');
});

test('ranks on one machine divide its processors', () => {
  const all = threadCount({});
  const isBound = os.availableParallelism() < os.cpus().length;
  for (const name of ['OMPI_COMM_WORLD_LOCAL_SIZE', 'MPI_LOCALNRANKS']) {
    expect(threadCount({ [name]: '2' })).toBe(isBound ? all : Math.max(1, Math.floor(all / 2)));
    expect(threadCount({ [name]: '1000' })).toBe(isBound ? all : 1);
    expect(threadCount({ [name]: '2', CONVFORGE_THREADS: '3' })).toBe(3);
  }
});

test.each([
  ['1000000', 1_000_000],
  ['512M', 512 * 2 ** 20],
  ['1.5G', 1.5 * 2 ** 30],
  ['2 GiB', 2 ** 31],
  ['64kb', 65_536],
  ['1T', 2 ** 40],
])('CONVFORGE_MEMORY=%s', (text, bytes) => {
  expect(memoryBudget({ CONVFORGE_MEMORY: text })).toBe(bytes);
});

test.each(['0', '-1', 'much', '1X', '1e9', '99999999T'])('CONVFORGE_MEMORY=%s is refused', (text) => {
  expect(() => memoryBudget({ CONVFORGE_MEMORY: text })).toThrow(`CONVFORGE_MEMORY=${text}`);
});

test('the memory budget is at most 90 % of the memory', () => {
  expect(memoryBudget({})).toBeGreaterThan(2 ** 26);
  expect(memoryBudget({})).toBeLessThanOrEqual(0.9 * os.totalmem());
});
