import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { trainingReport } from '../../lib/report/index.js';
import { dataLines, expectBalanced, textsOf } from './markup.js';

const HISTORY = {
  loss: [0.5, 0.25],
  acc: [0.8, 0.9],
  val_loss: [0.4, Number.NaN],
  val_acc: [0.85, 0.875],
};

describe('a training report', () => {
  it('has a chart per metric, of training and validation', async () => {
    const html = await trainingReport({ title: 'LeNet', history: HISTORY });
    expect(textsOf(html, 'text').filter((text) => ['Loss', 'Accuracy'].includes(text))).toEqual([
      'Loss',
      'Accuracy',
    ]);
    expect(dataLines(html).map((line) => line.flat().length)).toEqual([2, 1, 2, 2]);
    expectBalanced(html);
  });

  it('lists the epochs', async () => {
    const html = await trainingReport({ title: 'LeNet', history: { ...HISTORY, rate: [1e-4] } });
    expect(textsOf(html, 'th')).toEqual(['epoch', 'loss', 'acc', 'val_loss', 'val_acc', 'rate', '1', '2']);
    expect(textsOf(html, 'td')).toEqual(
      [
        ['0.5000', '0.8000', '0.4000', '0.8500', '1.000e-4'],
        ['0.2500', '0.9000', 'NaN', '0.8750', ''],
      ].flat(),
    );
  });

  it('states the facts and the summary', async () => {
    const html = await trainingReport({
      title: 'LeNet',
      history: HISTORY,
      facts: { 'Test accuracy': '91.5 %', Seed: 7 },
      summary: 'conv2d_1  832\nflatten   0',
    });
    expect(textsOf(html, 'dt')).toEqual(['Test accuracy', 'Seed']);
    expect(textsOf(html, 'dd')).toEqual(['91.5 %', '7']);
    expect(textsOf(html, 'pre')).toEqual(['conv2d_1  832\nflatten   0']);
  });

  it('needs no other file and runs no code but its own', async () => {
    const nasty = `</style></title><script src="http://example.org/x.js"></script>`;
    const html = await trainingReport({
      title: nasty,
      history: { [nasty]: [1] },
      facts: { [nasty]: nasty },
      summary: nasty,
    });
    const [, script] = /<script>(.*?)<\/script>/s.exec(html) as RegExpExecArray;
    const hash = createHash('sha256').update(script).digest('base64');
    expect(html).toContain(`; script-src 'sha256-${hash}'"`);
    const rest = html.replace(script, '');
    expect(rest.match(/<script/g)).toHaveLength(
      1 + (rest.match(/<script type="application\/json"/g) ?? []).length,
    );
    expect(rest).not.toMatch(/<link|<img|url\(|@import|<[^>]* on\w+=/i);
    expect(html.replaceAll('xmlns="http://www.w3.org/2000/svg"', '')).not.toMatch(/(src|href)=["']?http/);
    expect(textsOf(html, 'dd')[0]).toContain('&lt;script src=&quot;http:');
    expectBalanced(html);
  });

  it('can be made before the first epoch', async () => {
    const html = await trainingReport({ title: 'LeNet', history: {} });
    expect(textsOf(html, 'h1')).toEqual(['LeNet']);
    expect(textsOf(html, 'td')).toEqual([]);
    expectBalanced(html);
  });

  it.each<[object, string, RegExp]>([
    [{ history: {}, note: '' }, 'UNKNOWN_OPTION', /report.trainingReport: .*'note'/],
    [{ history: null }, 'INVALID_ARGUMENT', /history is null/],
    [{ history: { loss: 0.5 } }, 'INVALID_ARGUMENT', /history.loss is 0.5/],
    [{ history: { loss: ['0.5'] } }, 'INVALID_ARGUMENT', /history.loss is \['0.5'\]/],
  ])('refuses %j', async (options, code, message) => {
    await expect(trainingReport({ title: 'LeNet', ...options } as never)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });
});
