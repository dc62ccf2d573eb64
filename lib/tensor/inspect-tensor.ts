import { classNameOf, join, type Look } from '../inspect.js';
import type { TypedArray } from './dtype.js';
import { formatValues } from './format.js';
import type { Tensor } from './tensor.js';

/** Values of a tensor within an object or a list that are shown, and only if it has one axis at most. */
const MOST_NESTED = 8;

/**
 * `Tensor [2, 3] float32` and the values: behind it if there is one axis at most, else on lines below. `values` is what the tensor keeps;
 * what isn't computed yet isn't waited for.
 */
export function inspectTensor(
  tensor: Tensor,
  values: TypedArray | (() => TypedArray) | undefined,
  look: Look,
): string {
  const head = `${classNameOf(tensor)} [${tensor.shape.map((size) => look.value(size)).join(', ')}] ${tensor.dtype}`;
  const missing = whyMissing(tensor, values);
  if (missing) return join(head, look.style(missing, 'special'));
  if (look.isNested && (tensor.rank > 1 || tensor.size > MOST_NESTED)) return head;
  const kind = tensor.dtype === 'bool' ? 'boolean' : 'number';
  const lines = formatValues(tensor, (text) => look.style(text, kind));
  return [head, ...lines].join(tensor.rank > 1 ? '\n' : ' ');
}

function whyMissing(tensor: Tensor, values: TypedArray | (() => TypedArray) | undefined): string {
  if (values === undefined) return '(disposed)';
  if (typeof values === 'function') return '(not computed yet)';
  return values.length === tensor.size ? '' : '(its memory was transferred)';
}
