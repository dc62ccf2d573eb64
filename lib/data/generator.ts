import { OptionChecks, show } from '../options.js';
import { withPauses } from './yield-to-event-loop.js';
import { Dataset } from './dataset.js';
import type { Elements } from './stages.js';

/** What a function for data.generator returns: an iterator or an iterable. */
export type Generated<T> =
  | Iterable<T>
  | AsyncIterable<T>
  | Iterator<T, unknown, undefined>
  | AsyncIterator<T, unknown, undefined>;

/**
 * A dataset of the elements that `generate` yields. It is called anew for each pass. It may be a generator
 * function, asynchronous or not, or a function that returns an iterator or a promise of one. If reading stops
 * early, the iterator's return() is called if it has one.
 *
 * @throws INVALID_ARGUMENT if `generate` is not a function; when read, if it returns nothing iterable.
 */
export function generator<T>(generate: () => Generated<T> | Promise<Generated<T>>): Dataset<T> {
  if (typeof generate !== 'function') {
    checks.fail('INVALID_ARGUMENT', `${show(generate)} is not a function; give a generator function.`);
  }
  const read = async function* (): Elements<T> {
    yield* withPauses(toIterable(await generate()));
  };
  return new Dataset(read, null);
}

const checks: OptionChecks = new OptionChecks('data.generator');

function toIterable<T>(generated: unknown): Iterable<T> | AsyncIterable<T> {
  if (generated !== null && typeof generated === 'object') {
    if (Symbol.asyncIterator in generated || Symbol.iterator in generated)
      return generated as AsyncIterable<T>;
    if ('next' in generated && typeof generated.next === 'function') {
      const steps = generated as AsyncIterator<T>;
      return { [Symbol.asyncIterator]: () => steps };
    }
  }
  return checks.fail(
    'INVALID_ARGUMENT',
    `the function returned ${show(generated)}; it must be a generator function, or return an iterator.`,
  );
}
