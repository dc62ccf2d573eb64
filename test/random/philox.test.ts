import { describe, expect, it } from 'vitest';
import { philox, philoxKey } from '../../lib/random/philox.js';

const ALL = 0xffffffff;

/** From the known-answer file of Random123, the authors' library: philox4x32, 10 rounds. */
describe('philox', () => {
  it.each([
    { counter: [0, 0, 0, 0], key: [0, 0], words: [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8] },
    {
      counter: [ALL, ALL, ALL, ALL],
      key: [ALL, ALL],
      words: [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    },
    {
      counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      key: [0xa4093822, 0x299f31d0],
      words: [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    },
  ] as const)('gives the known answer for counter $counter', ({ counter, key, words }) => {
    const out = new Uint32Array(4);
    philox(counter, key, out);
    expect([...out]).toEqual(words);
  });

  it('splits a seed of 53 bits into two words', () => {
    expect(philoxKey(0)).toEqual([0, 0]);
    expect(philoxKey(2 ** 32 + 5)).toEqual([5, 1]);
    expect(philoxKey(2 ** 53 - 1)).toEqual([0xffffffff, 0x1fffff]);
  });
});
