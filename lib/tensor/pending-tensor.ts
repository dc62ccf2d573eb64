import type { Shape } from '../program/description.js';
import type { Pending } from '../program/engine.js';
import { Tensor } from './tensor.js';

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
