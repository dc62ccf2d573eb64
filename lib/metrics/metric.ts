import { kerasClassName } from '../class-names.js';
import { OptionChecks } from '../options.js';
import type { MetricDescription } from '../program/description.js';
import type { SampleShape } from '../tensor/shapes.js';

/** Options of every metric. */
export interface MetricOptions {
  /** Its key in logs, to which 'val_' is prepended for validation data. Default: the metric's name. */
  name?: string;
}

/** The parts of a metric. */
export interface MetricParts {
  /** The name of the function that makes it. */
  name: string;
  logKey: string;
  /** What engines count over the samples of an epoch. */
  description: MetricDescription;
  /** Computes the metric from these counts. */
  result: (counts: readonly number[]) => number;
  /** All options except `name`, with their defaults. */
  config?: Readonly<Record<string, unknown>>;
  /** Throws INVALID_ARGUMENT for an output shape (without the batch) that doesn't suit the metric. */
  checkOutput?: (shape: SampleShape) => void;
}

/**
 * A metric for compile, made by the functions of `metrics`. It is exact over an epoch, and ignores sample
 * weights.
 */
export class Metric {
  /** The name of the function of `metrics` that makes it. */
  readonly name: string;
  /** Its key in logs. */
  readonly logKey: string;
  /**
   * What engines count.
   *
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
      checks.fail('INVALID_ARGUMENT', 'name is its key in logs; it must be a non-empty string.');
    this.name = parts.name;
    this.logKey = logKey;
    this.description = parts.description;
    this.#parts = parts;
  }

  /**
   * Computes the metric from the counts over all samples.
   *
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

  /** The options that make the metric again. */
  getConfig(): Record<string, unknown> {
    const isNamed = this.logKey !== this.#parts.logKey;
    return { ...(isNamed && { name: this.logKey }), ...this.#parts.config };
  }
}

/** a / b, or 0 for a division by 0, as in Keras. */
export function ratio(a: number, b: number): number {
  return b === 0 ? 0 : a / b;
}
