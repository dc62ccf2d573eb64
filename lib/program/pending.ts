import type { Pending } from './engine.js';

/** What `map` makes of a result, in whichever way that is asked for. */
export function mapPending<A, B>(pending: Pending<A>, map: (value: A) => B): Pending<B> {
  return {
    get promise() {
      return pending.promise.then(map);
    },
    wait: () => map(pending.wait()),
  };
}
