import { type ChildProcess, spawn } from 'node:child_process';
import os from 'node:os';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { setThreads } from '../../lib/program/native-engine.js';
import { NETWORKS } from './networks/index.js';
import type { Network } from './networks/network.js';
import { type Result, result } from './result.js';
import { openSubject, type Subject } from './subjects.js';

export const NEIGHBOUR = 'neighbour';

/** Keeps one core busy, and ends with the process that started it. */
const BUSY = 'const parent = process.ppid; while (process.ppid === parent) for (let i = 0; i < 1e7; i++);';

/** The networks that are trained, and the sizes of their epochs: some two seconds each. */
const SIZES: Record<string, number> = { lenet: 4, 'resnet-20': 0.5 };

interface Situation {
  threads: number;
  beside: boolean;
}

/**
 * Measures training on one thread and on all, alone and beside a process that keeps one core busy. The situations take
 * turns, and each turn gives a ratio of all threads to one.
 */
export async function measureNeighbour(turns: number): Promise<Result[]> {
  const results: Result[] = [];
  for (const network of NETWORKS.filter(({ key }) => key in SIZES)) {
    process.stderr.write(`${NEIGHBOUR}, ${network.key}\n`);
    const subject = await openSubject(network, SIZES[network.key]);
    try {
      results.push(...(await measureTraining(network, subject, turns)));
    } finally {
      subject.dispose();
    }
  }
  return results;
}

async function measureTraining({ key }: Network, subject: Subject, turns: number): Promise<Result[]> {
  const all = os.availableParallelism();
  const situations = [false, true].flatMap((beside) => [1, all].map((threads) => ({ threads, beside })));
  const rates = situations.map((): number[] => []);
  await trainingRate(subject);
  for (let turn = 0; turn < turns; turn++)
    for (const [i, situation] of situations.entries()) rates[i].push(await rateIn(situation, subject));
  const part = NEIGHBOUR;
  return [false, true].flatMap((beside, i) => {
    const name = `${key}, ${beside ? 'beside a busy process' : 'alone'}`;
    const [one, more] = rates.slice(2 * i);
    const ratios = more.map((rate, turn) => rate / one[turn]);
    return [
      result({ part, name, threads: 1, unit: 'images/s' }, one),
      result({ part, name, threads: all, unit: 'images/s' }, more),
      result({ part, name: `${name}: ratio to one thread`, threads: all, unit: 'times' }, ratios),
    ];
  });
}

async function rateIn({ threads, beside }: Situation, subject: Subject): Promise<number> {
  setThreads(threads);
  if (!beside) return trainingRate(subject);
  const neighbour = await startNeighbour();
  try {
    return await trainingRate(subject);
  } finally {
    neighbour.kill();
  }
}

async function startNeighbour(): Promise<ChildProcess> {
  const neighbour = spawn(process.execPath, ['-e', BUSY], { stdio: 'ignore' });
  await new Promise((resolve, reject) => neighbour.once('spawn', resolve).once('error', reject));
  await sleep(200); // until Node has started in it
  return neighbour;
}

/** Images a second in an epoch. */
async function trainingRate(subject: Subject): Promise<number> {
  const times: number[] = [];
  await subject.train(1, () => times.push(performance.now()));
  return (1000 * subject.count) / (times[1] - times[0]);
}
