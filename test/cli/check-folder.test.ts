import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkFolder } from '../../lib/cli/check-folder.js';
import { expectError } from '../support/convforge-error.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { runCli } from './run-cli.js';

const path = temporaryFolder();
const FILES = ['model/model.json', 'report.html'];

describe('a folder to write to', () => {
  it('may exist or not, and is left unchanged', async () => {
    await checkFolder('out', path('a/b/c'), FILES);
    mkdirSync(path('old/model'), { recursive: true });
    writeFileSync(path('old/report.html'), '');
    await checkFolder('out', path('old'), FILES);
    expect(readdirSync(path(''), { recursive: true }).sort()).toEqual([
      'old',
      'old/model',
      'old/report.html',
    ]);
  });

  it.each<[string, () => void, RegExp]>([
    ['is a file', () => writeFileSync(path('out'), ''), /^--out .*out: .*out is a file, not a folder\.$/],
    ['is in a file', () => writeFileSync(path('out'), ''), /out is a file, not a folder/],
    [
      'has a file for a folder',
      () => {
        mkdirSync(path('out'));
        writeFileSync(path('out/model'), '');
      },
      /model is a file, not a folder/,
    ],
    [
      'has a folder for a file',
      () => mkdirSync(path('out/report.html'), { recursive: true }),
      /report\.html is a folder, not a file/,
    ],
  ])('%s', async (what, prepare, message) => {
    prepare();
    const folder = what === 'is in a file' ? path('out/deeper/still') : path('out');
    await expectError(() => checkFolder('out', folder, FILES), 'IO_ERROR', message);
  });

  it.runIf(process.platform === 'linux')("can't be written", () =>
    expectError(() => checkFolder('out', '/proc/convforge', FILES), 'IO_ERROR', /^--out \/proc\/convforge: /),
  );
});

it('the output folder is checked before data is loaded', async () => {
  writeFileSync(path('out'), '');
  const outcome = await runCli(['train', '--out', path('out')], { CONVFORGE_DATA: path('nowhere') });
  expect(outcome).toEqual({
    code: 1,
    out: '',
    err: `convforge: --out ${path('out')}: ${path('out')} is a file, not a folder. (IO_ERROR)\n`,
  });
});
