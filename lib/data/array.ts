import { OptionChecks, show } from '../options.js';
import { withPauses } from './yield-to-event-loop.js';
import { Dataset } from './dataset.js';
import { specOf } from './element-spec.js';

/**
 * A dataset of a list's elements: numbers, nested arrays, tensors or objects {xs, ys} of them. To pair lists,
 * use `zip`.
 *
 * @throws INVALID_ARGUMENT if `items` is not a list.
 */
export function array<T>(items: ArrayLike<T>): Dataset<T> {
  if (!Array.isArray(items) && !(ArrayBuffer.isView(items) && 'length' in items)) {
    new OptionChecks('data.array').fail(
      'INVALID_ARGUMENT',
      `${show(items)} is not a list; give an array or a typed array.`,
    );
  }
  return new Dataset(() => withPauses(items as Iterable<T> & ArrayLike<T>), items.length).knowing({
    element: () => (items.length > 0 ? specOf(items[0]) : undefined),
  });
}
