import { type OptionChecks, show, unknownName } from '../options.js';
import type { CallbackParams, Logs } from './callback.js';

/** Whether lower or higher values are better; 'auto' decides by the key. */
export type MonitorMode = 'auto' | 'min' | 'max';

/** Options of callbacks that monitor a value of the logs. */
export interface MonitorOptions {
  /** Log key to monitor. Default 'val_loss'. */
  monitor?: string;
  /** Whether lower ('min') or higher ('max') values are better. Default 'auto': decided by the key. */
  mode?: MonitorMode;
  /** Minimum improvement over the best value that counts. */
  minDelta?: number;
}

const MORE_IS_BETTER = /acc|auc|precision|recall|f1|fbeta|topk|similarity|cosine|iou/i;
const LESS_IS_BETTER = /(loss|error|entropy|hinge|poisson|divergence|logcosh|huber|m[as][pl]?e)$/i;

/** Watches one key of the logs for its best value. */
export class Monitor {
  readonly key: string;
  readonly minDelta: number;
  readonly #checks: OptionChecks;
  readonly #isMax: boolean;

  /** Throws INVALID_ARGUMENT. */
  constructor(checks: OptionChecks, { monitor = 'val_loss', mode = 'auto', minDelta = 0 }: MonitorOptions) {
    this.#checks = checks;
    if (typeof monitor !== 'string' || monitor === '')
      checks.fail('INVALID_ARGUMENT', `monitor is ${show(monitor)}; it must be a key of the logs.`);
    this.key = monitor;
    this.#isMax = this.#readMode(mode) === 'max';
    this.minDelta = checks.number('minDelta', minDelta, (delta) => delta >= 0, 'a finite number from 0 up');
  }

  /** The infinity that any finite value is better than. */
  get worst(): number {
    return this.#isMax ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }

  /** Whether `value` is better than `best` by more than minDelta. NaN never is. */
  isBetter(value: number, best: number): boolean {
    return this.#isMax ? value - this.minDelta > best : value + this.minDelta < best;
  }

  /** Call before the first epoch. Throws UNKNOWN_OPTION for a key that no logs will have. */
  check({ metrics, mayHaveOthers, doValidation }: CallbackParams): void {
    if (!mayHaveOthers && !metrics.includes(this.key)) this.#failUnknown(metrics, doValidation);
  }

  /**
   * The monitored value; undefined if the epoch stopped before its validation. Throws UNKNOWN_OPTION for a
   * key that logs never have.
   */
  read(logs: Logs, params?: CallbackParams): number | undefined {
    if (Object.hasOwn(logs, this.key)) return logs[this.key];
    if (params?.metrics.includes(this.key)) return undefined;
    return this.#failUnknown(Object.keys(logs), params?.doValidation);
  }

  #failUnknown(keys: readonly string[], doValidation?: boolean): never {
    const hint =
      this.key.startsWith('val_') && !doValidation ? ' Give fit validationData for val_ keys.' : '';
    return this.#checks.fail('UNKNOWN_OPTION', `monitor: ${unknownName('log key', this.key, keys)}${hint}`);
  }

  #readMode(mode: MonitorMode): 'min' | 'max' {
    if (mode === 'min' || mode === 'max') return mode;
    if (mode !== 'auto')
      this.#checks.fail('INVALID_ARGUMENT', `mode is ${show(mode)}; it must be 'auto', 'min' or 'max'.`);
    if (LESS_IS_BETTER.test(this.key)) return 'min';
    if (MORE_IS_BETTER.test(this.key)) return 'max';
    return this.#checks.fail(
      'INVALID_ARGUMENT',
      `the name '${this.key}' doesn't say whether lower or higher is better; give mode 'min' or 'max'.`,
    );
  }
}
