import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { csvLogger } from '../../lib/callbacks/index.js';
import { expectError } from '../support/convforge-error.js';
import { params, simulate } from '../support/simulated-logs.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { compiledClassifier, tinySet } from '../support/tiny.js';

describe('csvLogger', () => {
  const path = temporaryFolder();
  const text = (name: string) => readFileSync(path(name), 'utf8');

  it('writes a header and a line per epoch', async () => {
    const { x, y } = tinySet(8);
    const logger = csvLogger({ filename: path('new/log.csv') });
    const options = { epochs: 2, verbose: 0, validationSplit: 0.5, callbacks: logger } as const;
    const { history } = await compiledClassifier().fit(x, y, options);
    const lines = text('new/log.csv').split('\n');
    expect(lines[0]).toBe('epoch,loss,acc,val_loss,val_acc');
    const row = (epoch: number) =>
      ['loss', 'acc', 'val_loss', 'val_acc'].map((key) => history[key][epoch]).join(',');
    expect(lines.slice(1)).toEqual([`0,${row(0)}`, `1,${row(1)}`, '']);
  });

  it('overwrites an existing file, or appends to it', async () => {
    const filename = path('log.csv');
    const logs = [{ loss: 2 }, { loss: 1.5 }];
    await simulate(csvLogger({ filename }), logs);
    await simulate(csvLogger({ filename }), logs);
    expect(text('log.csv')).toBe('epoch,loss\n0,2\n1,1.5\n');
    await simulate(csvLogger({ filename, append: true }), logs.slice(1));
    expect(text('log.csv')).toBe('epoch,loss\n0,2\n1,1.5\n0,1.5\n');
    await expectError(
      () => simulate(csvLogger({ filename, append: true }), [{ loss: 1, acc: 1 }]),
      'INVALID_ARGUMENT',
      /begins with 'epoch,loss', not with the columns of these logs, 'epoch,loss,acc'/,
    );
    await simulate(csvLogger({ filename: path('other.csv'), append: true }), logs.slice(0, 1));
    expect(text('other.csv')).toBe('epoch,loss\n0,2\n');
  });

  it('writes NA for a missing value, and quotes keys that contain the separator', async () => {
    const logger = csvLogger({ filename: path('log.tsv'), separator: ';' });
    logger.setParams(params(['loss', 'val_loss', 'a;"b"']));
    await logger.onEpochEnd(3, { loss: Number.NaN, 'a;"b"': 1 });
    expect(text('log.tsv')).toBe('epoch;loss;val_loss;"a;""b"""\n3;NaN;NA;1\n');
  });

  it('refuses invalid options', async () => {
    writeFileSync(path('file'), '');
    await expectError(
      () => simulate(csvLogger({ filename: path('file/log.csv') }), [{ loss: 1 }]),
      'IO_ERROR',
      /csvLogger: can't write .*log.csv/,
    );
    await expectError(() => csvLogger({ filename: '' }), 'INVALID_ARGUMENT', /filename is ''/);
    await expectError(() => csvLogger({ filename: 'a', separator: '\n' }), 'INVALID_ARGUMENT', /separator/);
    await expectError(
      () => csvLogger({ filename: 'a', separater: ';' } as never),
      'UNKNOWN_OPTION',
      /did you mean 'separator'/,
    );
  });
});
