import { turnOfEventLoop } from '../program/sliced-work.js';

/** Milliseconds of work before the event loop may run. */
const MAX_WORK = 5;

/**
 * Yields the elements, and lets the event loop run now and then. Elements that need no waiting would
 * otherwise block timers, signals and sockets.
 */
export async function* withPauses<T>(elements: Iterable<T> | AsyncIterable<T>): AsyncGenerator<T> {
  let lastPause = performance.now();
  for await (const element of elements) {
    if (performance.now() - lastPause > MAX_WORK) {
      await turnOfEventLoop();
      lastPause = performance.now();
    }
    yield element;
  }
}
