import { describe, expect, it } from 'vitest';
import { OptionChecks, show } from '../lib/options.js';
import { expectError } from './support/convforge-error.js';

describe('OptionChecks', () => {
  const checks = new OptionChecks('conv2d_1', 'conv2d_1');

  it('names subject, layer and the nearest key', async () => {
    const error = await expectError(
      () => checks.keys({ pading: 'same' }, ['padding', 'strides']),
      'UNKNOWN_OPTION',
      /^conv2d_1: there is no option 'pading'; did you mean 'padding'\?/,
    );
    expect(error.layer).toBe('conv2d_1');
  });

  it.each([null, undefined, 3, 'text', [1]])('refuses %j as options', async (given) => {
    await expectError(() => checks.keys(given, ['padding']), 'INVALID_ARGUMENT', /options must be an object/);
  });

  it.each([-1, 0, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, '3', null, undefined])(
    'refuses %s as a whole number from 1 up',
    async (value) => {
      await expectError(
        () => checks.whole('filters', value, 1),
        'INVALID_ARGUMENT',
        /filters is .* whole number from 1 up/,
      );
    },
  );

  it('reads one number or a pair', async () => {
    expect(checks.pair('strides', 2)).toEqual([2, 2]);
    expect(checks.pair('strides', [1, 3])).toEqual([1, 3]);
    await expectError(() => checks.pair('strides', [1, 2, 3]), 'INVALID_ARGUMENT', /strides is \[1, 2, 3\]/);
    await expectError(() => checks.pair('strides', [1, 0]), 'INVALID_ARGUMENT', /strides is 0/);
  });
});

describe('show', () => {
  it('keeps values readable and short', () => {
    expect(show('a'.repeat(200))).toHaveLength(82);
    expect(show([1, 'b'])).toBe("[1, 'b']");
    expect(show(new Array(1e6).fill(0))).toBe('[0, 0, 0, 0, 0, 0, 0, 0, ...]');
    const nested: unknown[] = [];
    nested.push(nested);
    expect(show(nested)).toBe('[[[[[...]]]]]');
    expect(show(new Map())).toBe('an object of type Map');
    expect(show(Object.create(null))).toBe('an object of type Object');
    expect(show(() => 0)).toBe('a function');
  });
});
