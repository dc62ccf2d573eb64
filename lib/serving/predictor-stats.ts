/** Number of latencies that percentiles are taken of. */
const WINDOW = 2048;

/** Latencies of requests in milliseconds, from the call of predict to its result. */
export interface Latencies {
  /** The median. NaN before the first request was served. */
  p50: number;
  /** The 99th percentile. NaN before the first request was served. */
  p99: number;
}

/** What a predictor has done since it was made, and what it does now. */
export interface PredictorStats {
  /** Requests that wait for a batch. */
  queued: number;
  /** Requests whose batch runs. */
  running: number;
  /** Requests that got their outputs. */
  served: number;
  /** Requests that got another error than those below, since the computation failed. */
  failed: number;
  /** Requests whose sample didn't fit the model. */
  invalid: number;
  /** Requests that were refused with QUEUE_FULL. */
  rejected: number;
  /** Requests that their signal ended. */
  aborted: number;
  /** Batches that were computed. Warm-ups don't count. */
  batches: number;
  /** Number of batches by their size: `{ 1: 20, 8: 3 }` if 20 had one sample and 3 had eight. */
  batchSizes: Record<number, number>;
  /** Latencies in milliseconds, of the last 2,048 requests that were served. */
  latencyMs: Latencies;
}

/** Counts what a predictor does. */
export class StatsCounter {
  served = 0;
  failed = 0;
  invalid = 0;
  rejected = 0;
  aborted = 0;
  #batches = 0;
  readonly #batchSizes = new Map<number, number>();
  readonly #latencies = new Float64Array(WINDOW);

  countBatch(size: number): void {
    this.#batches++;
    this.#batchSizes.set(size, (this.#batchSizes.get(size) ?? 0) + 1);
  }

  countServed(latency: number): void {
    this.#latencies[this.served % WINDOW] = latency;
    this.served++;
  }

  read(queued: number, running: number): PredictorStats {
    const { served, failed, invalid, rejected, aborted } = this;
    const sorted = this.#latencies.slice(0, served).sort();
    return {
      ...{ queued, running, served, failed, invalid, rejected, aborted },
      batches: this.#batches,
      batchSizes: Object.fromEntries(this.#batchSizes),
      latencyMs: { p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99) },
    };
  }
}

/** The smallest value that this share of all values doesn't exceed. NaN if there are none. */
function percentile(sorted: Float64Array, share: number): number {
  return sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
}
