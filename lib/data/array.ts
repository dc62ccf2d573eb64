import { OptionChecks, show } from '../options.js';
import { breathe } from './breathe.js';
import { Dataset } from './dataset.js';
import { specOf } from './element-spec.js';

/**
 * The elements of a list, such as numbers, nested arrays, tensors or objects {xs, ys} of them. To pair lists, zip their datasets.
 * @throws INVALID_ARGUMENT for what is no list.
 */
export function array<T>(items: ArrayLike<T>): Dataset<T> {
  if (!Array.isArray(items) && !(ArrayBuffer.isView(items) && 'length' in items)) {
    new OptionChecks('data.array').fail(
      'INVALID_ARGUMENT',
      `${show(items)} is no list; give an array or a typed array.`,
    );
  }
  return new Dataset(() => breathe(items as Iterable<T> & ArrayLike<T>), items.length).knowing({
    element: () => (items.length > 0 ? specOf(items[0]) : undefined),
  });
}
