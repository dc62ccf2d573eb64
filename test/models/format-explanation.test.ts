import { expect, it } from 'vitest';
import { textTable } from '../../lib/models/format-explanation.js';

it('formatExplanation aligns columns, numbers to the right', () => {
  const rows = [
    ['conv2d', '12.5', ''],
    ['a', '3.0', 'relu'],
  ];
  expect(textTable(['name', 'ms', 'with'], rows, ['ms'])).toBe(
    ['name      ms  with', 'conv2d  12.5', 'a        3.0  relu'].join('\n'),
  );
});
