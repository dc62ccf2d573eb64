import type { Shape } from './shapes.js';
import { Tensor } from './tensor.js';

/**
 * A result that can be awaited, or waited for by blocking the thread. Only the caller keeps it alive until
 * its promise is asked for.
 */
export interface Pending<T> {
  readonly promise: Promise<T>;
  wait(): T;
}

/** The result of `map` on a pending result, itself pending. */
export function mapPending<A, B>(pending: Pending<A>, map: (value: A) => B): Pending<B> {
  return {
    get promise() {
      return pending.promise.then(map);
    },
    wait: () => map(pending.wait()),
  };
}

/** A result that fails with this error. */
export function failedPending<T>(error: unknown): Pending<T> {
  return {
    get promise() {
      return Promise.reject(error);
    },
    wait: () => {
      throw error;
    },
  };
}

/**
 * A tensor whose values are still being computed. Await it (or data()) to keep the thread free. dataSync()
 * and other synchronous reads block the thread, and throw the computation's errors.
 */
export class PendingTensor extends Tensor implements PromiseLike<Tensor> {
  readonly #pending: Pending<Float32Array>;
  #promise?: Promise<Tensor>;

  private constructor(pending: Pending<Float32Array>, shape: Shape) {
    super(() => pending.wait(), shape, 'float32');
    this.#pending = pending;
  }

  /**
   * Made on first use. Otherwise a loop that only calls dataSync() would keep all results alive until it
   * yields to the event loop.
   */
  get #settled(): Promise<Tensor> {
    this.#promise ??= this.#pending.promise.then((values) => new Tensor(values, this.shape, 'float32'));
    return this.#promise;
  }

  /** @internal */
  static from(pending: Pending<Float32Array>, shape: Shape): PendingTensor {
    return new PendingTensor(pending, shape);
  }

  /** Resolves to a plain tensor once the values are there, or rejects with the computation's error. */
  // biome-ignore lint/suspicious/noThenProperty: being awaited is what this class is for; it settles as a plain tensor.
  then<A = Tensor, B = never>(
    onFulfilled?: ((tensor: Tensor) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#settled.then(onFulfilled, onRejected);
  }

  /** The values, without blocking the thread. Rejects with the computation's error. */
  override async data(): Promise<Float32Array> {
    if (!this.isDisposed) await this.#settled;
    return this.dataSync() as Float32Array;
  }
}

/**
 * A list whose first elements exist for the compiler, also under `noUncheckedIndexedAccess`: `const [loss,
 * accuracy] = ...`. The compiler can't know its length, which depends on the model's outputs or metrics.
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

/**
 * Tensors that are still being computed. Await them all at once, or use each by itself. Types as for {@link
 * Listed}.
 */
export class PendingTensors extends Array<PendingTensor> implements PromiseLike<Listed<Tensor>> {
  /** The first. */
  declare 0: PendingTensor;
  /** The second. */
  declare 1: PendingTensor;
  /** The third. */
  declare 2: PendingTensor;
  /** The fourth. */
  declare 3: PendingTensor;

  /** map, slice and so on return plain arrays, which can't be awaited. */
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
