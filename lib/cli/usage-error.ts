/** A command line that can't be parsed. The message is one line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
