import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { warn, warnOnce } from '../lib/warnings.js';

beforeEach(() => void vi.spyOn(console, 'warn').mockReturnValue());
afterEach(() => vi.restoreAllMocks());

const warnings = () => vi.mocked(console.warn).mock.calls;

it('shows each message once per owner', () => {
  const [one, other] = [{}, {}];
  for (const owner of [one, one, other]) for (const message of ['a', 'b']) warnOnce(owner, message);
  expect(warnings()).toEqual([['convforge: a'], ['convforge: b'], ['convforge: a'], ['convforge: b']]);
});

it('warn shows a message each time', () => {
  warn('a');
  warn('a');
  expect(warnings()).toHaveLength(2);
});
