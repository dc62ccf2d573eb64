/** Resolves when the event loop has been round once. A fit needs no such pauses: it runs beside the event loop. */
export function nextFrame(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
