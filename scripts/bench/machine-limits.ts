import { measureCopy, measurePeak } from '../../lib/program/native-engine.js';

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

/** Of a rate, in the most that the machine was seen to do of its kind: a neighbour that slows a measurement of it flatters nobody. */
export function shareOf(rate: number, unit: 'GFLOP/s' | 'GB/s', { peak, copy }: Limits): number {
  return rate / Math.max(...(unit === 'GFLOP/s' ? peak : copy));
}
