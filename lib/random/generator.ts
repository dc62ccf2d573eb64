import { ConvforgeError } from '../errors.js';
import { show } from '../options.js';
import { naturalLogarithm } from './logarithm.js';
import { philox, philoxKey, type PhiloxKey } from './philox.js';

/**
 * Counter words that the engines never use: they count steps there. One seed can serve both without shared
 * numbers.
 */
const OWN_STREAM = 0xffffffff;

/** What a generator will draw, as plain data: see {@link RandomGenerator.getState}. */
export interface GeneratorState {
  key: readonly [number, number];
  /** Blocks generated so far. */
  blocks: number;
  /** The index of the block's next word; 4 when all are used. */
  next: number;
  spareNormal: number | null;
}

/**
 * Generates random numbers from a seed, the same on every machine: they come from Philox and from arithmetic
 * that IEEE 754 rounds exactly.
 */
export class RandomGenerator {
  #key: PhiloxKey;
  readonly #words = new Uint32Array(4);
  /** Blocks generated so far. */
  #blocks = 0;
  /** The index of the block's next word; 4 when all are used. */
  #next = 4;
  /** The second of the two normal numbers that are generated together. */
  #spareNormal?: number;

  /** @param seed A whole number in [0, 2^53). */
  constructor(seed: number) {
    if (!Number.isSafeInteger(seed) || seed < 0) {
      throw new ConvforgeError(
        'INVALID_ARGUMENT',
        `seed is ${show(seed)}; it must be a whole number in [0, 2^53).`,
      );
    }
    this.#key = philoxKey(seed);
  }

  /**
   * What it will draw next.
   *
   * @internal
   */
  getState(): GeneratorState {
    const [low, high] = this.#key;
    return {
      key: [low, high],
      blocks: this.#blocks,
      next: this.#next,
      spareNormal: this.#spareNormal ?? null,
    };
  }

  /**
   * Makes it draw what it would have drawn in this state.
   *
   * @internal
   */
  setState({ key, blocks, next, spareNormal }: GeneratorState): void {
    this.#key = key;
    this.#blocks = blocks;
    this.#next = next;
    this.#spareNormal = spareNormal ?? undefined;
    if (next < 4) this.#generate(blocks - 1);
  }

  /** A number in [0, 1), a multiple of 2^-53. */
  uniform(): number {
    return this.#bits53() / 2 ** 53;
  }

  /** A uniform whole number in [0, bound); bound must be from 1 to 2^53. */
  integer(bound: number): number {
    if (!Number.isInteger(bound) || bound < 1 || bound > 2 ** 53) {
      throw new ConvforgeError(
        'INVALID_ARGUMENT',
        `integer: bound is ${show(bound)}; it must be a whole number from 1 to 2^53.`,
      );
    }
    const limit = 2 ** 53 - (2 ** 53 % bound);
    let bits = this.#bits53();
    while (bits >= limit) bits = this.#bits53();
    return bits % bound;
  }

  /** A normal number with mean 0 and standard deviation 1 (Marsaglia's polar method). */
  normal(): number {
    if (this.#spareNormal !== undefined) {
      const spare = this.#spareNormal;
      this.#spareNormal = undefined;
      return spare;
    }
    for (;;) {
      const u = 2 * this.uniform() - 1;
      const v = 2 * this.uniform() - 1;
      const s = u * u + v * v;
      if (s > 0 && s < 1) {
        const factor = Math.sqrt((-2 * naturalLogarithm(s)) / s);
        this.#spareNormal = v * factor;
        return u * factor;
      }
    }
  }

  /** A normal number, drawn again while its absolute value exceeds 2. Its standard deviation is 0.8796. */
  truncatedNormal(): number {
    let value = this.normal();
    while (Math.abs(value) > 2) value = this.normal();
    return value;
  }

  /** The numbers from 0 to n - 1 in random order (Fisher-Yates). */
  permutation(n: number): Uint32Array {
    const order = Uint32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [order[i], order[j]] = [order[j], order[i]];
    }
    return order;
  }

  #bits53(): number {
    const high = this.#word() >>> 5;
    return high * 2 ** 26 + (this.#word() >>> 6);
  }

  #word(): number {
    if (this.#next === 4) {
      this.#generate(this.#blocks++);
      this.#next = 0;
    }
    return this.#words[this.#next++];
  }

  #generate(block: number): void {
    const [low, high] = philoxKey(block);
    philox([low, high, OWN_STREAM, OWN_STREAM], this.#key, this.#words);
  }
}
