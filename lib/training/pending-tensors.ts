import type { PendingTensor, Tensor } from '../tensor/index.js';

/**
 * A list whose first elements the compiler takes for granted, also under `noUncheckedIndexedAccess`: `const [loss, accuracy] = ...`. How
 * many there are depends on the model's outputs or metrics, which it can't know.
 */
export type Listed<T> = T[] & {
  /** The first. */
  0: T;
  /** The second. */
  1: T;
  /** The third. */
  2: T;
  /** The fourth. */
  3: T;
};

/** Tensors that are still being computed: await them all at once, or use each as it is. Types as for {@link Listed}. */
export class PendingTensors extends Array<PendingTensor> implements PromiseLike<Listed<Tensor>> {
  /** The first. */
  declare 0: PendingTensor;
  /** The second. */
  declare 1: PendingTensor;
  /** The third. */
  declare 2: PendingTensor;
  /** The fourth. */
  declare 3: PendingTensor;

  /** map, slice and the like give plain arrays, which aren't awaitable. */
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  constructor(tensors: readonly PendingTensor[]) {
    super();
    this.push(...tensors);
  }

  // biome-ignore lint/suspicious/noThenProperty: being awaited is what this class is for; it settles as a plain array.
  then<A = Listed<Tensor>, B = never>(
    onFulfilled?: ((tensors: Listed<Tensor>) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return (Promise.all([...this]) as Promise<Listed<Tensor>>).then(onFulfilled, onRejected);
  }
}
