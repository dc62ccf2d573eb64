/** Resolves after one turn of the event loop. A fit needs no such pauses: it runs on a thread of its own. */
export function nextFrame(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
