import { expect, test } from 'vitest';
import { formatNumber, formatTable } from '../../lib/compare/format.js';

test('numbers have three significant digits', () => {
  expect([16_749, 96.4213, 100, 0.21183, 3].map(formatNumber)).toEqual([
    '16,700',
    '96.4',
    '100',
    '0.212',
    '3.00',
  ]);
});

test('columns are as wide as their widest cell', () => {
  const table = formatTable(
    ['', 'a', 'long title'],
    [
      ['first', '1', '2'],
      ['second one', '12345'],
    ],
  );
  expect(table.split('\n')).toEqual([
    '                a  long title',
    '----------  -----  ----------',
    'first           1           2',
    'second one  12345',
  ]);
});
