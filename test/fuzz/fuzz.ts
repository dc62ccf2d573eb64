import fc from 'fast-check';
import { expect } from 'vitest';
import { ConvforgeError } from '../../lib/errors.js';

/** The number of inputs of each fuzzer; FUZZ_RUNS raises it. */
export const RUNS = Number(process.env.FUZZ_RUNS ?? 150);

/** What inputs are made from. Without FUZZ_SEED it is always the same, unless there are many runs. */
export const SEED = Number(
  process.env.FUZZ_SEED ?? (process.env.FUZZ_RUNS === undefined ? 1 : Date.now() % 2 ** 31),
);

/** A hang fails its test. An input takes milliseconds. */
export const LIMIT_MS = 60_000 + RUNS * 100;

/** How many inputs were taken and refused, and how often by each code. */
export class Outcomes {
  readonly #counts = new Map<string, number>();

  /**
   * Runs `action`. It must end, or throw or reject with a ConvforgeError that doesn't tell of a bug. Returns
   * whether it ended.
   */
  async of(action: () => unknown): Promise<boolean> {
    const outcome = await Promise.resolve()
      .then(action)
      .then(
        () => 'loaded',
        (error: unknown) => error,
      );
    if (typeof outcome !== 'string') {
      expect(outcome, describeError(outcome)).toBeInstanceOf(ConvforgeError);
      expect((outcome as ConvforgeError).code, describeError(outcome)).not.toBe('INTERNAL');
    }
    const name = typeof outcome === 'string' ? outcome : (outcome as ConvforgeError).code;
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    return outcome === 'loaded';
  }

  count(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  toString(): string {
    const counts = [...this.#counts].sort(([, a], [, b]) => b - a);
    return counts.map(([name, count]) => `${count} ${name}`).join(', ');
  }
}

function describeError(error: unknown): string {
  return error instanceof Error ? `${error.stack}` : String(error);
}

/**
 * Runs `property` on RUNS inputs of `arbitrary`, then prints the seed and what came of them. An input that
 * breaks the property is made smaller, and is printed.
 *
 * @param found Inputs that once broke the property. They come first.
 */
export async function fuzz<Input>(
  name: string,
  arbitrary: fc.Arbitrary<Input>,
  property: (input: Input, outcomes: Outcomes) => Promise<void>,
  found: readonly Input[] = [],
): Promise<Outcomes> {
  const outcomes = new Outcomes();
  await fc.assert(
    fc.asyncProperty(arbitrary, (input) => property(input, outcomes)),
    { seed: SEED, numRuns: RUNS, examples: found.map((input) => [input] as [Input]) },
  );
  console.log(`${name}: seed ${SEED}, ${RUNS} inputs: ${outcomes}`);
  return outcomes;
}
