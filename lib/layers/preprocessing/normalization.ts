import { show } from '../../options.js';
import type { Shape } from '../../program/description.js';
import type { Lowering } from '../../program/lower.js';
import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import { Tensor } from '../../tensor/index.js';
import { LAYER_OPTIONS, Layer, type LayerOptions, type OptionNames } from '../base-layer.js';
import type { LayerConfig } from '../config.js';

export interface NormalizationOptions extends LayerOptions {
  /** One number, or one for each element of the last axis. With `variance`; without both call adapt. */
  mean?: number | readonly number[];
  /** As mean, from 0 up. */
  variance?: number | readonly number[];
}

/** A standard deviation is at least this, as in Keras. */
const LEAST_DEVIATION = 1e-7;

/**
 * (x - mean) / sqrt(variance), for each element of the last axis (channels, features) by itself. Mean and variance are given, or
 * worked out from data by adapt; they are part of the config, not weights, and a model has those of when it was compiled or first run.
 */
export class Normalization extends Layer {
  static override readonly className: string = 'Normalization';
  static override readonly optionNames: OptionNames<NormalizationOptions> = {
    ...LAYER_OPTIONS,
    mean: true,
    variance: true,
  };

  #moments?: { mean: readonly number[]; variance: readonly number[] };

  constructor(options: NormalizationOptions = {}) {
    super(options);
    const { mean, variance } = options;
    if (mean == null && variance == null) return;
    this.#moments = {
      mean: this.numbers('mean', mean, () => true, 'a finite number'),
      variance: this.numbers('variance', variance, (value) => value >= 0, 'a finite number from 0 up'),
    };
  }

  get mean(): readonly number[] | undefined {
    return this.#moments?.mean;
  }

  get variance(): readonly number[] | undefined {
    return this.#moments?.variance;
  }

  /** Takes mean and variance, of the population, from data [n, ..., channels]: each over all axes but the last. */
  adapt(data: Tensor): void {
    if (!(data instanceof Tensor) || data.shape.length < 2 || data.size === 0) {
      const given = data instanceof Tensor ? `a tensor of [${data.shape.join(', ')}]` : show(data);
      this.checks.fail(
        'INVALID_ARGUMENT',
        `adapt takes a tensor of samples, [n, ..., channels], not ${given}.`,
      );
    }
    const values = data.dataSync();
    const channels = data.shape[data.shape.length - 1];
    const rows = values.length / channels;
    const mean = new Array<number>(channels).fill(0);
    const variance = new Array<number>(channels).fill(0);
    values.forEach((value: number, i: number) => {
      mean[i % channels] += value / rows;
    });
    values.forEach((value: number, i: number) => {
      variance[i % channels] += (value - mean[i % channels]) ** 2 / rows;
    });
    this.#moments = { mean, variance };
  }

  protected override inferShape(inputShape: Shape): Shape {
    const channels = inputShape[inputShape.length - 1];
    for (const [name, values] of Object.entries(this.#moments ?? {})) {
      if (values.length !== 1 && values.length !== channels) {
        this.checks.fail(
          'SHAPE_MISMATCH',
          `${name} has ${values.length} numbers; the input's last axis has ${channels}.`,
        );
      }
    }
    return inputShape;
  }

  override lower(lowering: Lowering, input: number): number {
    const shape = this.inferShape(lowering.shapeOf(input));
    if (!this.#moments) {
      return this.checks.fail(
        'INVALID_ARGUMENT',
        'it has no mean and variance yet; give both, or call adapt first.',
      );
    }
    const { mean, variance } = this.#moments;
    const each = (values: readonly number[]) =>
      Array.from({ length: shape[shape.length - 1] }, (_, c) => values[values.length === 1 ? 0 : c]);
    const scale = each(variance).map((value) => 1 / Math.max(Math.sqrt(value), LEAST_DEVIATION));
    const attributes = { mean: each(mean), scale };
    return lowering.add({ name: this.name, op: 'standardize', inputs: [input], attributes, shape });
  }

  /** Keras says which axis it is: the last, or UNSUPPORTED. */
  static override fromConfig({ axis, ...config }: LayerConfig): Layer {
    const isLast = axis == null || axis === -1 || (Array.isArray(axis) && axis.join() === '-1');
    return super.fromConfig(isLast ? config : { ...config, axis });
  }

  override getConfig(): LayerConfig {
    const { mean, variance } = this;
    return { ...super.getConfig(), ...(mean && variance && { mean: [...mean], variance: [...variance] }) };
  }

  private numbers(name: string, value: unknown, fits: (value: number) => boolean, range: string): number[] {
    const values: unknown[] = Array.isArray(value) ? value.flat(Number.POSITIVE_INFINITY) : [value];
    return values.map((each) => this.checks.number(name, each, fits, range));
  }
}

/** Brings inputs to mean 0 and variance 1: see Normalization. */
export function normalization<const O extends NormalizationOptions = NoOptions>(
  options?: Given<O, NormalizationOptions>,
): Shaped<Normalization, 'normalization', O> {
  return new Normalization(options);
}
