import { RandomGenerator } from '../../../lib/random/index.js';

/** Random choices from a seed. */
export class Draw {
  readonly #random: RandomGenerator;

  constructor(seed: number) {
    this.#random = new RandomGenerator(seed);
  }

  /** An integer from `low` to `high`, inclusive. */
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

  /** The result of `value`, or an empty object. */
  maybe<T extends object>(probability: number, value: () => T): T | Record<string, never> {
    return this.chance(probability) ? value() : {};
  }
}
