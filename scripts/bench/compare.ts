import { isRate, type Result } from './result.js';

export interface Comparison {
  part: string;
  name: string;
  threads: number;
  unit: Result['unit'];
  before: number;
  now: number;
  /** How many times as fast (or as small) as before. */
  ratio: number;
  /** Better or worse by more than both spreads: the quartile ranges don't overlap. */
  change: 'worse' | 'better' | 'same';
}

/** The results that both runs have, in the order of the new run. */
export function compare(before: readonly Result[], now: readonly Result[]): Comparison[] {
  const old = new Map(before.map((each) => [key(each), each]));
  return now.flatMap((result) => {
    const previous = old.get(key(result));
    if (!previous) return [];
    const { part, name, threads, unit } = result;
    const [a, b] = [previous.median, result.median];
    const ratio = isRate(unit) ? b / a : a / b;
    return [{ part, name, threads, unit, before: a, now: b, ratio, change: changeOf(previous, result) }];
  });
}

function key({ part, name, threads, unit }: Result): string {
  return JSON.stringify([part, name, threads, unit]);
}

function changeOf(before: Result, now: Result): Comparison['change'] {
  if (now.low <= before.high && before.low <= now.high) return 'same';
  return now.median > before.median === isRate(now.unit) ? 'better' : 'worse';
}
