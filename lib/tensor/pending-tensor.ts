import type { Shape } from './shapes.js';
import { Tensor } from './tensor.js';

/** A result that can be awaited, or waited for with the thread blocked. Without its promise nothing but the caller keeps it. */
export interface Pending<T> {
  readonly promise: Promise<T>;
  wait(): T;
}

/** What `map` makes of a result, in whichever way that is asked for. */
export function mapPending<A, B>(pending: Pending<A>, map: (value: A) => B): Pending<B> {
  return {
    get promise() {
      return pending.promise.then(map);
    },
    wait: () => map(pending.wait()),
  };
}

/**
 * A tensor whose values are still being computed. Await it (or data()) to leave the thread free meanwhile; dataSync(), and
 * whatever reads values, waits with the thread blocked. Errors of the computation come out there.
 */
export class PendingTensor extends Tensor implements PromiseLike<Tensor> {
  readonly #pending: Pending<Float32Array>;
  #promise?: Promise<Tensor>;

  private constructor(pending: Pending<Float32Array>, shape: Shape) {
    super(() => pending.wait(), shape, 'float32');
    this.#pending = pending;
  }

  /** Made when it is asked for: a loop that only uses dataSync() would keep all results alive until it leaves the thread. */
  get #settled(): Promise<Tensor> {
    this.#promise ??= this.#pending.promise.then((values) => new Tensor(values, this.shape, 'float32'));
    return this.#promise;
  }

  /** @internal */
  static from(pending: Pending<Float32Array>, shape: Shape): PendingTensor {
    return new PendingTensor(pending, shape);
  }

  /** Settles as a plain tensor once the values are there, or with the computation's error. */
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
