import type { Tensor } from '../tensor/index.js';
import type { Sample } from './served-model.js';

/** A request that waits for its outputs. */
export interface PredictRequest {
  readonly sample: Sample;
  /** When it came, in milliseconds of performance.now(). */
  readonly since: number;
  /** Until when it may wait for others to share its batch, on the same clock. */
  readonly deadline: number;
  resolve(outputs: Tensor[]): void;
  reject(error: unknown): void;
}

/** Waiting requests, in lanes of those that can share a batch. Lanes take turns. */
export class RequestQueue {
  /** By the samples' key, the lane whose turn it is first. No lane is empty. */
  readonly #lanes = new Map<string, PredictRequest[]>();
  #size = 0;

  /** Number of waiting requests. */
  get size(): number {
    return this.#size;
  }

  /** The lane whose turn it is, oldest request first. The queue must not be empty. */
  get next(): readonly PredictRequest[] {
    const [[, lane]] = this.#lanes;
    return lane;
  }

  push(request: PredictRequest): void {
    const { key } = request.sample;
    const lane = this.#lanes.get(key);
    if (lane) lane.push(request);
    else this.#lanes.set(key, [request]);
    this.#size++;
  }

  /** Removes a request, if it still waits. */
  remove(request: PredictRequest): void {
    const { key } = request.sample;
    const lane = this.#lanes.get(key);
    const index = lane?.indexOf(request) ?? -1;
    if (lane === undefined || index < 0) return;
    lane.splice(index, 1);
    this.#size--;
    if (lane.length === 0) this.#lanes.delete(key);
  }

  /** Removes up to `count` requests of the next lane, oldest first. */
  take(count: number): PredictRequest[] {
    const [[key, lane]] = this.#lanes;
    const taken = lane.splice(0, count);
    this.#size -= taken.length;
    this.#lanes.delete(key);
    if (lane.length > 0) this.#lanes.set(key, lane);
    return taken;
  }
}
