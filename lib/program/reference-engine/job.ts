import type { Pending } from '../../tensor/pending-tensor.js';

/** Milliseconds of work between two turns of the event loop. */
const SLICE = 10;

type Outcome<T> = { value: T } | { error: unknown };

/**
 * Work that a generator splits into steps by `yield`. The part before the first `yield`, which checks
 * arguments, runs at once. The rest runs when the result is requested: `promise` runs it in slices between
 * turns of the event loop, wait() in one go. It runs only once, however often the result is requested.
 */
export class Job<T> implements Pending<T> {
  readonly #steps: Generator<void, T>;
  #outcome?: Outcome<T>;
  #promise?: Promise<T>;

  constructor(steps: Generator<void, T>) {
    this.#steps = steps;
    this.#advance();
  }

  get promise(): Promise<T> {
    this.#promise ??= this.#runInSlices();
    return this.#promise;
  }

  wait(): T {
    while (!this.#outcome) this.#advance();
    return this.#result(this.#outcome);
  }

  async #runInSlices(): Promise<T> {
    while (!this.#outcome) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      const end = performance.now() + SLICE;
      while (!this.#outcome && performance.now() < end) this.#advance();
    }
    return this.#result(this.#outcome);
  }

  #advance(): void {
    try {
      const { done, value } = this.#steps.next();
      if (done) this.#outcome = { value: value as T };
    } catch (error) {
      this.#outcome = { error };
    }
  }

  #result(outcome: Outcome<T>): T {
    if ('error' in outcome) throw outcome.error;
    return outcome.value;
  }
}
