/** Milliseconds of work before the event loop may run. */
const LONGEST_WORK = 5;

/**
 * Yields the elements, and lets the event loop run now and then. Elements that need no waiting would
 * otherwise block timers, signals and sockets.
 */
export async function* breathe<T>(elements: Iterable<T> | AsyncIterable<T>): AsyncGenerator<T> {
  let lastTurn = performance.now();
  for await (const element of elements) {
    if (performance.now() - lastTurn > LONGEST_WORK) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      lastTurn = performance.now();
    }
    yield element;
  }
}
