/** A command line that can't be understood: one line that says why. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
