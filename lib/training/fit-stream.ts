import type { CallbackHooks, Logs, NonFiniteReport, TrainedModel } from '../callbacks/callback.js';
import type { Progress } from '../callbacks/display.js';
import type { History } from '../callbacks/history.js';
import type { DataLike } from '../network/ports.js';
import type { LabelledBatch } from './batch-reader.js';
import { fitDataset, fitModel } from './fit.js';
import {
  type FitDatasetOptions,
  type FitOptions,
  type FitSettings,
  readFitDatasetOptions,
  readFitOptions,
} from './fit-options.js';
import type { ProgressListener } from './train-epoch.js';

/** A moment of a training; epochs count from 0. */
export type FitEvent =
  | TrainBeginEvent
  | EpochBeginEvent
  | ProgressEvent
  | NonFiniteEvent
  | EpochEndEvent
  | TrainEndEvent;

/** Before the first epoch. */
export interface TrainBeginEvent {
  /** Tells it from other events. */
  type: 'trainBegin';
}

/** Before an epoch. */
export interface EpochBeginEvent {
  /** Tells it from other events. */
  type: 'epochBegin';
  /** From 0. */
  epoch: number;
}

/** Within an epoch; at most some 60 a second, and the newest where the reader is slow. */
export interface ProgressEvent {
  /** Tells it from other events. */
  type: 'progress';
  /** From 0. */
  epoch: number;
  /** Batches of the epoch so far. */
  batches: number;
  /** Samples of the epoch so far. */
  samples: number;
  /** Means of the epoch so far. */
  logs: Logs;
}

/** At the first training loss that is NaN or infinite, before its step is made; at the first validation loss, unless one was told before. */
export interface NonFiniteEvent extends NonFiniteReport {
  /** Tells it from other events. */
  type: 'nonFinite';
}

/** After an epoch and its validation. */
export interface EpochEndEvent {
  /** Tells it from other events. */
  type: 'epochEnd';
  /** From 0. */
  epoch: number;
  /** As callbacks get them. */
  logs: Logs;
}

/** After the last epoch. */
export interface TrainEndEvent {
  /** Tells it from other events. */
  type: 'trainEnd';
  /** What fit would have resolved to. */
  history: History;
}

/** Trains as fit does and tells about it: see LayersModel.fitStream. */
export async function* fitStream(
  model: TrainedModel,
  x: DataLike,
  y: DataLike,
  options: FitOptions = {},
): AsyncGenerator<FitEvent, void, void> {
  yield* eventsOf(readFitOptions({ verbose: 0, ...options }), (own, onProgress) =>
    fitModel(model, x, y, { ...options, ...own }, onProgress),
  );
}

/** The same on a dataset: see LayersModel.fitDatasetStream. */
export async function* fitDatasetStream(
  model: TrainedModel,
  dataset: AsyncIterable<LabelledBatch>,
  options: FitDatasetOptions = {},
): AsyncGenerator<FitEvent, void, void> {
  yield* eventsOf(readFitDatasetOptions(dataset, { verbose: 0, ...options }), (own, onProgress) =>
    fitDataset(model, dataset, { ...options, ...own }, onProgress),
  );
}

type StreamSettings = Pick<FitSettings, 'signal' | 'callbacks' | 'seed' | 'verbose'>;

/** The events of the fit that `start` starts, with these settings in the place of its own. */
async function* eventsOf(
  { signal, callbacks, seed, verbose }: StreamSettings,
  start: (own: StreamSettings, onProgress: ProgressListener) => Promise<History>,
): AsyncGenerator<FitEvent, void, void> {
  const ending = new AbortController();
  const abort = () => ending.abort(signal?.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort);
  const events = new EventQueue();
  const own = { verbose, seed, callbacks: [...callbacks, events.hooks], signal: ending.signal };
  const fit = start(own, events.progress);
  fit.then(events.end, events.fail);
  try {
    yield* events;
  } finally {
    signal?.removeEventListener('abort', abort);
    // A reader that has left ends the training.
    ending.abort();
    await fit.catch(() => undefined);
  }
}

/** Events on their way from a fit to a reader. The fit waits at each but a progress until the reader asks for the next one. */
class EventQueue implements AsyncIterable<FitEvent> {
  #waiting: FitEvent[] = [];
  #progress?: FitEvent;
  #isOver = false;
  #failure?: { error: unknown };
  /** Lets the reader go on, or the fit. */
  #wakeReader = () => {};
  #releaseFit = () => {};

  readonly hooks: CallbackHooks = {
    onTrainBegin: () => this.#hand({ type: 'trainBegin' }),
    onEpochBegin: (epoch) => this.#hand({ type: 'epochBegin', epoch }),
    onEpochEnd: (epoch, logs = {}) => this.#hand({ type: 'epochEnd', epoch, logs }),
    onNonFinite: (report) => this.#hand({ type: 'nonFinite', ...report }),
  };

  readonly progress = (epoch: number, { batches, samples, logs }: Progress): void => {
    this.#progress = { type: 'progress', epoch, batches, samples, logs };
    this.#wakeReader();
  };

  readonly end = (history: History): void => {
    this.#waiting.push({ type: 'trainEnd', history });
    this.#isOver = true;
    this.#wakeReader();
  };

  readonly fail = (error: unknown): void => {
    this.#failure = { error };
    this.#wakeReader();
  };

  async *[Symbol.asyncIterator](): AsyncGenerator<FitEvent, void, void> {
    for (;;) {
      if (this.#failure) throw this.#failure.error;
      const event = this.#take();
      if (event) {
        yield event;
        if (event.type !== 'progress') this.#releaseFit();
      } else if (this.#isOver) return;
      else
        await new Promise<void>((resolve) => {
          this.#wakeReader = resolve;
        });
    }
  }

  #take(): FitEvent | undefined {
    const progress = this.#progress;
    this.#progress = undefined;
    return progress ?? this.#waiting.shift();
  }

  /** Resolves once the reader has done with the event. */
  #hand(event: FitEvent): Promise<void> {
    this.#waiting.push(event);
    this.#wakeReader();
    return new Promise((resolve) => {
      this.#releaseFit = resolve;
    });
  }
}
