import { expect, it } from 'vitest';
import { fill, report } from '../../lib/index.js';
import { expectBalanced, textsOf } from './markup.js';

const svg = () => report.filters(fill([3, 3, 1, 2], 1));

it('a page has its figures, needs no other file and runs no code', async () => {
  const title = '<script>alert(1)</script>';
  const html = await report.page({ title, figures: [await svg(), await svg()] });
  expect(html.match(/<figure>\n<svg/g)).toHaveLength(2);
  expect(textsOf(html, 'h1')).toEqual(['&lt;script&gt;alert(1)&lt;/script&gt;']);
  expect(html).not.toMatch(/<script|<link|url\(|@import/i);
  expect(html).not.toMatch(/(src|href)=["'](?!data:image\/png;base64,)/);
  expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"`);
  expectBalanced(html);
});

it('figures may be part of a training report', async () => {
  const options = { title: 'LeNet', history: { loss: [1] } };
  const html = await report.trainingReport({ ...options, figures: [await svg()] });
  expect(textsOf(html, 'h2')).toEqual(['Curves', 'Epochs', 'Figures']);
  expect(html).toContain('2 filters of 3x3');
  expectBalanced(html);
  expect(textsOf(await report.trainingReport(options), 'h2')).toEqual(['Curves', 'Epochs']);
});

it.each<[object, string, RegExp]>([
  [
    { figures: 'a.svg' },
    'INVALID_ARGUMENT',
    /report.page: figures is 'a.svg'; it must be a list of the SVG texts/,
  ],
  [{ figures: ['a.svg'] }, 'INVALID_ARGUMENT', /figures is \['a.svg'\]/],
  [{ figures: [Promise.resolve('<svg/>')] }, 'INVALID_ARGUMENT', /await them first/],
  [{ figures: [], figure: '' }, 'UNKNOWN_OPTION', /'figure'; did you mean 'figures'/],
])('refuses %j', async (options, code, message) => {
  await expect(report.page({ title: '', ...options } as never)).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message),
  });
});
