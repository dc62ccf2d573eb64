import { measureCopy, measurePeak } from '../../lib/program/native-engine.js';
import { summarize } from './support/statistics.js';

/** What the machine can do at most on so many threads, measured now. */
export interface Limits {
  /** GFLOP/s of fused multiply-adds on registers, one value a run of 20 ms. */
  peak: number[];
  /** GB/s of memcpy out of cache, bytes read and written both counted. */
  copy: number[];
}

export async function measureLimits(threads: number): Promise<Limits> {
  return { peak: await measurePeak(threads, 9), copy: await measureCopy(threads, 9) };
}

/** Of a rate, in what the machine can do of its kind. */
export function shareOf(rate: number, unit: 'GFLOP/s' | 'GB/s', { peak, copy }: Limits): number {
  return rate / summarize(unit === 'GFLOP/s' ? peak : copy).median;
}
