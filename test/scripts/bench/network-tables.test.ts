import { describe, expect, it } from 'vitest';
import { combine, fastest, type Measurement, type Round } from '../../../lib/compare/measurement.js';
import { networkChart } from '../../../scripts/bench/peers/networks/chart.js';
import { NETWORK_PEERS } from '../../../scripts/bench/peers/networks/peers.js';
import { readmeTable, withTable } from '../../../scripts/bench/peers/networks/readme.js';
import { isNetworkResult, networkRows, networkTables } from '../../../scripts/bench/peers/networks/tables.js';
import { NETWORKS } from '../../../scripts/bench/networks/index.js';

const [lenet, resnet] = NETWORKS;

/** A round for each value, in the order of turns. */
function turns(
  peer: string,
  task: string,
  unit: Measurement['unit'],
  values: number[],
  threads = 2,
): Round[] {
  return values.map((value, turn) => ({
    ...{ peer, threads, turn },
    measurements: [{ task, unit, config: 'c', version: '1', values: [value] }],
  }));
}

const ROUNDS = [
  ...turns('convforge', `${lenet.name}: training`, 'images/s', [100, 50, 90]),
  ...turns('A', `${lenet.name}: training`, 'images/s', [50, 25, 60]),
  ...turns('B', `${lenet.name}: training`, 'images/s', [40, 20, 30]),
  ...turns('convforge', `${lenet.name}: one image, median`, 'ms', [4, 5, 6]),
  ...turns('A', `${lenet.name}: one image, median`, 'ms', [2, 2.5, 3]),
  ...turns('convforge', `${lenet.name}: training memory`, 'MB', [50]),
  ...turns('A', `${lenet.name}: training memory`, 'MB', [200]),
  ...turns('convforge', `${resnet.name}: training`, 'images/s', [7], 1),
];

const results = fastest(combine(ROUNDS));

describe('the tables of networks', () => {
  const parts = networkTables(results).split('\n\n');

  it('begin with a row for each network', () => {
    expect(parts[0].split('\n')).toEqual([
      '| threads: 1 / 2 | Training, images/s | Inference of batches, images/s | One image, median of ms | One image, 90th percentile of ms | Memory of training, MB |',
      '|---|---|---|---|---|---|',
      '| LeNet | - / 90.0 (- / 2.00) |  | - / 5.00 (- / 0.50) |  | - / 50.0 (- / 4.00) |',
      `| ${resnet.name} | 7.00 / - (- / -) |  |  |  |  |`,
    ]);
  });

  it('have a table for each kind of figure, with the ratios of turns', () => {
    expect(parts.filter((part) => part.startsWith('### '))).toEqual([
      '### Training, images/s',
      '### One image, median of ms',
      '### Memory of training, MB',
    ]);
    expect(parts[2].split('\n')).toEqual([
      '| network | threads | convforge | A | B | best of the others |',
      '|---|---|---|---|---|---|',
      '| LeNet | 2 | 90.0 | 50.0 (2.00) | 30.0 (2.50) | 2.00 (1.75 to 2.00) |',
      `| ${resnet.name} | 1 | 7.00 |  |  |  |`,
    ]);
    expect(parts[4].split('\n')[2]).toBe('| LeNet | 2 | 5.00 | 2.50 (0.50) | 0.50 (0.50 to 0.50) |');
  });

  it('choose the fastest of the others, and the thriftiest', () => {
    const memory = turns('B', `${lenet.name}: training memory`, 'MB', [100]);
    const rows = networkRows(fastest(combine([...ROUNDS, ...memory])), 'training memory');
    expect(
      rows.map(({ network, threads, rival, ratio }) => [network, threads, rival?.peer, ratio?.median]),
    ).toEqual([['LeNet', 2, 'B', 2]]);
  });

  it('leave out other results', () => {
    const [other] = combine(turns('A', 'LeNet training, batch 128', 'images/s', [1]));
    expect([results[0], other].map(isNetworkResult)).toEqual([true, false]);
  });
});

describe('the README', () => {
  it('has a row for each network, on the most threads', () => {
    const lines = readmeTable(results, 'A processor').split('\n');
    expect(lines).toContain('Measured on A processor.');
    expect(lines.filter((line) => line.startsWith('|'))).toEqual([
      '|  | training, images/s | best of the others | inference, images/s | best of the others | one image, ms | best of the others |',
      '|---|---|---|---|---|---|---|',
      '| LeNet | 90.0 | 50.0 (A) |  |  | 5.00 | 2.50 (A) |',
    ]);
  });

  it('gets the table between its comments', () => {
    const text = 'before\n<!-- bench:peers -->\nold\n<!-- /bench:peers -->\nafter\n';
    expect(withTable(text, 'new')).toBe('before\n<!-- bench:peers -->\nnew\n<!-- /bench:peers -->\nafter\n');
    expect(withTable(withTable(text, 'a'), 'b')).toBe(withTable(text, 'b'));
    expect(() => withTable('nothing', 'new')).toThrow('README.md has no lines <!-- bench:peers -->');
  });
});

it('the chart has a bar for each ratio, as long as it, and names', () => {
  const svg = networkChart(results);
  const bars = [...svg.matchAll(/<rect class="([^"]+)" x="(\d+)" y="[\d.]+" width="([\d.]+)"/g)];
  const [training, single] = bars.map(([, kind, , width]) => ({ kind, width: Number(width) }));
  expect(bars).toHaveLength(2);
  expect([training.kind, single.kind]).toEqual(['bar', 'bar slower']);
  expect(training.width / single.width).toBeCloseTo(4, 1);
  expect([...svg.matchAll(/<line class="one" x1="([\d.]+)"/g)]).toHaveLength(3);
  const [, left] = /<line class="one" x1="([\d.]+)"/.exec(svg) ?? [];
  expect(Number(left) - Number(bars[0][2])).toBeCloseTo(training.width / 2, 1);
  for (const text of ['LeNet', 'Training', 'One image', '2.00', '0.50', '2 threads'])
    expect(svg).toContain(text);
  expect(svg).not.toContain(resnet.name);
  expect(svg).toContain('prefers-color-scheme: dark');
});

it('peers of networks have names of their own, and tell what is missing', () => {
  expect(new Set(NETWORK_PEERS.map(({ name }) => name)).size).toBe(NETWORK_PEERS.length);
  expect(NETWORK_PEERS.filter(({ networks }) => networks).map(({ name }) => name)).toEqual([
    'Keras on JAX',
    'Keras on TensorFlow',
  ]);
});
