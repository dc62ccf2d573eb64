import { expect, it } from 'vitest';
import { hasText } from '../../../scripts/bench/support/select.js';

it.each([
  ['LeNet', 'lenet', true],
  ['MobileNet up to 512', 'lenet', false],
  ['MobileNet up to 512, LeNet', 'lenet', true],
  ['max-pool 3x3/2', 'pool', true],
  ['max-pool 3x3/2', '3x3/2', true],
  ['conv 3x3 3->20', '->20', true],
  ['conv 3x3 13->20', '3->20', false],
  ['conv', '', true],
])('%s has %s: %s', (name, text, expected) => {
  expect(hasText({ name }, text)).toBe(expected);
});

it('a short name counts too', () => {
  expect(hasText({ name: 'U-Net', key: 'unet' }, 'unet')).toBe(true);
});
