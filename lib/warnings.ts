/** Messages that were shown, by their owner. */
const shown = new WeakMap<object, Set<string>>();

/** Warns of a probable mistake, or of a problem that stops nothing. */
export function warn(message: string): void {
  console.warn(`convforge: ${message}`);
}

/** Warns once per `owner`, such as what a model was compiled with. */
export function warnOnce(owner: object, message: string): void {
  const messages = shown.get(owner) ?? new Set();
  shown.set(owner, messages);
  if (messages.has(message)) return;
  messages.add(message);
  warn(message);
}
