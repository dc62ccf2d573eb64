import { turnOfEventLoop } from '../program/samples.js';

/**
 * Long work in slices of a few milliseconds, between which the event loop runs. Whoever can't wait for it may
 * finish it at once.
 */
export class Preparation<T> {
  /** Rejects with the error of a slice. */
  readonly ready: Promise<T>;
  readonly #slices: Iterator<void, T>;
  readonly #listeners: (() => void)[] = [];
  #outcome?: { value: T } | { error: unknown };
  #isRunning = false;

  /** Does the first slice. */
  constructor(slices: Iterator<void, T>) {
    this.#slices = slices;
    this.#next();
    this.ready = this.#run();
    // Whoever needs the result is told.
    this.ready.catch(() => undefined);
  }

  /** Whether a slice is being done. */
  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Calls `listener` as soon as the work is done, before finish() returns. It must not throw. */
  onEnd(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Does the rest in one go. Throws the error of a slice. */
  finish(): T {
    while (!this.#outcome) this.#next();
    if ('error' in this.#outcome) throw this.#outcome.error;
    return this.#outcome.value;
  }

  /** Gives up with this error, unless it has ended. */
  cancel(error: unknown): void {
    if (this.#outcome) return;
    this.#outcome = { error };
    this.#slices.return?.();
  }

  async #run(): Promise<T> {
    while (!this.#outcome) {
      await turnOfEventLoop();
      if (!this.#outcome) this.#next();
    }
    return this.finish();
  }

  #next(): void {
    this.#isRunning = true;
    try {
      const { done, value } = this.#slices.next();
      if (done) this.#outcome = { value };
    } catch (error) {
      this.#outcome = { error };
    }
    this.#isRunning = false;
    if (this.#outcome && 'value' in this.#outcome) for (const listener of this.#listeners) listener();
  }
}
