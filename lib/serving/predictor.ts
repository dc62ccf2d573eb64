import { turnOfEventLoop } from '../program/sliced-work.js';
import { setMaxListeners } from 'node:events';
import { abortError, readSignal } from '../aborts.js';
import { ConvforgeError } from '../errors.js';
import { LayersModel } from '../models/index.js';
import type { DataLike } from '../network/ports.js';
import { OptionChecks, show } from '../options.js';
import { setThreads } from '../program/native-engine.js';
import type { Tensor } from '../tensor/index.js';
import { type PredictorStats, StatsCounter } from './predictor-stats.js';
import { type Lane, type PredictRequest, RequestQueue } from './request-queue.js';
import { type Sample, ServedModel } from './served-model.js';

/** Options of {@link createPredictor}. */
export interface PredictorOptions {
  /** The largest number of samples in a batch. Default 32. */
  maxBatchSize?: number;
  /**
   * How long a request waits for others to share its batch, in milliseconds, from 0 to 60,000. It only waits
   * if the request before it came less than this time earlier: a lone request is computed at once. Requests
   * that come while a batch runs share the next one in any case. Default 0.
   */
  maxWaitMs?: number;
  /** The largest number of requests that wait for a batch. More are refused with QUEUE_FULL. Default 1024. */
  maxQueue?: number;
  /**
   * Number of compute threads, as {@link setThreads} sets it: for the whole process, trainings and other
   * predictors too, from the next job on. Default: leaves it as it is.
   */
  threads?: number;
}

/** Options of {@link Predictor.predict}. */
export interface PredictorRequestOptions {
  /** Ends the request with ABORTED: it leaves the queue, or, if its batch runs, its outputs are dropped. */
  signal?: AbortSignal;
}

/** Batches that may have been handed to the engine. A second one, if it is full, waits there for the first. */
const MAX_RUNNING = 2;

/** A batch that runs. */
interface RunningBatch {
  readonly model: ServedModel;
  readonly size: number;
  /** Never rejects. */
  readonly ended: Promise<void>;
}

/**
 * Serves a model: gathers requests of one sample each into batches. {@link createPredictor} makes one. It
 * keeps the process alive only while requests wait or run.
 */
export class Predictor {
  readonly #maxBatchSize: number;
  readonly #maxWaitMs: number;
  readonly #maxQueue: number;
  readonly #queue = new RequestQueue();
  readonly #running = new Set<RunningBatch>();
  readonly #stats = new StatsCounter();
  #served: ServedModel;
  #ready: Promise<void>;
  /** Settles when the replacements so far have ended. */
  #replaced: Promise<unknown> = Promise.resolve();
  /** When the last request came, on the clock of performance.now(). */
  #lastRequest = Number.NEGATIVE_INFINITY;
  #isStarting = false;
  #timer?: NodeJS.Timeout;
  #closed?: Promise<void>;

  /** @internal */
  constructor(model: LayersModel, options: PredictorOptions) {
    const checks = new OptionChecks('createPredictor');
    checks.keys(options, ['maxBatchSize', 'maxWaitMs', 'maxQueue', 'threads']);
    const { maxBatchSize = 32, maxWaitMs = 0, maxQueue = 1024, threads } = options;
    this.#maxBatchSize = checks.whole('maxBatchSize', maxBatchSize, 1);
    this.#maxQueue = checks.whole('maxQueue', maxQueue, 1);
    const isWait = (value: number) => value >= 0 && value <= 60_000;
    this.#maxWaitMs = checks.number('maxWaitMs', maxWaitMs, isWait, 'milliseconds from 0 to 60000');
    this.#served = this.#toServe(checks, model);
    if (threads !== undefined) setThreads(checks.whole('threads', threads, 1));
    this.#ready = this.#served.warmUp();
    // Requests meet the same error.
    this.#ready.catch(() => undefined);
  }

  /** The model that serves requests now. */
  get model(): LayersModel {
    return this.#served.model as LayersModel;
  }

  /**
   * Resolves when the model has been warmed up: it is planned for `maxBatchSize` samples, and a batch of zeros
   * has run. That begins with the predictor, and requests that come before its end wait for it. Rejects with
   * what the batch threw.
   */
  ready(): Promise<void> {
    return this.#ready;
  }

  /**
   * Resolves to the output for one sample, without a batch axis; a list for a model with several outputs,
   * `predict<Tensor[]>(x)`. The bits are those of `model.predict` of this sample alone, whatever it shares a
   * batch with, unless a layer draws random numbers in prediction. The sample is copied before predict
   * returns. Rejects with SHAPE_MISMATCH, INVALID_ARGUMENT or INVALID_INDEX for a sample that doesn't fit,
   * which concerns no other request; QUEUE_FULL; ABORTED; DISPOSED after close; or what the computation
   * throws.
   *
   * @param x One sample, in the shape of the model's input without the batch axis: a tensor, nested arrays,
   * or a typed array of as many elements. For several inputs a list or an object by name, as in
   * {@link LayersModel.predict}.
   */
  async predict<Outputs extends Tensor | Tensor[] = Tensor>(
    x: DataLike,
    options: PredictorRequestOptions = {},
  ): Promise<NoInfer<Outputs>> {
    this.#checkOpen();
    const signal = this.#checking(() => {
      const checks = new OptionChecks('predictor.predict');
      checks.keys(options, ['signal']);
      return readSignal(checks, options.signal);
    });
    if (signal?.aborted) {
      this.#stats.aborted++;
      throw abortError(signal);
    }
    // Checked before the sample is copied, so that refusing takes no time.
    if (this.#queue.size >= this.#maxQueue) {
      this.#stats.rejected++;
      throw new ConvforgeError(
        'QUEUE_FULL',
        `predictor: ${this.#queue.size} requests are waiting, as many as maxQueue allows; try again later (a server answers 503 with Retry-After), or raise maxQueue.`,
      );
    }
    const sample = this.#checking(() => this.#served.read(x));
    const outputs = await this.#enqueue(sample, signal);
    return (outputs.length === 1 ? outputs[0] : outputs) as Outputs;
  }

  /**
   * What the predictor has done, and what it does now. Sorts some latencies: call it every second, not for
   * every request.
   */
  stats(): PredictorStats {
    const running = [...this.#running].reduce((sum, { size }) => sum + size, 0);
    return this.#stats.read(this.#queue.size, running);
  }

  /**
   * Serves another model from now on, once that has been warmed up: requests whose batch runs get the old
   * one's outputs, all later ones the new one's, and no batch has both. Resolves to the old model when its
   * last batch has ended; it belongs to the caller, who may dispose of it. Replacements take effect in the
   * order of their calls. Rejects with SHAPE_MISMATCH if the new model's inputs or outputs differ, DISPOSED,
   * or what the warm-up throws; the old one then goes on.
   */
  replace(model: LayersModel): Promise<LayersModel> {
    const replacing = this.#replaced.then(() => this.#replace(model));
    this.#replaced = replacing.catch(() => undefined);
    return replacing;
  }

  /**
   * Refuses further requests with DISPOSED, and resolves when those that were accepted have ended. The model
   * stays usable; it belongs to the caller. May be called repeatedly.
   */
  close(): Promise<void> {
    this.#closed ??= this.#drain();
    return this.#closed;
  }

  /** As close: `await using predictor = tf.createPredictor(model)`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #checkOpen(): void {
    if (this.#closed)
      throw new ConvforgeError('DISPOSED', 'predictor: it was closed; make another one by createPredictor.');
  }

  #toServe(checks: OptionChecks, model: unknown): ServedModel {
    if (!(model instanceof LayersModel))
      checks.fail(
        'INVALID_ARGUMENT',
        `model is ${show(model)}; give a model, from sequential or loadLayersModel.`,
      );
    model.state.checkUsable();
    return new ServedModel(model, this.#maxBatchSize);
  }

  /** Counts a request that throws here. */
  #checking<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      if ((error as ConvforgeError).code === 'DISPOSED') this.#stats.failed++;
      else this.#stats.invalid++;
      throw error;
    }
  }

  #enqueue(sample: Sample, signal: AbortSignal | undefined): Promise<Tensor[]> {
    return new Promise((resolve, reject) => {
      const since = performance.now();
      const isLone = since - this.#lastRequest >= this.#maxWaitMs;
      this.#lastRequest = since;
      let isSettled = false;
      const settle = (count: () => void) => {
        if (isSettled) return;
        isSettled = true;
        signal?.removeEventListener('abort', abort);
        count();
      };
      const request: PredictRequest = {
        sample,
        since,
        deadline: isLone ? since : since + this.#maxWaitMs,
        resolve: (outputs) =>
          settle(() => {
            this.#stats.countServed(performance.now() - since);
            resolve(outputs);
          }),
        reject: (error) =>
          settle(() => {
            this.#stats.failed++;
            reject(error);
          }),
      };
      const abort = () =>
        settle(() => {
          this.#stats.aborted++;
          this.#queue.remove(request);
          this.#schedule();
          reject(abortError(signal as AbortSignal));
        });
      if (signal) {
        // Many requests may share a signal, and each removes its listener.
        setMaxListeners(0, signal);
        signal.addEventListener('abort', abort, { once: true });
      }
      this.#queue.push(request);
      this.#schedule();
    });
  }

  /** Starts batches when it is time. */
  #schedule(): void {
    clearTimeout(this.#timer);
    for (;;) {
      const lane = this.#readyLane();
      if (!lane || !this.#isFull(lane) || this.#running.size >= MAX_RUNNING) break;
      this.#start(lane);
    }
    // The end of a running batch calls this again.
    if (this.#queue.size === 0 || this.#running.size > 0 || this.#isStarting) return;
    const wait = this.#closed ? 0 : this.#queue.deadline - performance.now();
    if (wait > 0) {
      this.#timer = setTimeout(() => this.#schedule(), Math.ceil(wait));
      return;
    }
    // Requests that the event loop has at hand, such as those read from sockets in one turn, share the batch.
    this.#isStarting = true;
    setImmediate(() => {
      this.#isStarting = false;
      const lane = this.#readyLane();
      if (lane && this.#running.size === 0) this.#start(lane);
      else this.#schedule();
    });
  }

  /** The next lane that is full or must wait no longer: others with time left don't hold it up. */
  #readyLane(): Lane | undefined {
    const now = this.#closed ? Number.POSITIVE_INFINITY : performance.now();
    return this.#queue.find((lane) => this.#isFull(lane) || lane[0].deadline <= now);
  }

  #isFull(lane: Lane): boolean {
    return lane.length >= this.#maxBatchSize;
  }

  #start(lane: Lane): void {
    const requests = this.#queue.take(lane, this.#maxBatchSize);
    const model = this.#served;
    this.#stats.countBatch(requests.length);
    const ended = model.compute(requests.map(({ sample }) => sample)).then(
      (outputs) => {
        for (const [i, request] of requests.entries()) request.resolve(outputs[i]);
      },
      (error) => {
        for (const request of requests) request.reject(error);
      },
    );
    const batch: RunningBatch = { model, size: requests.length, ended: ended.then(() => this.#end(batch)) };
    this.#running.add(batch);
  }

  #end(batch: RunningBatch): void {
    this.#running.delete(batch);
    this.#schedule();
  }

  async #replace(model: LayersModel): Promise<LayersModel> {
    this.#checkOpen();
    const next = this.#toServe(new OptionChecks('predictor.replace'), model);
    this.#served.checkReplacement(next);
    await next.warmUp();
    this.#checkOpen();
    const old = this.#served;
    this.#served = next;
    await Promise.all([...this.#running].filter((batch) => batch.model === old).map(({ ended }) => ended));
    return old.model as LayersModel;
  }

  async #drain(): Promise<void> {
    // close() sets #closed as soon as this waits, and then nobody waits for others to come.
    await this.#replaced;
    this.#schedule();
    while (this.#queue.size > 0 || this.#running.size > 0) {
      await Promise.all([...this.#running].map(({ ended }) => ended));
      await turnOfEventLoop();
    }
  }
}

/**
 * Makes a {@link Predictor}, which serves a model to many callers at once: it gathers single requests into
 * batches, bounds its queue, and can replace its model while it runs.
 *
 *     const predictor = tf.createPredictor(model, { maxQueue: 200 });
 *     const probabilities = await predictor.predict(image);
 *
 * A batch starts as soon as none runs, or when `maxBatchSize` requests wait. So a single request isn't held
 * up, and under load batches grow by themselves. The model may train meanwhile: each batch sees the weights
 * between two steps.
 *
 * @throws UNKNOWN_OPTION, INVALID_ARGUMENT, DISPOSED
 */
export function createPredictor(model: LayersModel, options: PredictorOptions = {}): Predictor {
  return new Predictor(model, options);
}
