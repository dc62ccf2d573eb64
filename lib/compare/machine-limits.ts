import { measureCopy, measurePeak } from '../program/native-engine.js';

/** The machine's limits on a number of threads, measured now. */
export interface Limits {
  /** GFLOP/s of fused multiply-adds on registers, one value for each run of 20 ms. */
  peak: number[];
  /** GB/s of memcpy out of cache, counting bytes read and written. */
  copy: number[];
}

export async function measureLimits(threads: number): Promise<Limits> {
  return { peak: await measurePeak(threads, 9), copy: await measureCopy(threads, 9) };
}

/**
 * The share of a rate in the highest limit of its kind that was measured. A busy neighbour that slows down
 * one measurement of the limit must not raise the share.
 */
export function shareOf(rate: number, unit: 'GFLOP/s' | 'GB/s', { peak, copy }: Limits): number {
  return rate / Math.max(...(unit === 'GFLOP/s' ? peak : copy));
}
