import os from 'node:os';

/** "AMD EPYC 7B13, 2 threads, avx2". */
export function describeMachine({ threads, isa }: { threads: number; isa: string }): string {
  const processor = os.cpus()[0]?.model.trim() || os.arch();
  return `${processor}, ${count(threads, 'thread')}, ${isa}`;
}

/** "1 thread", "2 threads", "60,000 images". */
export function count(number: number, unit: string): string {
  return `${number.toLocaleString('en-US')} ${unit}${number === 1 ? '' : 's'}`;
}
