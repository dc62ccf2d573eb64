import { expect, test } from 'vitest';
import { barChart } from '../../lib/report/bar-chart.js';

const bar = (name: string, value: number, kind = 0) => ({
  ...{ name, value, low: value / 2, high: value * 2, label: `${value}` },
  kind,
});

test('bars end where a logarithmic axis says', async () => {
  const bars = [bar('a', 1000), bar('b<c', 10, 1)];
  const svg = await barChart({ title: 'T', axis: 'speed', kinds: ['one', 'two', 'three'], bars });
  const ends = [...svg.matchAll(/class="line bar" d="M20,[\d.]+H([\d.]+)"/g)].map(([, end]) => Number(end));
  const marks = [...svg.matchAll(/<text x="([\d.]+)" y="\d+" text-anchor="(?:middle|start)">([\d,]+)</g)];
  const at = new Map(marks.map(([, x, text]) => [text, Number(x)]));
  expect(ends[0]).toBeCloseTo(at.get('1,000') as number, 0);
  expect(ends[1]).toBeCloseTo(at.get('10') as number, 0);
  expect(svg).toContain('b&lt;c');
  expect(svg).toContain('>two<');
  expect(svg).not.toContain('>three<');
});
