import type { PendingTensor, Tensor } from '../tensor/index.js';

/** Tensors that are still being computed: await them all at once, or use each as it is. */
export class PendingTensors extends Array<PendingTensor> implements PromiseLike<Tensor[]> {
  /** map, slice and the like give plain arrays, which aren't awaitable. */
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  constructor(tensors: readonly PendingTensor[]) {
    super();
    this.push(...tensors);
  }

  // biome-ignore lint/suspicious/noThenProperty: being awaited is what this class is for; it settles as a plain array.
  then<A = Tensor[], B = never>(
    onFulfilled?: ((tensors: Tensor[]) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return Promise.all([...this]).then(onFulfilled, onRejected);
  }
}
