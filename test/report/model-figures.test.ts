import { expect, it } from 'vitest';
import { layers, type LayersModel, sequential } from '../../lib/index.js';
import { trainingReport } from '../../lib/report/index.js';
import { expectBalanced, textsOf } from './markup.js';

function convolutions(count: number, filters: number): LayersModel {
  const each = (_: unknown, i: number) =>
    layers.conv2d({ name: `c${i}`, filters, kernelSize: 1, ...(i === 0 && { inputShape: [2, 2, 1] }) });
  return sequential({ layers: Array.from({ length: count }, each) });
}

async function figuresOf(model: LayersModel): Promise<string> {
  const html = await trainingReport({ title: 'Figures', history: { loss: [1] }, model });
  expectBalanced(html);
  return html.slice(html.indexOf('<h2>Figures'));
}

it('shows filters of four convolutions, and unfolds more of them', async () => {
  const html = await figuresOf(convolutions(4, 12));
  expect(textsOf(html, 'summary').filter((text) => text.includes('ilters'))).toEqual([
    'More filters of c1',
    'More filters of c2',
    'More filters of c3',
  ]);
  expect(html.match(/c0: filters/g)?.length).toBeGreaterThan(0);
  // Eight of twelve, and all.
  expect(html).toContain('the first 8 are drawn');
  expect(html).not.toContain('convolutions');
});

it.each([
  [6, 'Filters of 2 further convolutions', ['c4', 'c5']],
  [30, 'Filters of 24 of 26 further convolutions', ['c4', 'c27']],
] as const)(
  'unfolds parts of the filters of further convolutions: %i in all',
  async (count, title, names) => {
    const html = await figuresOf(convolutions(count, 3));
    expect(textsOf(html, 'summary')).toContain(title);
    const folded = html.slice(html.indexOf(`<summary>${title}`));
    for (const name of names) expect(folded).toContain(`${name}: filters`);
    expect(html).not.toContain('c28: filters');
  },
);
