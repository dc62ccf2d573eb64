import type { Pending } from '../tensor/pending-tensor.js';

/** Milliseconds of work between two turns of the event loop. */
const SLICE = 5;

type Outcome<T> = { value: T } | { error: unknown };

/** Resolves once the event loop has run what waited. */
export function turnOfEventLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * Work that a generator splits into steps by `yield`. The part before the first `yield`, which checks
 * arguments, runs at once. The rest runs when the result is requested: `promise` runs it in slices between
 * turns of the event loop, wait() in one go. It runs only once, however often the result is requested.
 */
export class SlicedWork<T> implements Pending<T> {
  readonly #steps: Generator<void, T>;
  readonly #listeners: (() => void)[] = [];
  #isRunning = false;
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

  /** Whether a step is running: what it calls must not wait for the work. */
  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Calls `listener` when the work has given its result, before anybody gets it. It must not throw. */
  onResult(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Gives up with this error, unless the work has ended. */
  cancel(error: unknown): void {
    if (this.#outcome) return;
    this.#outcome = { error };
    this.#steps.return(undefined as never);
  }

  async #runInSlices(): Promise<T> {
    while (!this.#outcome) {
      await turnOfEventLoop();
      const end = performance.now() + SLICE;
      while (!this.#outcome && performance.now() < end) this.#advance();
    }
    return this.#result(this.#outcome);
  }

  #advance(): void {
    this.#isRunning = true;
    try {
      const { done, value } = this.#steps.next();
      if (done) this.#outcome = { value: value as T };
    } catch (error) {
      this.#outcome = { error };
    }
    this.#isRunning = false;
    if (this.#outcome && 'value' in this.#outcome) for (const listener of this.#listeners) listener();
  }

  #result(outcome: Outcome<T>): T {
    if ('error' in outcome) throw outcome.error;
    return outcome.value;
  }
}
