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

/** Requests that can share a batch, oldest first. There is at least one. */
export type Lane = readonly PredictRequest[];

/** Waiting requests, in lanes of those that can share a batch. Lanes take turns. */
export class RequestQueue {
  /** By the samples' key, the lane whose turn it is first. No lane is empty. */
  readonly #lanes = new Map<string, PredictRequest[]>();
  #size = 0;

  /** Number of waiting requests. */
  get size(): number {
    return this.#size;
  }

  /** Until when some request may wait at the longest: the first deadline. Infinity if none waits. */
  get deadline(): number {
    let first = Number.POSITIVE_INFINITY;
    for (const [{ deadline }] of this.#lanes.values()) first = Math.min(first, deadline);
    return first;
  }

  /** The first lane, in the order of their turns, of which `isReady` is true. Its oldest request comes first. */
  find(isReady: (lane: Lane) => boolean): Lane | undefined {
    for (const lane of this.#lanes.values()) if (isReady(lane)) return lane;
    return undefined;
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

  /** Removes up to `count` requests of a lane, oldest first. What is left of it has its turn last. */
  take(lane: Lane, count: number): PredictRequest[] {
    const { key } = lane[0].sample;
    const [taken, rest] = [lane.slice(0, count), lane.slice(count)];
    this.#size -= taken.length;
    this.#lanes.delete(key);
    if (rest.length > 0) this.#lanes.set(key, rest);
    return taken;
  }
}
