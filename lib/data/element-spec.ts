import { INSPECT, type InspectArguments, inspected, join } from '../inspect.js';
import { isPlainObject } from '../options.js';
import { Tensor } from '../tensor/index.js';

/** What is known of a dataset's elements before any is read. */
export interface Known {
  /** The size of `batch`, also in datasets made of a batched one. */
  batchSize?: number;
  /** Returns undefined if there are no elements. */
  element?: () => ElementSpec | undefined;
}

/** Kind, shape and dtype of an element; for objects and lists of tensors, those of each value. */
export type ElementSpec = ValueSpec | readonly ElementSpec[] | { readonly [key: string]: ElementSpec };

/** Describes a value: `Tensor [28, 28, 1] uint8`, `number`. */
export class ValueSpec {
  constructor(
    /** The type or class. */
    readonly kind: string,
    /** The sizes of its axes, null for one that varies. Undefined for a number or a string. */
    readonly shape?: readonly (number | null)[],
    readonly dtype = '',
  ) {}

  [INSPECT](...asked: InspectArguments): string {
    return inspected(this, asked, ({ kind, shape, dtype }, look) =>
      join(kind, shape ? look.value([...shape]) : '', dtype),
    );
  }
}

/** Describes an element. Nested arrays must be rectangular. */
export function specOf(element: unknown): ElementSpec {
  if (element instanceof Tensor) return new ValueSpec('Tensor', element.shape, element.dtype);
  if (ArrayBuffer.isView(element)) return new ValueSpec(nameOf(element), [(element as Uint8Array).length]);
  if (isPlainObject(element)) {
    return Object.fromEntries(Object.entries(element).map(([key, value]) => [key, specOf(value)]));
  }
  if (!Array.isArray(element)) {
    return new ValueSpec(element !== null && typeof element === 'object' ? nameOf(element) : typeof element);
  }
  if (element[0] instanceof Tensor) return element.map(specOf);
  const shape: number[] = [];
  for (let part: unknown = element; Array.isArray(part); part = part[0]) shape.push(part.length);
  return new ValueSpec('Array', shape);
}

/** Describes a batch of such elements, as `collate` makes it; undefined if nothing is known of them. */
export function batchSpecOf(element: ElementSpec | undefined): ElementSpec | undefined {
  return element && inBatch(element);
}

function inBatch(element: ElementSpec): ElementSpec {
  if (Array.isArray(element)) return element.map(inBatch);
  if (!(element instanceof ValueSpec)) {
    const entries = Object.entries(element as { readonly [key: string]: ElementSpec });
    return Object.fromEntries(entries.map(([key, value]) => [key, inBatch(value)]));
  }
  const { kind, shape = [], dtype } = element;
  if (kind === 'string') return new ValueSpec('Array', [null], 'string');
  return new ValueSpec('Tensor', [null, ...shape], dtype || dtypeOf(kind));
}

/** The dtype of the tensor that values of this kind become; '' if it depends on the values. */
function dtypeOf(kind: string): string {
  if (kind === 'Array') return '';
  if (kind === 'boolean') return 'bool';
  if (kind === 'Uint8Array' || kind === 'Uint8ClampedArray' || kind === 'Buffer') return 'uint8';
  return /^(Int|Uint)\d+Array$/.test(kind) ? 'int32' : 'float32';
}

function nameOf(value: object): string {
  return value.constructor?.name ?? 'Object';
}
