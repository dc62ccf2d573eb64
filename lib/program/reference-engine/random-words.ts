import { type PhiloxCounter, philox, philoxKey } from '../../random/philox.js';
import type { RandomSource } from '../contracts/index.js';
import type { NodeDescription } from '../description.js';
import { checkFlag, fail } from './checks.js';
import type { RandomState } from './op.js';

/** A node of an op that draws. */
type RandomNode = NodeDescription & { attributes: RandomSource };

/** Calls visit with the random words 0 to count - 1 of a node in one step, as RandomSource defines them. */
export function forEachWord(
  { attributes }: RandomNode,
  { seed, step }: RandomState,
  count: number,
  visit: (word: number, e: number) => void,
): void {
  const key = philoxKey(attributes.seed ?? seed);
  const words = new Uint32Array(4);
  for (let block = 0; block * 4 < count; block++) {
    const counter: PhiloxCounter = [block, attributes.stream, step >>> 0, Math.floor(step / 2 ** 32)];
    philox(counter, key, words);
    for (let e = block * 4; e < Math.min(count, block * 4 + 4); e++) visit(words[e % 4], e);
  }
}

/** The four draws of each sample, in [0, 1). */
export function drawsOf(node: RandomNode, random: RandomState, samples: number): number[][] {
  const draws = Array.from({ length: samples }, () => [0, 0, 0, 0]);
  forEachWord(node, random, samples * 4, (word, e) => {
    draws[Math.floor(e / 4)][e % 4] = word / 2 ** 32;
  });
  return draws;
}

/** Checks the attributes of RandomSource. */
export function checkRandomSource(node: RandomNode): void {
  const { stream, seed = 0 } = node.attributes;
  checkFlag(node, 'always');
  if (!Number.isInteger(stream) || stream < 0 || stream >= 2 ** 32) {
    fail(node, 'INVALID_ARGUMENT', `stream is ${stream}; it must be a whole number in [0, 2^32).`);
  }
  if (!Number.isSafeInteger(seed) || seed < 0) {
    fail(node, 'INVALID_ARGUMENT', `seed is ${seed}; it must be a whole number in [0, 2^53).`);
  }
}
