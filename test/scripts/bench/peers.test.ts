import { describe, expect, test } from 'vitest';
import {
  combine,
  fastest,
  type Measurement,
  measure,
  readMeasurements,
  speedup,
} from '../../../scripts/bench/peers/measurement.js';
import { compareTable, configurations } from '../../../scripts/bench/peers/report.js';

function training(config: string, values: number[]): Measurement {
  return { task: 'training', unit: 'images/s', config, version: '1.0', values };
}

function latency(config: string, values: number[]): Measurement {
  return { task: 'latency', unit: 'us', config, version: '1.0', values };
}

const rounds = [
  { peer: 'convforge', threads: 2, measurements: [training('fit', [300, 320]), latency('predict', [50])] },
  {
    peer: 'Other',
    threads: 2,
    measurements: [training('a', [100]), training('b', [90]), latency('a', [75])],
  },
  {
    peer: 'Other',
    threads: 2,
    measurements: [training('a', [80]), training('b', [110]), latency('a', [125])],
  },
];

describe('results', () => {
  test('combine the repeats of all rounds', () => {
    const other = combine(rounds).filter(({ peer }) => peer === 'Other');
    expect(other.map(({ config, values, median }) => ({ config, values, median }))).toEqual([
      { config: 'a', values: [100, 80], median: 90 },
      { config: 'b', values: [90, 110], median: 100 },
      { config: 'a', values: [75, 125], median: 100 },
    ]);
  });

  test('are separate per number of threads', () => {
    const one = { peer: 'Other', threads: 1, measurements: [training('a', [50])] };
    expect(combine([...rounds, one]).map(({ threads }) => threads)).toEqual([2, 2, 2, 2, 2, 1]);
  });

  test('keep the fastest configuration, by highest rate or lowest time', () => {
    const times = { peer: 'Third', threads: 1, measurements: [latency('slow', [9]), latency('fast', [8])] };
    const best = fastest(combine([...rounds, times])).filter(({ peer }) => peer !== 'convforge');
    expect(best.map(({ peer, config }) => `${peer} ${config}`)).toEqual(['Other b', 'Other a', 'Third fast']);
  });

  test('compare rates and times', () => {
    const [rate, time, , otherRate, otherTime] = combine(rounds);
    expect(speedup(rate, otherRate)).toBeCloseTo(3.1);
    expect(speedup(time, otherTime)).toBeCloseTo(2);
  });
});

describe('the report', () => {
  const best = fastest(combine(rounds));

  test("has a row per task with convforge's speed-up", () => {
    expect(compareTable(best).split('\n')).toEqual([
      '                               convforge             Other',
      '-----------------------------  ---------  ----------------',
      'training, 2 threads, images/s   310  ±2%  100  ±5%   3.10x',
      'latency, 2 threads, us         50.0  ±0%  100 ±13%   2.00x',
    ]);
  });

  test('has no speed-up without a figure of convforge', () => {
    const others = best.filter(({ peer }) => peer !== 'convforge');
    expect(compareTable(others)).not.toContain('x');
  });

  test('names the configuration of each figure', () => {
    expect(configurations(best.filter(({ peer }) => peer === 'Other'))).toBe(
      'Other 1.0: b\n    training (threads: 2)\nOther 1.0: a\n    latency (threads: 2)',
    );
  });
});

describe('a peer process', () => {
  const line = '{"task":"training","unit":"images/s","config":"a","version":"1","values":[1,2]}';

  test('may print other lines', () => {
    expect(readMeasurements(`warning: slow\n${line}\n{"other":1}\n`)).toEqual([JSON.parse(line)]);
  });

  test('gets its environment, without removed variables', async () => {
    process.env.BENCH_TAKEN_AWAY = 'x';
    const script = `console.log(JSON.stringify({ task: process.env.BENCH_GIVEN, config: String(process.env.BENCH_TAKEN_AWAY) }))`;
    const env = { BENCH_GIVEN: 'given', BENCH_TAKEN_AWAY: undefined };
    expect(await measure({ file: process.execPath, args: ['-e', script], env })).toEqual([
      { task: 'given', config: 'undefined' },
    ]);
    delete process.env.BENCH_TAKEN_AWAY;
  });

  test('that fails rejects with its output', async () => {
    const args = ['-e', 'console.error("no such library"); process.exit(3)'];
    await expect(measure({ file: process.execPath, args })).rejects.toThrow(/ended with 3: no such library/);
  });
});
