import { performance } from 'node:perf_hooks';
import { ConvforgeError } from '../../lib/errors.js';
import { measureLimits, shareOf } from '../../lib/compare/machine-limits.js';
import { type Result, result, type Unit } from './result.js';
import type { Network } from './networks/network.js';
import { openSubject, type Subject } from './subjects.js';
import { callTimes } from './support/call-times.js';
import { quantile, summarize } from '../../lib/compare/statistics.js';

/** The numbers of repeats. */
export interface NetworkEffort {
  epochs: number;
  /** The size of an epoch, as a multiple of the network's. */
  size: number;
  passes: number;
  /** The most single images to classify in a pass. */
  calls: number;
}

/** Measures training and inference of one network. If the engine lacks its ops, the reason goes to `left`. */
export async function measureNetwork(
  network: Network,
  threads: number,
  effort: NetworkEffort,
  left: Record<string, string>,
): Promise<Result[]> {
  const part = network.key;
  process.stderr.write(`${part}, threads: ${threads}\n`);
  try {
    const subject = await openSubject(network, effort.size);
    try {
      const training = await measureTraining(part, threads, effort, subject);
      return [...training, ...(await measureInference(part, threads, effort, subject))];
    } finally {
      subject.dispose();
    }
  } catch (error) {
    if (!(error instanceof ConvforgeError)) throw error;
    left[part] = error.message;
    return [];
  }
}

/** The clocks at the end of an epoch. */
interface Reading {
  /** Wall-clock time in milliseconds. */
  time: number;
  /** The time of the compute thread in steps. */
  inSteps: number;
  /** The time that the JavaScript thread was busy. */
  active: number;
}

/**
 * Images a second by the wall clock, from the end of one epoch to the end of the next, including shuffling,
 * progress and callbacks. "Time outside of steps" is the share of that time in which no step ran: the compute
 * thread does only steps for a fit. The time that the JavaScript thread was busy, on a processor beside the
 * workers, is reported separately.
 */
async function measureTraining(
  part: string,
  threads: number,
  { epochs }: NetworkEffort,
  subject: Subject,
): Promise<Result[]> {
  const program = subject.program();
  program.profile(true);
  const readings: Reading[] = [];
  const read = () => {
    const inSteps = 1000 * (program.explain('train').wait().profile?.seconds ?? 0);
    const { active } = performance.eventLoopUtilization();
    readings.push({ time: performance.now(), inSteps, active });
  };
  const before = await measureLimits(threads);
  // The first epoch warms up.
  await subject.train(epochs + 1, read);
  const after = await measureLimits(threads);
  const spans = readings.slice(2).map((reading, i) => difference(reading, readings[i + 1]));
  const rates = spans.map(({ time }) => (1000 * subject.count) / time);
  const { passes, memory } = program.explain('train').wait();
  program.profile(false);
  const flops = passes.reduce((sum, pass) => sum + pass.flops, 0);
  const limits = { peak: [...before.peak, ...after.peak], copy: [] };
  const share = shareOf(summarize(rates).median * flops * 1e-9, 'GFLOP/s', limits);
  const { arena = 0, scratch = 0, weights = 0, gradients = 0, optimizer = 0 } = memory ?? {};
  const bytes = arena + scratch * threads + weights + gradients + optimizer;
  const figures = (name: string, unit: Unit, values: number[]) =>
    result({ part, name: `training b${subject.batch}: ${name}`, threads, unit }, values);
  return [
    { ...figures('speed', 'images/s', rates), share },
    figures(
      'outside of steps',
      '%',
      spans.map(({ time, inSteps }) => 100 * (1 - inSteps / time)),
    ),
    figures(
      'JavaScript thread busy',
      '%',
      spans.map(({ time, active }) => (100 * active) / time),
    ),
    figures('memory besides images', 'MB', [bytes * 1e-6]),
  ];
}

function difference(a: Reading, b: Reading): Reading {
  return { time: a.time - b.time, inSteps: a.inSteps - b.inSteps, active: a.active - b.active };
}

async function measureInference(
  part: string,
  threads: number,
  { passes, calls }: NetworkEffort,
  subject: Subject,
): Promise<Result[]> {
  const limits = await measureLimits(threads);
  const rates: number[] = [];
  await subject.predictAll();
  for (let i = 0; i < passes; i++) {
    const started = performance.now();
    await subject.predictAll();
    rates.push((1000 * subject.count) / (performance.now() - started));
  }
  const program = subject.program();
  const flops = program
    .explain('predict', subject.batch)
    .wait()
    .passes.reduce((sum, pass) => sum + pass.flops, 0);
  const share = shareOf(summarize(rates).median * flops * 1e-9, 'GFLOP/s', limits);
  const figures = (name: string, unit: Unit, values: number[]) =>
    result({ part, name: `inference ${name}`, threads, unit }, values);
  const latency = async (name: string, call: (image: number) => unknown) => {
    const { medians, high } = await latencies(call, passes, calls);
    return [figures(`b1, p50: ${name}`, 'us', medians), figures(`b1, p90: ${name}`, 'us', high)];
  };
  return [
    { ...figures(`b${subject.batch}`, 'images/s', rates), share },
    ...(await latency('awaited', (image) => subject.predictOne(image))),
    ...(await latency('blocking', (image) => subject.predictNow(image))),
  ];
}

/** The median and the 90th percentile of the microseconds of calls, of each pass. */
async function latencies(call: (image: number) => unknown, passes: number, calls: number) {
  const medians: number[] = [];
  const high: number[] = [];
  for (let pass = 0; pass < passes; pass++) {
    const times = await callTimes(call, { calls, seconds: 1 });
    medians.push(quantile(times, 0.5));
    high.push(quantile(times, 0.9));
  }
  return { medians, high };
}
