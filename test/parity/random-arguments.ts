import { RandomGenerator } from '../../lib/random/index.js';

/** A tensor as plain data, which both libraries can make. */
export interface Values {
  values: number[];
  shape: number[];
  dtype: 'float32' | 'int32' | 'bool';
}

/** Draws arguments for functions on tensors from a seed. */
export class RandomArguments {
  readonly #generator: RandomGenerator;

  constructor(seed: number) {
    this.#generator = new RandomGenerator(seed);
  }

  /** A whole number in [low, high]. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.#generator.uniform() * (high - low + 1));
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.whole(0, choices.length - 1)];
  }

  /** True or false with equal probability. */
  chance(): boolean {
    return this.whole(0, 1) === 1;
  }

  /** Sizes from 1 to 4, of `low` to `high` axes. */
  shape(low = 0, high = 4): number[] {
    return Array.from({ length: this.whole(low, high) }, () => this.whole(1, 4));
  }

  /** One of `rank` axes, counted from the front or from the back. */
  axis(rank: number): number {
    return this.whole(-rank, rank - 1);
  }

  /** undefined, one axis, or several. */
  axes(rank: number): number | number[] | undefined {
    if (rank === 0 || this.whole(0, 3) === 0) return undefined;
    if (this.chance()) return this.axis(rank);
    return this.order(rank).slice(0, this.whole(1, rank));
  }

  /** 0 to n - 1 in random order. */
  order(n: number): number[] {
    return Array.from(this.#generator.permutation(n));
  }

  /** Fractions between -3 and 3 with ties and zeros among them; whole numbers from -5 to 5; or booleans. */
  tensor(
    shape = this.shape(),
    dtype: Values['dtype'] = this.pick(['float32', 'float32', 'int32', 'bool']),
  ): Values {
    const draw = {
      float32: () =>
        this.whole(0, 3) === 0 ? this.whole(-2, 2) / 2 : Math.fround(this.#generator.uniform() * 6 - 3),
      int32: () => this.whole(-5, 5),
      bool: () => this.whole(0, 1),
    }[dtype];
    const size = shape.reduce((product, length) => product * length, 1);
    return { values: Array.from({ length: size }, draw), shape, dtype };
  }

  /** Two shapes that can be broadcast, or occasionally can't. */
  pair(): [number[], number[]] {
    const shape = this.shape();
    const part = () =>
      shape.slice(this.whole(0, shape.length)).map((size) => (this.whole(0, 3) === 0 ? 1 : size));
    return this.chance() ? [shape, part()] : [part(), shape];
  }
}

export function isValues(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && 'values' in value && 'dtype' in value;
}
