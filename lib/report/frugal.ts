/** Share of the time that repeated work may take. */
const SHARE = 0.02;

/** Repetitions that are never left out. */
const FIRST = 20;

/** Repeats work that grows, or that may be long beside what it tells of: at most 2 % of the time. */
export class Frugal {
  #count = 0;
  #next = Number.NEGATIVE_INFINITY;

  /** Does the work, or resolves to undefined if it isn't due. */
  async run<T>(work: () => Promise<T>): Promise<T | undefined> {
    const started = performance.now();
    if (this.#count >= FIRST && started < this.#next) return undefined;
    this.#count++;
    const result = await work();
    const ended = performance.now();
    this.#next = ended + (ended - started) / SHARE;
    return result;
  }
}
