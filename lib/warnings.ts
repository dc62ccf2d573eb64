/** What was told already, by what it is about. */
const told = new WeakMap<object, Set<string>>();

/** Tells people of what is probably a mistake, or of trouble that ends nothing. */
export function warn(message: string): void {
  console.warn(`convforge: ${message}`);
}

/** The same, once about each `owner`, such as what a model was compiled with. */
export function warnOnce(owner: object, message: string): void {
  const messages = told.get(owner) ?? new Set();
  told.set(owner, messages);
  if (messages.has(message)) return;
  messages.add(message);
  warn(message);
}
