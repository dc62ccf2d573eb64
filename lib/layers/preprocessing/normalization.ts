import { show } from '../../options.js';
import type { Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import { Tensor } from '../../tensor/index.js';
import { LAYER_SCHEMA, Layer, type LayerOptions } from '../base-layer.js';
import type { LayerConfig } from '../config.js';
import { type FieldsOf, type Kind, optional, own, type SchemaOf } from '../options/schema.js';
import { elementCount, showShape } from '../shapes.js';

export interface NormalizationOptions extends LayerOptions {
  /**
   * The mean: one number, or one for each element along `axis`. Give both mean and variance, or neither and
   * call adapt.
   */
  mean?: number | readonly number[];
  /** The variance, as mean; at least 0. */
  variance?: number | readonly number[];
  /**
   * The axis, or axes, whose elements have their own mean and variance. The batch is axis 0; negative axes
   * count from the end. Default -1.
   */
  axis?: number | readonly number[];
}

/** Left out of a config if it is the default. */
const axes: Kind<number | readonly number[]> = {
  read(checks, name, value) {
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (!list.every((each) => Number.isSafeInteger(each) && each !== 0)) {
      checks.fail(
        'INVALID_ARGUMENT',
        `${name} is ${show(value)}; it must be a whole number other than 0, which is the batch, or a list of them.`,
      );
    }
    return Array.isArray(value) ? [...value] : (value as number);
  },
  write(kept) {
    if (kept === -1) return undefined;
    return typeof kept === 'number' ? kept : [...kept];
  },
};

const NORMALIZATION_SCHEMA = {
  mean: own,
  variance: own,
  axis: optional(axes, -1),
};

export interface Normalization extends FieldsOf<typeof NORMALIZATION_SCHEMA> {}

/** Lower limit of the standard deviation, as in Keras. */
const MIN_DEVIATION = 1e-7;

/**
 * Standardizes inputs to mean 0 and variance 1: (x - mean) / sqrt(variance), for each element of the last
 * axis (channels, features) or of the axes that `axis` names. The output has the input's shape.
 *
 * `adapt` computes mean and variance from data, or the options give them. They are part of the config and
 * aren't weights. A model uses the values that the layer has when the model is compiled or first run, so call
 * `adapt` before.
 *
 * Throws SHAPE_MISMATCH if the input lacks an axis or has another number of elements.
 */
export class Normalization extends Layer {
  static override readonly className: string = 'Normalization';
  static override readonly schema: SchemaOf<NormalizationOptions> = {
    ...LAYER_SCHEMA,
    ...NORMALIZATION_SCHEMA,
  };
  static override readonly ignoredConfig = { invert: false };

  #moments?: { mean: readonly number[]; variance: readonly number[] };

  constructor(options: NormalizationOptions = {}) {
    super(options);
    const { mean, variance } = options;
    if (mean != null || variance != null) this.setMoments(mean, variance);
  }

  get mean(): readonly number[] | undefined {
    return this.#moments?.mean;
  }

  get variance(): readonly number[] | undefined {
    return this.#moments?.variance;
  }

  /**
   * Sets the options of these names.
   * @internal
   */
  setMoments(mean: unknown, variance: unknown): void {
    this.#moments = {
      mean: this.numbers('mean', mean, () => true, 'a finite number'),
      variance: this.numbers('variance', variance, (value) => value >= 0, 'a finite number from 0 up'),
    };
  }

  /**
   * Computes mean and population variance from data [n, ..., channels], over all axes but those of `axis`.
   */
  adapt(data: Tensor): void {
    if (!(data instanceof Tensor) || data.shape.length < 2 || data.size === 0) {
      const given = data instanceof Tensor ? `a tensor of [${data.shape.join(', ')}]` : show(data);
      this.checks.fail(
        'INVALID_ARGUMENT',
        `adapt takes a tensor of samples, [n, ..., channels], not ${given}.`,
      );
    }
    const values = data.dataSync();
    const [, ...sampleShape] = data.shape;
    const indices = momentIndices(sampleShape, this.axesOf(sampleShape));
    const count = this.momentCount(sampleShape);
    const each = values.length / count;
    // Sum distances from one of the values, so that equal values have exactly that mean and variance 0.
    const pivot = new Array<number>(count).fill(0);
    indices.forEach((index, i) => {
      pivot[index] = values[i];
    });
    const mean = [...pivot];
    const variance = new Array<number>(count).fill(0);
    values.forEach((value: number, i: number) => {
      const index = indices[i % indices.length];
      mean[index] += (value - pivot[index]) / each;
    });
    values.forEach((value: number, i: number) => {
      const index = indices[i % indices.length];
      variance[index] += (value - mean[index]) ** 2 / each;
    });
    this.#moments = { mean, variance };
  }

  /** The axes of a sample with their own moments, in ascending order. */
  private axesOf(shape: Shape): number[] {
    const axes = (typeof this.axis === 'number' ? [this.axis] : this.axis).map((axis) =>
      axis < 0 ? shape.length + axis : axis - 1,
    );
    if (axes.some((axis) => axis < 0 || axis >= shape.length) || new Set(axes).size < axes.length) {
      this.checks.fail(
        'SHAPE_MISMATCH',
        `axis is ${show(this.axis)}, but a batch of ${showShape(shape)} has ${shape.length + 1} axes, the first the batch.`,
      );
    }
    return axes.sort((a, b) => a - b);
  }

  private momentCount(shape: Shape): number {
    return this.axesOf(shape).reduce((product, axis) => product * shape[axis], 1);
  }

  protected override inferShape(inputShape: Shape): Shape {
    const count = this.momentCount(inputShape);
    for (const [name, values] of Object.entries(this.#moments ?? {})) {
      if (values.length !== 1 && values.length !== count) {
        const what =
          this.axis === -1 ? "the input's last axis has" : `axis ${show(this.axis)} of the input has`;
        this.checks.fail('SHAPE_MISMATCH', `${name} has ${values.length} numbers; ${what} ${count}.`);
      }
    }
    return inputShape;
  }

  override lower(lowering: Lowering, input: number): number {
    const { name } = this;
    const shape = this.inferShape(lowering.shapeOf(input));
    if (!this.#moments) {
      return this.checks.fail(
        'INVALID_ARGUMENT',
        'it has no mean and variance yet; give both, or call adapt first.',
      );
    }
    const { mean, variance } = this.#moments;
    // The op takes moments along the last axis, so merge all axes from the first one with moments.
    const axes = this.axesOf(shape);
    const [first = shape.length - 1] = axes;
    const behind = shape.slice(first);
    const flat = [...shape.slice(0, first), elementCount(behind)];
    const indices = momentIndices(
      behind,
      axes.map((axis) => axis - first),
    );
    const each = (values: readonly number[]) =>
      Array.from(indices, (index) => values[values.length === 1 ? 0 : index]);
    const scale = each(variance).map((value) => 1 / Math.max(Math.sqrt(value), MIN_DEVIATION));
    const attributes = { mean: each(mean), scale };
    if (behind.length === 1) return lowering.add({ name, op: 'standardize', inputs: [input], attributes });
    const rows = lowering.add({
      name: `${name}/rows`,
      op: 'reshape',
      inputs: [input],
      attributes: { shape: flat },
    });
    const normal = lowering.add({ name, op: 'standardize', inputs: [rows], attributes });
    return lowering.add({ name: `${name}/output`, op: 'reshape', inputs: [normal], attributes: { shape } });
  }

  override getConfig(): LayerConfig {
    const { mean, variance } = this;
    return {
      ...super.getConfig(),
      ...(mean && variance && { mean: [...mean], variance: [...variance] }),
    };
  }

  private numbers(name: string, value: unknown, fits: (value: number) => boolean, range: string): number[] {
    const values: unknown[] = Array.isArray(value) ? value.flat(Number.POSITIVE_INFINITY) : [value];
    return values.map((each) => this.checks.number(name, each, fits, range));
  }
}

/** For each element of a value of this shape, the index of its mean and variance. */
function momentIndices(shape: Shape, axes: readonly number[]): Int32Array {
  const indices = new Int32Array(elementCount(shape));
  let stride = 1;
  let count = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (axes.includes(axis)) {
      for (let i = 0; i < indices.length; i++) indices[i] += (Math.floor(i / stride) % shape[axis]) * count;
      count *= shape[axis];
    }
    stride *= shape[axis];
  }
  return indices;
}

/** Makes a {@link Normalization} layer. */
export function normalization<const O extends NormalizationOptions = NoOptions>(
  options?: Given<O, NormalizationOptions>,
): Shaped<Normalization, 'normalization', O> {
  return new Normalization(options);
}
