import { describe, expect, it } from 'vitest';
import { lineChart } from '../../lib/report/index.js';
import { dataLines, expectBalanced, textsOf } from './markup.js';

const LABELS = { title: 'Loss', xLabel: 'epoch', yLabel: 'nats' };

describe('a line chart', () => {
  it('draws values at their coordinates', async () => {
    const svg = await lineChart({ ...LABELS, series: [{ name: 'loss', y: [0, 10, 5] }] });
    const [[corners]] = dataLines(svg);
    const [left, right, bottom, top] = [corners[0][0], corners[2][0], corners[0][1], corners[1][1]];
    expect(right).toBe(720 - 24);
    expect(corners[1][0]).toBeCloseTo((left + right) / 2, 0);
    expect(corners[2][1]).toBeCloseTo((top + bottom) / 2, 0);
    const gridline = (label: string) =>
      Number(new RegExp(`<text [^>]*y="([\\d.]+)" [^>]*text-anchor="end">${label}<`).exec(svg)?.[1]);
    expect(gridline('0')).toBeCloseTo(bottom, 0);
    expect(gridline('10')).toBeCloseTo(top, 0);
  });

  it('has its size, title, axis names and legend', async () => {
    const svg = await lineChart({
      ...LABELS,
      width: 500,
      height: 300,
      series: [
        { name: 'loss', y: [1, 2] },
        { name: 'val_loss', y: [2, 3] },
      ],
    });
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"[^>]* width="500" height="300"[^>]*>/);
    expect(textsOf(svg, 'text')).toEqual(
      expect.arrayContaining(['Loss', 'epoch', 'nats', 'loss', 'val_loss']),
    );
    expect(dataLines(svg)).toHaveLength(2);
    expectBalanced(svg);
  });

  it('says where values are, for the script of a page', async () => {
    const svg = await lineChart({ ...LABELS, series: [{ name: 'loss', y: [0, 10], x: [2, 4] }] });
    const [, x] = / data-x="([^"]*)"/.exec(svg) as RegExpExecArray;
    const [, y] = / data-y="([^"]*)"/.exec(svg) as RegExpExecArray;
    const [[corners]] = dataLines(svg);
    const [left, right, from, to] = x.split(' ').map(Number);
    expect([from, to]).toEqual([2, 4]);
    expect(corners.map(([at]) => at)).toEqual([left, right].map((at) => expect.closeTo(at, 0)));
    const [bottom, top, least, most] = y.split(' ').map(Number);
    expect([least, most]).toEqual([0, 10]);
    expect(corners.map(([, at]) => at)).toEqual([bottom, top].map((at) => expect.closeTo(at, 0)));
  });

  it('has a logarithmic y axis if asked, with gaps where there is no logarithm', async () => {
    const series = [{ name: 'norm', y: [0.001, 0.1, 0, 10] }];
    const svg = await lineChart({ ...LABELS, series, yScale: 'log' });
    const [[first, second]] = dataLines(svg);
    const [[, lowest], [, middle]] = first;
    const [[, highest]] = second;
    expect(middle).toBeCloseTo((lowest + highest) / 2, 0);
    expect(textsOf(svg, 'text')).toEqual(expect.arrayContaining(['0.001', '10']));
    expect(svg).toContain(' data-log');
    expect(svg).not.toMatch(/NaN|Infinity/);
  });

  it('draws dots alone if asked', async () => {
    const svg = await lineChart({
      ...LABELS,
      series: [{ name: 'all', y: Array(100).fill(1), marks: 'dots' }],
    });
    expect(svg.match(/<circle /g)).toHaveLength(100);
    expect(dataLines(svg)).toEqual([]);
  });

  it('breaks at values that are not finite, and draws lone points as dots', async () => {
    const y = [1, 2, Number.NaN, 3, Number.POSITIVE_INFINITY, 4, 5];
    const svg = await lineChart({ ...LABELS, series: [{ name: 'loss', y }] });
    expect(dataLines(svg)[0].map((part) => part.length)).toEqual([2, 1, 2]);
    expect(svg).not.toMatch(/NaN|Infinity/);
    expect(textsOf(svg, 'title')).toEqual([
      'loss: 1 at 1',
      'loss: 2 at 2',
      'loss: 3 at 4',
      'loss: 4 at 6',
      'loss: 5 at 7',
    ]);
  });

  it('uses the given x', async () => {
    const svg = await lineChart({ ...LABELS, series: [{ name: 'loss', x: [0, 0.5, 2], y: [1, 1.5, 3] }] });
    const [[[from, half, to]]] = dataLines(svg);
    expect((half[0] - from[0]) / (to[0] - from[0])).toBeCloseTo(0.25, 2);
    expect(textsOf(svg, 'text')).toContain('0.2');
  });

  it.each([
    [1, ['1']],
    [2, ['1', '2']],
    [4, ['1', '2', '3', '4']],
    [40, ['5', '10', '15', '20', '25', '30', '35', '40']],
  ])('counts %i epochs in whole numbers', async (epochs, expected) => {
    const y = Array.from({ length: epochs }, (_, epoch) => 100 - epoch);
    const texts = textsOf(await lineChart({ ...LABELS, series: [{ name: 'loss', y }] }), 'text');
    expect(texts.slice(texts.indexOf('nats') + 1, -1)).toEqual(expected);
  });

  it.each([
    ['no series', []],
    ['an empty series', [{ name: 'loss', y: [] }]],
    ['nothing finite', [{ name: 'loss', y: [Number.NaN, Number.NaN] }]],
    ['one point', [{ name: 'loss', y: [0.5] }]],
    ['zeros', [{ name: 'loss', y: [0, 0] }]],
    ['a value that is minus one', [{ name: 'loss', y: [-1, -1] }]],
  ])('can be drawn for %s', async (_, series) => {
    const svg = await lineChart({ ...LABELS, series });
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    expect(textsOf(svg, 'text').length).toBeGreaterThan(4);
    expectBalanced(svg);
  });

  it('writes long numbers with an exponent', async () => {
    const large = await lineChart({ ...LABELS, series: [{ name: 'loss', y: [0, 3e12] }] });
    expect(textsOf(large, 'text')).toContain('3e+12');
    const small = await lineChart({ ...LABELS, series: [{ name: 'loss', y: [0, 3e-7] }] });
    expect(textsOf(small, 'text')).toContain('3e-7');
  });

  it('wraps a long legend, and repeats colors with dashes', async () => {
    const series = Array.from({ length: 7 }, (_, index) => ({ name: `a long name ${index}`, y: [1, 2] }));
    const svg = await lineChart({ ...LABELS, series });
    const rows = [...svg.matchAll(/<text x="[\d.]+" y="(\d+)">a long name/g)].map(([, y]) => Number(y));
    expect(rows).toEqual([50, 50, 50, 50, 70, 70, 70]);
    expect(svg).toMatch(/<g class="s0"><path class="line dashed" d="M[^"]*"\/><text [^>]*>a long name 6</);
  });

  it('draws dashes in the colour of the series before', async () => {
    const lines = Array.from({ length: 14 }, (_, index) => ({
      name: `line ${index}`,
      y: [1, 2],
      marks: index % 2 === 0 ? ('line' as const) : ('dashes' as const),
    }));
    const svg = await lineChart({ ...LABELS, series: lines });
    const classes = [...svg.matchAll(/<g class="(s\d)"><path class="([^"]*)" d="[^"]*"\/>(?!<text)/g)];
    expect(classes.map(([, series, line]) => `${series} ${line}`)).toEqual([
      ...[0, 1, 2, 3, 4, 5].flatMap((colour) => [`s${colour} line`, `s${colour} line beside`]),
      's0 line dashed',
      's0 line dashed beside',
    ]);
  });

  it('contains only the given text', async () => {
    const nasty = `<script>alert("1")</script>&'\u0000`;
    const svg = await lineChart({
      title: nasty,
      xLabel: nasty,
      yLabel: nasty,
      series: [{ name: nasty, y: [1] }],
    });
    expect(svg).not.toContain('<script');
    expect(svg).not.toContain('\u0000');
    expect(textsOf(svg, 'text')).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;');
    expectBalanced(svg);
  });

  it.each<[object, string, RegExp]>([
    [{ series: [], colour: 'red' }, 'UNKNOWN_OPTION', /report.lineChart: .*'colour'/],
    [{ series: 'loss' }, 'INVALID_ARGUMENT', /series is 'loss'/],
    [
      { series: [{ name: 'a', y: 'b' }] },
      'INVALID_ARGUMENT',
      /series\[0\] must have a name and a list of numbers/,
    ],
    [{ series: [{ name: 'a', y: [1], z: [1] }] }, 'UNKNOWN_OPTION', /'z'/],
    [{ series: [{ name: 'a', y: [1, 2], x: [1] }] }, 'SHAPE_MISMATCH', /'a' has 1 values of x and 2 of y/],
    [{ series: [], width: 20 }, 'INVALID_ARGUMENT', /width is 20/],
    [{ series: [], height: Number.NaN }, 'INVALID_ARGUMENT', /height is NaN/],
  ])('refuses %j', async (options, code, message) => {
    await expect(lineChart({ ...LABELS, ...options } as never)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });
});
