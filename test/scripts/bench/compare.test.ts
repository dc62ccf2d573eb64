import { describe, expect, it } from 'vitest';
import { compare } from '../../../scripts/bench/compare.js';
import { type Result, result, type Unit } from '../../../scripts/bench/result.js';
import { comparisonTable, resultTables } from '../../../scripts/bench/tables.js';

function measured(name: string, values: number[], unit: Unit = 'images/s', threads = 1): Result {
  return result({ part: 'lenet', name, threads, unit }, values);
}

describe('compare', () => {
  it('shows the change, and whether it exceeds both spreads', () => {
    const before = [
      measured('a', [90, 100, 110]),
      measured('b', [90, 100, 110]),
      measured('c', [99, 100, 101]),
    ];
    const now = [measured('a', [85, 95, 105]), measured('b', [40, 50, 60]), measured('c', [149, 150, 151])];
    expect(compare(before, now).map(({ name, ratio, change }) => [name, ratio, change])).toEqual([
      ['a', 0.95, 'same'],
      ['b', 0.5, 'worse'],
      ['c', 1.5, 'better'],
    ]);
  });

  it.each<Unit>(['us', '%', 'MB'])('takes less for better in %s', (unit) => {
    const [before, now] = [[measured('a', [100], unit)], [measured('a', [50], unit)]];
    expect(compare(before, now)[0]).toMatchObject({ before: 100, now: 50, ratio: 2, change: 'better' });
    expect(compare(now, before)[0]).toMatchObject({ ratio: 0.5, change: 'worse' });
  });

  it('ignores results of only one run', () => {
    const before = [measured('a', [1]), measured('b', [1], 'images/s', 2), measured('c', [1], 'us')];
    expect(compare(before, [measured('b', [1]), measured('c', [1]), measured('d', [1])])).toEqual([]);
  });

  it('lists the worst changes first', () => {
    const before = [measured('a', [1]), measured('b', [4]), measured('c', [2])];
    const now = [measured('a', [1]), measured('b', [1]), measured('c', [1])];
    const rows = comparisonTable(compare(before, now)).split('\n').slice(2);
    expect(rows.map((row) => row.split(/\s+/).slice(0, 2).join(' '))).toEqual([
      'lenet b',
      'lenet c',
      'lenet a',
    ]);
    expect(rows[0]).toMatch(/ 4\.00 +1\.00 +images\/s +0\.25 +worse$/);
  });
});

it('results are shown by part, with median, quartiles and share', () => {
  const kernel = { part: 'kernels', name: 'conv: forward', threads: 2, unit: 'GFLOP/s' } as const;
  const results = [
    measured('speed', [100, 200, 300]),
    result({ ...kernel, algorithm: 'direct', share: 0.955 }, [1, 2, 3]),
  ];
  const tables = resultTables(results).split('\n\n');
  expect(tables).toHaveLength(2);
  expect(tables[0].split('\n')[2]).toMatch(/^speed +1 +200 +150 \.\. 250 +3 +images\/s$/);
  expect(tables[1].split('\n')[0]).toMatch(/^kernels +algorithm +threads +median /);
  expect(tables[1].split('\n')[2]).toMatch(
    /^conv: forward +direct +2 +2\.00 +1\.50 \.\. 2\.50 +3 +GFLOP\/s +0\.9[56]$/,
  );
});
