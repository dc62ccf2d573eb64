import path from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  combine,
  fastest,
  type Measurement,
  measure,
  readMeasurements,
  type Result,
  speedup,
  turnRatios,
} from '../../../lib/compare/measurement.js';
import { kernelLine, nameOf } from '../../../scripts/bench/peers/kernel-lines.js';
import { MissingPeer, type Peer } from '../../../scripts/bench/peers/peer.js';
import { readOptions, select } from '../../../scripts/bench/peers/options.js';
import { pick } from '../../../scripts/bench/peers/pick.js';
import { compareTable, configurations, turnsTable } from '../../../scripts/bench/peers/report.js';
import { setup, SETUP_PARTS, type SetupPart } from '../../../scripts/bench/peers/setup.js';
import { runTurns } from '../../../scripts/bench/peers/turns.js';
import { Refusal, Server } from '../../../lib/compare/server.js';
import { KERNEL_SHAPES } from '../../../scripts/bench/support/kernel-shapes.js';

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

/** The rounds of a peer that measured a kernel of each config once a turn. */
function turnsOf(peer: string, configs: Record<string, number[]>, unit: 'GFLOP/s' | 'ms' = 'GFLOP/s') {
  const turns = Math.max(...Object.values(configs).map(({ length }) => length));
  return Array.from({ length: turns }, (_, turn) => ({
    peer,
    threads: 1,
    turn,
    measurements: Object.entries(configs).flatMap(([config, values]) =>
      turn < values.length ? [{ task: 'conv', unit, config, version: '1', values: [values[turn]] }] : [],
    ),
  }));
}

describe('turns', () => {
  const resultOf = (...args: Parameters<typeof turnsOf>): Result => combine(turnsOf(...args))[0];

  test('keep the values with their turns', () => {
    const { values, turns, median } = resultOf('convforge', { a: [100, 50, 60] });
    expect({ values, turns, median }).toEqual({ values: [100, 50, 60], turns: [0, 1, 2], median: 60 });
  });

  test('are compared one by one, by rate or time', () => {
    const self = { a: [100, 50, 60] };
    const rival = { b: [50, 25, 120] };
    expect(turnRatios(resultOf('convforge', self), resultOf('Other', rival))).toEqual([2, 2, 0.5]);
    expect(turnRatios(resultOf('convforge', self, 'ms'), resultOf('Other', rival, 'ms'))).toEqual([
      0.5, 0.5, 2,
    ]);
  });

  test('are compared only where both were measured', () => {
    const self = resultOf('convforge', { a: [100, 50] });
    expect(turnRatios(self, resultOf('Other', { b: [50] }))).toEqual([2]);
    const late = { ...resultOf('Other', { b: [50] }), turns: [1] };
    expect(turnRatios(self, late)).toEqual([1]);
    expect(turnRatios(self, { ...late, turns: undefined })).toEqual([]);
  });
});

describe('the table of turns', () => {
  const rounds = [
    ...turnsOf('convforge', { direct: [100, 50, 60, 80, 90] }),
    ...turnsOf('oneDNN 2', { slow: [1, 2, 3, 4, 5], fast: [50, 25, 20, 80, 60] }),
    ...turnsOf('oneDNN 3', { any: [125, 100, 80, 100, 100] }),
  ];
  const lines = (results: readonly Result[]) => turnsTable(fastest(results)).split('\n');

  test('has medians and quartiles of the ratios, and compares with the best of the others', () => {
    const [, , row, ...rest] = lines(combine(rounds));
    expect(row.split(/ {2,}/)).toEqual([
      'conv, 1 thread, GFLOP/s',
      '80.0 ±19%',
      '50.0',
      '2.00x (1.50..2.00)',
      '100',
      '0.80x (0.75..0.80)',
      '0.80x (0.75..0.80)',
    ]);
    expect(rest).toEqual([
      '',
      '1 row beside the best of the others: 1 below 1.0, 1 with the upper quartile below 0.97; geometric mean of the medians 0.80x',
      '    conv, 1 thread, GFLOP/s: 0.80x (0.75..0.80)',
    ]);
  });

  test('takes the geometric mean over rows', () => {
    const two = rounds.map((round) => ({
      ...round,
      threads: 2,
      measurements: round.measurements.map((each) =>
        round.peer === 'oneDNN 3' ? { ...each, values: each.values.map((value) => value / 4) } : each,
      ),
    }));
    const results = combine([...rounds, ...two]);
    // The best at two threads is oneDNN 2: 0.8 and 2.
    expect(lines(results)).toContain(
      '2 rows beside the best of the others: 1 below 1.0, 1 with the upper quartile below 0.97; geometric mean of the medians 1.26x',
    );
  });

  test('has no ratios of what only one side can compute', () => {
    const others = combine(rounds.filter(({ peer }) => peer !== 'convforge'));
    expect(turnsTable(fastest(others))).not.toContain('x (');
    const own = combine(rounds.filter(({ peer }) => peer === 'convforge'));
    expect(lines(own).at(-1)).toBe('No row has a rival.');
  });
});

describe('selections', () => {
  test('are of networks and shapes by a part of the name', () => {
    const selected = (text: string) => {
      const { works, shapes, networks } = select(['lenet', 'kernels', 'networks'], text);
      return { works, names: [...networks, ...shapes].map(({ name }) => name) };
    };
    const shape = 'conv 3x3 3->20, 17x13, b32';
    expect(selected('3->20')).toEqual({ works: ['kernels'], names: [shape] });
    expect(selected('lenet')).toEqual({ works: ['lenet', 'networks'], names: ['LeNet'] });
    expect(select(['kernels'], '')).toMatchObject({ shapes: KERNEL_SHAPES, networks: [] });
    expect(() => select(['kernels'], 'lenet')).toThrow(/--only lenet: nothing has .*\n {2}conv 3x3 64->64/);
  });

  test('are read from the command line', () => {
    const options = readOptions([
      '--work',
      'networks',
      '--only',
      'unet',
      '--threads',
      '1,3',
      '--peers',
      'PyTorch',
    ]);
    expect(options).toMatchObject({ works: ['networks'], threads: [1, 3], turns: 9, setup: false });
    expect(options.networks.map(({ key }) => key)).toEqual(['unet']);
    expect(options.peers).toEqual(['PyTorch', 'PyTorch nchw', 'PyTorch nhwc', 'PyTorch compiled']);
    expect(readOptions(['--peers', 'convforge', '--turns', '0'])).toMatchObject({ peers: [], turns: 0 });
    expect(readOptions(['--report']).names).toEqual([path.join('convforge-out', 'bench-peers.json')]);
    expect(readOptions(['--report', 'a', 'b']).names).toEqual(['a', 'b']);
    expect(() => readOptions(['a'])).toThrow('a is not an option');
    expect(() => readOptions(['--threads', '1,'])).toThrow('--threads  is not a number of threads');
    expect(() => readOptions(['--rounds', '0'])).toThrow('--rounds 0 is not a number of rounds');
  });

  test('are of names by their first words', () => {
    const known = ['oneDNN 2', 'oneDNN 3', 'PyTorch'];
    expect(pick('peers', 'oneDNN', known)).toEqual(['oneDNN 2', 'oneDNN 3']);
    expect(pick('peers', 'PyTorch,oneDNN 3', known)).toEqual(['oneDNN 3', 'PyTorch']);
    expect(() => pick('peers', 'one', known)).toThrow('--peers one: there are oneDNN 2, oneDNN 3, PyTorch');
  });

  test('reach the servers as lines', () => {
    const [conv, pool] = ['3->20', 'max-pool 3x3'].map((text) => select(['kernels'], text).shapes[0]);
    expect(kernelLine(conv)).toBe('conv 3x3 3->20, 17x13, b32|conv 32 17 13 3 20 3 1 1 1 1');
    expect(kernelLine(pool)).toBe('max-pool 3x3/2, 32x32x64, b64|pool max 64 32 32 64 3 2');
    expect(nameOf(kernelLine(conv))).toBe(conv.name);
  });
});

describe('servers', () => {
  /** Answers each line with a measurement of its name; the body may do something else first. */
  const script = (body: string) => `
    let turn = 0;
    require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
      turn++;
      const name = line.split('|')[0];
      ${body}
      console.log('warning: a library prints');
      console.log(JSON.stringify({ task: name, unit: 'ms', config: 'c', version: '1', values: [turn] }));
      console.log('end');
    });`;
  const command = (body: string) => ({ file: process.execPath, args: ['-e', script(body)] });
  const peer = (name: string, body: string): Peer => ({
    name,
    work: ['kernels'],
    threaded: true,
    slow: false,
    command: () => command(body),
  });

  async function run(peers: readonly Peer[], threadCounts = [1]) {
    const left = new Map<string, string>();
    const log: string[] = [];
    const options = {
      work: 'kernels' as const,
      turns: 2,
      threadCounts,
      shapes: ['a|x', 'b|x'],
      data: '',
      log: (line: string) => log.push(line),
    };
    const rounds = await runTurns(peers, options, left);
    const turns = rounds.map(
      ({ peer, threads, turn, measurements }) => `${measurements[0].task}${turn} ${peer} ${threads}`,
    );
    return { turns, rounds, left: Object.fromEntries(left), log };
  }

  test('take turns, shape by shape, in processes that stay', async () => {
    const { turns, rounds, left } = await run([peer('P', ''), peer('Q', '')], [1, 2]);
    const round = (threads: number) =>
      ['a0', 'a1', 'b0', 'b1'].flatMap((turn) => [`${turn} P ${threads}`, `${turn} Q ${threads}`]);
    expect(turns).toEqual([...round(1), ...round(2)]);
    const values = rounds.filter((each) => each.peer === 'Q').map((each) => each.measurements[0].values[0]);
    expect(values).toEqual([1, 2, 3, 4, 1, 2, 3, 4]);
    expect(left).toEqual({});
  });

  test('that die are reported once and left out', async () => {
    const dies = 'if (turn === 2) { console.error("out of luck"); process.exit(3); }';
    const { turns, left, log } = await run([peer('P', dies), peer('Q', '')], [1, 2]);
    expect(turns.filter((turn) => turn.includes('P'))).toEqual(['a0 P 1']);
    expect(turns.filter((turn) => turn.includes('Q'))).toHaveLength(8);
    expect(left.P).toMatch(/^failed: .* ended with 3: out of luck$/);
    expect(log.filter((line) => line.startsWith('P: '))).toHaveLength(1);
  });

  test('may refuse a shape and go on', async () => {
    const refuses = 'if (name === "a") { console.log("end: no such window"); return; }';
    const { turns, left, log } = await run([peer('P', refuses)], [1, 2]);
    expect(turns).toEqual(['b0 P 1', 'b1 P 1', 'b0 P 2', 'b1 P 2']);
    expect(left).toEqual({ 'P, a': 'refused: no such window' });
    expect(log.filter((line) => line.startsWith('P, a: '))).toHaveLength(1);
  });

  test('that are not installed, or have other work, are not started', async () => {
    const missing: Peer = {
      ...peer('P', ''),
      command: () => {
        throw new MissingPeer('get it');
      },
    };
    const { turns, left } = await run([missing, { ...peer('Q', ''), work: ['lenet'] }]);
    expect({ turns, left }).toEqual({ turns: [], left: { P: 'not installed: get it' } });
  });

  test('that cannot be started fail', async () => {
    const server = new Server({ file: '/no/such/program', args: [] });
    await expect(server.turn('a|x')).rejects.toThrow(/ENOENT/);
    await server.stop();
  });

  test('that do not answer are killed', async () => {
    const server = new Server(command('return;'), { seconds: 0.05 });
    await expect(server.turn('a|x')).rejects.toThrow('no answer within 0.05 s');
    await expect(server.turn('a|x')).rejects.toThrow('no answer within 0.05 s');
    await server.stop();
  });

  test('stand still between their turns', async () => {
    const counts = 'globalThis.ticks ??= (setInterval(() => ticks++, 5), 0); turn = ticks;';
    const server = new Server(command(counts));
    const ticks = async () => readMeasurements((await server.turn('a|x')).join('\n'))[0].values[0];
    await ticks();
    const before = await ticks();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await ticks()) - before).toBeLessThan(10);
    await server.stop();
  });

  test('tell refusals from failures', async () => {
    const server = new Server(command('console.log("end: no"); return;'));
    await expect(server.turn('a|x')).rejects.toThrow(Refusal);
    await server.stop();
  });
});

describe('the set-up', () => {
  const parts = (done: string[]): SetupPart[] => [
    {
      name: 'first',
      packages: ['one==1', 'two==2'],
      megabytes: 1500,
      install: () => {
        throw new Error('no such version');
      },
    },
    {
      name: 'second',
      packages: ['three==3'],
      megabytes: 40,
      remark: 'more elsewhere',
      install: (packages) => {
        done.push(...packages);
      },
    },
  ];

  function run(names: string[]) {
    const done: string[] = [];
    const written: string[] = [];
    const all = setup(names, parts(done), (text) => written.push(text));
    return { done, text: written.join(''), first: written[0], all };
  }

  test('says beforehand what it takes, goes on after a failure and names it', () => {
    const { done, text, first, all } = run([]);
    expect(first).toMatch(/about 1,540 MB on disk:\n {2}first: about 1,500 MB\n {6}one==1 two==2\n/);
    expect(first).toContain('second: about 40 MB (more elsewhere)');
    expect(done).toEqual(['three==3']);
    expect(text).toMatch(/\nNot installed:\nfirst: no such version\n$/);
    expect(all).toBe(false);
  });

  test('installs only the named parts', () => {
    const { done, text, all } = run(['second']);
    expect([done, all]).toEqual([['three==3'], true]);
    expect(text).not.toContain('first');
    expect(() => run(['third'])).toThrow('--setup third: there are first, second');
  });

  test('has exact versions of all packages', () => {
    for (const { packages } of SETUP_PARTS) {
      for (const name of packages) expect(name).toMatch(/.(==|@)\d+\.\d+\.\d+$/);
    }
  });
});
