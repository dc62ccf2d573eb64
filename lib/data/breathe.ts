/** Milliseconds of work between two turns of the event loop. */
const LONGEST_WORK = 5;

/**
 * The elements of any iterable, with a turn of the event loop now and then: elements that are there at once would otherwise keep timers,
 * signals and sockets waiting for as long as they last.
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
