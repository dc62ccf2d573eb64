import type { CallbackHooks, Logs, NonFiniteReport, TrainedModel } from '../callbacks/callback.js';
import type { Progress } from '../callbacks/display.js';
import type { History } from '../callbacks/history.js';
import type { DataLike } from '../network/ports.js';
import type { LabelledBatch } from './batch-reader.js';
import { fitDataset, fitModel } from './fit.js';
import type { FitDatasetOptions, FitOptions, FitSettings } from './fit-options.js';
import { readFitDatasetOptions, readFitOptions } from './read-fit-options.js';
import type { ProgressListener } from './train-epoch.js';

/** What fitStream yields. Epochs count from 0. */
export type FitEvent =
  | TrainBeginEvent
  | EpochBeginEvent
  | ProgressEvent
  | NonFiniteEvent
  | EpochEndEvent
  | TrainEndEvent;

/** Comes before the first epoch. */
export interface TrainBeginEvent {
  /** Kind of the event. */
  type: 'trainBegin';
}

/** Comes before each epoch. */
export interface EpochBeginEvent {
  /** Kind of the event. */
  type: 'epochBegin';
  /** Index of the epoch, from 0. */
  epoch: number;
}

/** Progress within an epoch, at most about 60 a second. A slow reader gets only the newest. */
export interface ProgressEvent {
  /** Kind of the event. */
  type: 'progress';
  /** Index of the epoch, from 0. */
  epoch: number;
  /** Batches of the epoch that are done. */
  batches: number;
  /** Samples of the epoch that are done. */
  samples: number;
  /** Means over the samples that are done. */
  logs: Logs;
}

/**
 * Reports the first training loss that is NaN or infinite, before the optimizer applies that step. Also
 * reports the first such validation loss, unless one was reported before.
 */
export interface NonFiniteEvent extends NonFiniteReport {
  /** Kind of the event. */
  type: 'nonFinite';
}

/** Comes after each epoch and its validation. */
export interface EpochEndEvent {
  /** Kind of the event. */
  type: 'epochEnd';
  /** Index of the epoch, from 0. */
  epoch: number;
  /** The logs that onEpochEnd of callbacks gets. */
  logs: Logs;
}

/** Comes after the last epoch. */
export interface TrainEndEvent {
  /** Kind of the event. */
  type: 'trainEnd';
  /** The History that fit resolves to. */
  history: History;
}

/** Trains as fit does and yields events: see LayersModel.fitStream. */
export async function* fitStream(
  model: TrainedModel,
  x: DataLike,
  y: DataLike,
  options: FitOptions = {},
): AsyncGenerator<FitEvent, void, void> {
  const settings = readFitOptions({ verbose: 0, ...options });
  yield* eventsOf(settings, (own, onProgress) => fitModel(model, x, y, { ...settings, ...own }, onProgress));
}

/** Trains as fitDataset does and yields events: see LayersModel.fitDatasetStream. */
export async function* fitDatasetStream(
  model: TrainedModel,
  dataset: AsyncIterable<LabelledBatch>,
  options: FitDatasetOptions = {},
): AsyncGenerator<FitEvent, void, void> {
  const settings = readFitDatasetOptions(dataset, { verbose: 0, ...options });
  yield* eventsOf(settings, (own, onProgress) =>
    fitDataset(model, dataset, { ...settings, ...own }, onProgress),
  );
}

type StreamSettings = Pick<FitSettings, 'signal' | 'callbacks'>;

/** Yields the events of the fit that `start` begins. `own` are settings that `start` must give to the fit. */
async function* eventsOf(
  { signal, callbacks }: StreamSettings,
  start: (own: StreamSettings, onProgress: ProgressListener) => Promise<History>,
): AsyncGenerator<FitEvent, void, void> {
  const ending = new AbortController();
  const abort = () => ending.abort(signal?.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort);
  const events = new EventQueue();
  const own = { callbacks: [...callbacks, events.hooks], signal: ending.signal };
  const fit = start(own, events.progress);
  fit.then(events.end, events.fail);
  try {
    yield* events;
  } finally {
    signal?.removeEventListener('abort', abort);
    // If the reader leaves the loop, training ends.
    ending.abort();
    await fit.catch(() => undefined);
  }
}

/**
 * Queue of events from a fit to its reader. After each event except progress, the fit waits until the reader
 * asks for the next one.
 */
class EventQueue implements AsyncIterable<FitEvent> {
  #waiting: FitEvent[] = [];
  #progress?: FitEvent;
  #isOver = false;
  #failure?: { error: unknown };
  /** Resumes the reader, which waits for an event. */
  #wakeReader = () => {};
  /** Resumes the fit, which waits for the reader. */
  #releaseFit = () => {};

  readonly hooks: CallbackHooks = {
    onTrainBegin: () => this.#emit({ type: 'trainBegin' }),
    onEpochBegin: (epoch) => this.#emit({ type: 'epochBegin', epoch }),
    onEpochEnd: (epoch, logs = {}) => this.#emit({ type: 'epochEnd', epoch, logs }),
    onNonFinite: (report) => this.#emit({ type: 'nonFinite', ...report }),
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

  /** Queues an event. Resolves once the reader asks for the next one. */
  #emit(event: FitEvent): Promise<void> {
    this.#waiting.push(event);
    this.#wakeReader();
    return new Promise((resolve) => {
      this.#releaseFit = resolve;
    });
  }
}
