import { OptionChecks } from '../options.js';
import type { OptimizerDescription } from '../program/description.js';

export interface OptimizerClass {
  readonly className: string;
  new (options?: Record<string, unknown>): Optimizer;
}

/** How weights follow their gradients. The learning rate can be set at any time, while a model trains too. */
export abstract class Optimizer {
  #learningRate: number;
  readonly #listeners = new Set<(rate: number) => void>();
  protected readonly checks: OptionChecks;

  constructor(
    subject: string,
    options: { learningRate?: number },
    known: readonly string[],
    defaultRate: number,
  ) {
    this.checks = new OptionChecks(subject);
    this.checks.keys(options, known);
    this.#learningRate = this.readRate(options.learningRate ?? defaultRate);
  }

  abstract describe(): OptimizerDescription;

  getClassName(): string {
    return (this.constructor as unknown as OptimizerClass).className;
  }

  /** The options that make this optimizer again. */
  getConfig(): Record<string, unknown> {
    const { kind, ...config } = this.describe();
    return config;
  }

  get learningRate(): number {
    return this.#learningRate;
  }

  /** Takes effect from the next training step on. */
  set learningRate(rate: number) {
    this.#learningRate = this.readRate(rate);
    for (const listener of this.#listeners) listener(rate);
  }

  /** Calls `listener` when the rate is set, until the returned function is called. */
  onLearningRate(listener: (rate: number) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  protected readRate(value: unknown): number {
    return this.checks.number('learningRate', value, (rate) => rate >= 0, 'a finite number from 0 up');
  }

  /** A factor in [0, 1), such as a momentum. */
  protected readDecay(name: string, value: unknown): number {
    return this.checks.number(name, value, (factor) => factor >= 0 && factor < 1, 'a number in [0, 1)');
  }
}
