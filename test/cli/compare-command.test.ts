import { expect, test } from 'vitest';
import { runCli } from './run-cli.js';

test('compare teaches its options and how to get TF.js', async () => {
  const { code, out } = await runCli(['compare', '--help']);
  expect(code).toBe(0);
  for (const text of ['--quick', '--json', '--out', '--seed', 'npm install @tensorflow/tfjs'])
    expect(out).toContain(text);
});

test('compare refuses what it does not know', async () => {
  const { code, err } = await runCli(['compare', '--quik']);
  expect({ code, err }).toEqual({
    code: 2,
    err: 'convforge: there is no option --quik; did you mean --quick?\n',
  });
  expect(await runCli(['compare', '--seed', '-1'])).toMatchObject({ code: 2 });
});
