import { RandomGenerator } from '../../../lib/random/index.js';

/** Choices that follow from a seed. */
export class Draw {
  readonly #random: RandomGenerator;

  constructor(seed: number) {
    this.#random = new RandomGenerator(seed);
  }

  /** From `low` to `high`, both included. */
  whole(low: number, high: number): number {
    return low + this.#random.integer(high - low + 1);
  }

  number(low: number, high: number): number {
    return low + (high - low) * this.#random.uniform();
  }

  normal(): number {
    return this.#random.normal();
  }

  chance(probability: number): boolean {
    return this.#random.uniform() < probability;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.#random.integer(list.length)];
  }

  /** What `value` gives, or nothing. */
  maybe<T extends object>(probability: number, value: () => T): T | Record<string, never> {
    return this.chance(probability) ? value() : {};
  }
}
