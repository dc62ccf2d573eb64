import { setTimeout as sleep } from 'node:timers/promises';
import * as tf from '../../lib/index.js';

const CLIENTS = 16;
/** Milliseconds for which a client rests after each request. */
const REST = 2;
/** Every so many requests of a client, one doesn't fit the model, and one is aborted. */
const ODD_REQUESTS = 50;
const MAX_QUEUE = 100;
/** More than the queue takes. */
const BURST = 200;
const MS_BETWEEN_BURSTS = 1000;
/** No new models: their memory would hide what predictions take. */
const MS_BETWEEN_MODELS = 2000;

const lenet = () => tf.applications.lenet({ inputShape: [28, 28, 1], classes: 10 });

/** What a server does: it trains a LeNet, and serves two others by turns to clients of all kinds. */
export class Load {
  readonly #models = [lenet(), lenet()];
  readonly predictor = tf.createPredictor(this.#models[0], { maxQueue: MAX_QUEUE });
  steps = 0;
  replacements = 0;
  /** Requests that were made, and those that have ended. */
  made = 0;
  ended = 0;
  /** Errors that must occur, by code. */
  readonly expected: Record<string, number> = { ABORTED: 0, QUEUE_FULL: 0, SHAPE_MISMATCH: 0 };
  /** What must not occur. */
  readonly failures: string[] = [];
  readonly #images = Array.from({ length: 64 }, (_, i) => tf.randomUniform([28, 28, 1], 0, 256, 'uint8', i));

  /** Runs until the signal fires, and ends what runs then. */
  async run(signal: AbortSignal): Promise<void> {
    const parts = [this.#train(signal), this.#replace(signal), this.#burst(signal)];
    const clients = Array.from({ length: CLIENTS }, (_, i) => this.#client(i, signal));
    const failed = (error: unknown) => void this.failures.push(String(error));
    await Promise.all([...parts, ...clients].map((part) => part.catch(failed)));
    await this.predictor.close();
  }

  async #train(signal: AbortSignal): Promise<void> {
    const model = lenet();
    model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
    const x = tf.stack([...Array(20).fill(this.#images).flat()]);
    const y = tf.tensor(Int32Array.from({ length: x.shape[0] }, (_, i) => i % 10));
    while (!signal.aborted) {
      await model.fit(x, y, { batchSize: 128, epochs: 5, verbose: 0, signal }).catch((error) => {
        if (!signal.aborted) throw error;
      });
      this.steps = model.state.iterations;
    }
    model.dispose();
  }

  async #replace(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(MS_BETWEEN_MODELS, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      this.replacements++;
      await this.predictor.replace(this.#models[this.replacements % 2]);
    }
  }

  async #burst(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await Promise.all(Array.from({ length: BURST }, (_, i) => this.#request(i)));
      await sleep(MS_BETWEEN_BURSTS);
    }
  }

  async #client(number: number, signal: AbortSignal): Promise<void> {
    for (let i = number; !signal.aborted; i++) {
      if (i % ODD_REQUESTS === 0) await this.#request(i, { x: [1, 2, 3] });
      else if (i % ODD_REQUESTS === 1) await this.#request(i, { abort: true });
      else await this.#request(i);
      await sleep(REST);
    }
  }

  async #request(
    index: number,
    {
      x = this.#images[index % this.#images.length],
      abort = false,
    }: { x?: tf.DataLike; abort?: boolean } = {},
  ): Promise<void> {
    this.made++;
    const controller = new AbortController();
    const answer = this.predictor.predict(x, { signal: controller.signal });
    if (abort) controller.abort();
    try {
      const sum = (await answer).sum().dataSync()[0];
      if (!(Math.abs(sum - 1) < 1e-3)) this.failures.push(`the probabilities have the sum ${sum}`);
    } catch (error) {
      const { code } = error as tf.ConvforgeError;
      if (code in this.expected) this.expected[code]++;
      else this.failures.push(String(error));
    } finally {
      this.ended++;
    }
  }
}
