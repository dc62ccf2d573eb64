import { ConvforgeError } from '../errors.js';
import { RandomGenerator } from '../random/index.js';

/** The elements of a pass. return() ends the reading. */
export type Elements<T> = AsyncGenerator<T, void, void>;

export async function* mapped<T, U>(
  elements: Elements<T>,
  change: (element: T) => U | Promise<U>,
): Elements<U> {
  for await (const element of elements) yield await change(element);
}

/**
 * Applies `change` to up to `count` elements at a time. Results come in the order of the elements, and an
 * error is thrown in its element's place. While the consumer is busy, up to `count` - 1 results wait for it.
 */
export async function* mappedAhead<T, U>(
  elements: Elements<T>,
  change: (element: T) => Promise<U>,
  count: number,
): Elements<U> {
  const started: Promise<U>[] = [];
  for await (const element of elements) {
    const result = change(element);
    // It is thrown below, or by nobody if the consumer stops before.
    result.catch(() => undefined);
    started.push(result);
    if (started.length >= count) yield (await started.shift()) as U;
  }
  while (started.length > 0) yield (await started.shift()) as U;
}

export async function* filtered<T>(
  elements: Elements<T>,
  holds: (element: T) => boolean | Promise<boolean>,
): Elements<T> {
  for await (const element of elements) if (await holds(element)) yield element;
}

/** The elements whose entry in `isFirst` is `first`. `isFirst` must have an entry for each element. */
export async function* partOf<T>(
  elements: Elements<T>,
  isFirst: readonly boolean[],
  first: boolean,
): Elements<T> {
  let index = 0;
  for await (const element of elements) {
    if (isFirst[index++] === first) yield element;
  }
  if (index === isFirst.length) return;
  throw new ConvforgeError(
    'INVALID_ARGUMENT',
    `dataset.split: there are ${index} elements, but ${isFirst.length} when they were split; split a dataset whose number of elements never changes.`,
  );
}

/** The first `count` elements. Never reads beyond them. */
export async function* taken<T>(elements: Elements<T>, count: number): Elements<T> {
  if (count === 0) return;
  let left = count;
  for await (const element of elements) {
    yield element;
    left--;
    if (left === 0) return;
  }
}

export async function* skipped<T>(elements: Elements<T>, count: number): Elements<T> {
  let left = count;
  for await (const element of elements) {
    if (left > 0) left--;
    else yield element;
  }
}

/** Every `count`-th element, from the one at `first` on. */
export async function* every<T>(elements: Elements<T>, count: number, first: number): Elements<T> {
  let place = 0;
  for await (const element of elements) if (place++ % count === first) yield element;
}

/** Lists of `size` elements. The last may be shorter, or is left out. */
export async function* grouped<T>(elements: Elements<T>, size: number, smallLast: boolean): Elements<T[]> {
  let group: T[] = [];
  for await (const element of elements) {
    group.push(element);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (smallLast && group.length > 0) yield group;
}

/** Draws each element from a buffer of `bufferSize`, which is kept full while there are elements. */
export async function* shuffled<T>(elements: Elements<T>, bufferSize: number, seed: number): Elements<T> {
  const random = new RandomGenerator(seed);
  const buffer: T[] = [];
  for await (const element of elements) {
    if (buffer.length < bufferSize) {
      buffer.push(element);
      continue;
    }
    const drawn = random.integer(bufferSize);
    yield buffer[drawn];
    buffer[drawn] = element;
  }
  while (buffer.length > 0) {
    const drawn = random.integer(buffer.length);
    const element = buffer[drawn];
    buffer[drawn] = buffer[buffer.length - 1];
    buffer.pop();
    yield element;
  }
}

/** The elements of `count` passes. Ends with the first pass that has none. */
export async function* repeated<T>(pass: (round: number) => Elements<T>, count: number): Elements<T> {
  for (let round = 0; round < count; round++) {
    let isEmpty = true;
    for await (const element of pass(round)) {
      isEmpty = false;
      yield element;
    }
    if (isEmpty) return;
  }
}

/**
 * Reads up to `bufferSize` elements while the consumer is busy. An error is thrown in its element's place.
 */
export async function* prefetched<T>(elements: Elements<T>, bufferSize: number): Elements<T> {
  const ahead: Promise<IteratorResult<T, void>>[] = [];
  let last: Promise<unknown> = Promise.resolve();
  let isClosed = false;
  const readOne = () => {
    const next = last.then(() => (isClosed ? { done: true as const, value: undefined } : elements.next()));
    next.catch(() => undefined);
    ahead.push(next);
    last = next;
  };
  try {
    for (let i = 0; i < bufferSize; i++) readOne();
    for (;;) {
      const { done, value } = (await ahead.shift()) as IteratorResult<T, void>;
      if (done) return;
      readOne();
      yield value;
    }
  } finally {
    isClosed = true;
    await elements.return();
  }
}
