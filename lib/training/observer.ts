import type { Callback } from '../callbacks/callback.js';
import type { EpochTiming, Progress } from '../callbacks/display.js';
import type { OptionChecks } from '../options.js';
import type { LabelledSource } from './labelled-data.js';
import type { ValidationSet } from './validation-set.js';

/** Options of the report that fit writes. */
export interface FitReportOptions {
  /** The HTML file, which is written at the start, after each epoch and at the end. */
  path: string;
  /** The heading. Default: the model's name. */
  title?: string;
  /** Names of the classes, in the order of the outputs. Default: `model.classNames`. */
  classNames?: readonly string[];
  /** The command that the page shows. Default: that of the process. */
  command?: string;
  /** Further facts, such as {'Dataset': 'Fashion-MNIST'}. */
  facts?: Readonly<Record<string, string | number>>;
}

/** Options of the page that fit serves. */
export interface LiveOptions {
  /** The port on 127.0.0.1. Default 0: one that is free. */
  port?: number;
  /** Receives the address, with its token. Default: it is printed. */
  onAddress?: (address: string) => void;
}

/** What fit shows of itself while it runs. */
export interface ObservationOptions {
  /**
   * Writes a self-contained HTML page about the training to this file: curves, speed, norms by layer and the
   * model, and at the end what the validation data says: confusion matrix, scores by class, mistakes. Results
   * stay the same, bit for bit. Default: none.
   */
  report?: string | FitReportOptions;
  /**
   * Serves the page on 127.0.0.1 while it trains, with a button that ends the training. The address, which
   * has a token, is printed. Default false.
   */
  live?: boolean | LiveOptions;
}

/** What an observer may look at. */
export interface ObservedFit {
  seed: number;
  /** The first training samples; undefined for a dataset. */
  training?: LabelledSource;
  /** The validation data, or copies of its first samples, which can be read at any time; undefined without. */
  validation?: ValidationSet;
}

/** Watches a fit for `report` and `live`. Its hooks are the last of the fit's callbacks. */
export interface FitObserver extends Callback {
  /** Whether it may set `stopTraining` at any time, which must then take effect soon. */
  readonly mayStop: boolean;
  /** Called once, before onTrainBegin. */
  observe(fit: ObservedFit): void;
  /** Receives the progress within an epoch, at most about 60 times a second. */
  progress(epoch: number, progress: Progress): void;
  /** Called before onEpochEnd. */
  timed(timing: EpochTiming): void;
  /** Called if the fit fails or is aborted. Must not throw. */
  failed(error: unknown): Promise<void>;
}

/** Makes the observer of a fit. Throws UNKNOWN_OPTION, INVALID_ARGUMENT. */
type MakeObserver = (checks: OptionChecks, options: ObservationOptions) => FitObserver;

let makeObserver: MakeObserver | undefined;

/** The reports, which are built upon models, give fit its observers. */
export function provideObserver(make: MakeObserver): void {
  makeObserver = make;
}

/** The observer of a fit with these options; undefined without. Throws UNKNOWN_OPTION, INVALID_ARGUMENT. */
export function readObservation(
  checks: OptionChecks,
  { report, live }: ObservationOptions,
): FitObserver | undefined {
  if (report === undefined && (live === undefined || live === false)) return undefined;
  return makeObserver?.(checks, { report, live });
}
