import { kerasClassName } from '../class-names.js';
import { OptionChecks } from '../options.js';
import type { SampleShape } from '../tensor/shapes.js';
import type { MetricDescription } from '../program/description.js';

/** What every metric takes. */
export interface MetricOptions {
  /** Its key in logs, where 'val_' is put in front for validation data. Default: the metric's name. */
  name?: string;
}

/** What a metric is made of. */
export interface MetricParts {
  /** Of the function that makes it. */
  name: string;
  logKey: string;
  /** What is counted over the samples of an epoch... */
  description: MetricDescription;
  /** ...and the value that this makes. */
  result: (counts: readonly number[]) => number;
  /** Options other than `name`, complete. */
  config?: Readonly<Record<string, unknown>>;
  /** Throws INVALID_ARGUMENT for outputs that don't suit it; the shape is without the batch. */
  checkOutput?: (shape: SampleShape) => void;
}

/** A metric to pass to compile: made by the functions of `metrics`. It is exact over an epoch, and takes no account of weights. */
export class Metric {
  /** That of the function of `metrics` that makes it. */
  readonly name: string;
  /** Its key in logs. */
  readonly logKey: string;
  /**
   * What engines count.
   * @internal
   */
  readonly description: MetricDescription;
  readonly #parts: MetricParts;

  /** @internal */
  constructor(parts: MetricParts, options: MetricOptions = {}) {
    const checks = new OptionChecks(parts.name);
    checks.keys(options, ['name']);
    const { name: logKey = parts.logKey } = options;
    if (typeof logKey !== 'string' || logKey === '')
      checks.fail('INVALID_ARGUMENT', 'name is its key in logs; it must be a string with something in it.');
    this.name = parts.name;
    this.logKey = logKey;
    this.description = parts.description;
    this.#parts = parts;
  }

  /**
   * The value over all samples that were counted.
   * @internal
   */
  result(counts: readonly number[]): number {
    return this.#parts.result(counts);
  }

  /** @internal */
  checkOutput(shape: SampleShape): void {
    this.#parts.checkOutput?.(shape);
  }

  /** Keras's name of the class. */
  getClassName(): string {
    return kerasClassName(this.name);
  }

  /** The options that make it again. */
  getConfig(): Record<string, unknown> {
    const isNamed = this.logKey !== this.#parts.logKey;
    return { ...(isNamed && { name: this.logKey }), ...this.#parts.config };
  }
}

/** a / b, and 0 where there is nothing to divide, as in Keras. */
export function ratio(a: number, b: number): number {
  return b === 0 ? 0 : a / b;
}
