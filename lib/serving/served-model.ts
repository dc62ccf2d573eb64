import { ConvforgeError } from '../errors.js';
import { fitsShape, isKnown, type SampleShape, sameShape, shapesKey } from '../layers/shapes.js';
import type { Model } from '../network/model.js';
import { type DataLike, valuesByPort } from '../network/ports.js';
import type { Shape } from '../program/description.js';
import type { SampleArray, Samples, SampleType } from '../program/engine.js';
import { Tensor, type TensorLike, toTensor } from '../tensor/index.js';
import { showShape, sizeOf } from '../tensor/shapes.js';
import { type InputRule, inputRules, inputSource } from '../training/inputs.js';
import { predictSamples } from '../training/predict.js';

/** A copy of one sample: its values for each input of the model. */
export interface Sample {
  readonly inputs: readonly SampleInput[];
  /** Equal for samples that can be in one batch. */
  readonly key: string;
}

interface SampleInput {
  /** Without the batch axis. */
  readonly shape: Shape;
  readonly dtype: SampleType;
  readonly values: SampleArray;
}

/** float32 holds whole numbers up to here exactly. */
const MAX_EXACT = 2 ** 24;

/** A model as a predictor uses it: it reads single samples, and computes batches of them. */
export class ServedModel {
  readonly #rules: readonly InputRule[];
  readonly #maxBatchSize: number;

  constructor(
    readonly model: Model,
    maxBatchSize: number,
  ) {
    this.#rules = inputRules(model);
    this.#maxBatchSize = maxBatchSize;
  }

  /** Checks a sample and copies it. Throws SHAPE_MISMATCH, INVALID_ARGUMENT, INVALID_INDEX, DISPOSED. */
  read(x: DataLike): Sample {
    this.model.state.checkUsable();
    const ports = this.model.signature.inputs;
    const inputs = valuesByPort(x, ports, 'x').map(({ value, what }, i) =>
      readInput(value, ports[i].shape, what, this.#rules[i]),
    );
    const shapes = shapesKey(inputs.map(({ shape }) => shape));
    return { inputs, key: `${shapes} ${inputs.map(({ dtype }) => dtype)}` };
  }

  /** The outputs of each sample. All must have the same key. */
  async compute(samples: readonly Sample[]): Promise<Tensor[][]> {
    const sets: Samples[] = [];
    let outputs: Tensor[];
    try {
      for (const [i, { shape, dtype, values }] of samples[0].inputs.entries()) {
        const set = this.model.state.engine.allocateSamples([samples.length, ...shape], dtype);
        sets.push(set);
        for (const [k, { inputs }] of samples.entries()) set.write(inputs[i].values, k * values.length);
      }
      const batch = { x: sets, count: samples.length, batchSize: samples.length };
      outputs = await predictSamples(this.model, batch, {});
    } finally {
      for (const set of sets) set.dispose();
    }
    return samples.map((_, k) => outputs.map((output) => row(output, k)));
  }

  /**
   * Plans the largest batch and takes its memory, by a batch of zeros, so that requests don't wait for that.
   * Does nothing for inputs of sizes that may vary, and in the reference engine, which plans nothing.
   */
  async warmUp(): Promise<void> {
    const shapes = this.model.signature.inputs.map(({ shape }) => shape);
    if (!shapes.every(isKnown) || this.model.state.engine.name !== 'native') return;
    const inputs = shapes.map((shape) => {
      return { shape, dtype: 'float32' as const, values: new Float32Array(sizeOf(shape)) };
    });
    await this.compute(new Array<Sample>(this.#maxBatchSize).fill({ inputs, key: '' }));
  }

  /**
   * Throws SHAPE_MISMATCH unless `next` takes every sample that this model takes, and has its outputs'
   * shapes.
   */
  checkReplacement(next: ServedModel): void {
    for (const side of ['inputs', 'outputs'] as const) {
      const [own, others] = [this.model, next.model].map(({ signature }) =>
        signature[side].map(({ shape }) => shape),
      );
      if (own.length === others.length && own.every((shape, i) => sameShape(shape, others[i]))) continue;
      failReplacement(
        `has ${side} of ${others.map(showShape).join(', ')}, but the one in use has ${own.map(showShape)}`,
      );
    }
    for (const [i, { dtype, limit }] of this.#rules.entries()) {
      const other = next.#rules[i];
      if (dtype !== other.dtype)
        failReplacement(
          `takes ${other.dtype} values as input ${i}, but the one in use takes ${dtype} values`,
        );
      if (other.limit && !(limit && limit.rows <= other.limit.rows))
        failReplacement(`takes indexes below ${other.limit.rows} as input ${i}, fewer than the one in use`);
    }
  }
}

function failReplacement(problem: string): never {
  throw new ConvforgeError(
    'SHAPE_MISMATCH',
    `predictor.replace: the new model ${problem}; give one that takes the same samples, or make another predictor.`,
  );
}

function readInput(value: TensorLike, inputShape: SampleShape, what: string, rule: InputRule): SampleInput {
  const tensor = asBatch(value, inputShape, what);
  const source = inputSource(tensor, inputShape, what, rule);
  const given = source.read(0, source.size);
  const values = given.buffer === tensor.dataSync().buffer ? given.slice() : given;
  if (source.dtype === 'int32') checkExact(values, what);
  return { shape: source.shape.slice(1), dtype: source.dtype, values };
}

/** The sample as a batch of one. A typed array may be flat, if the model's sizes are known. */
function asBatch(value: TensorLike, inputShape: SampleShape, what: string): Tensor {
  const given = toTensor(value, what);
  const isFlat = ArrayBuffer.isView(value) && isKnown(inputShape) && given.size === sizeOf(inputShape);
  const shape = isFlat ? inputShape : given.shape;
  if (!fitsShape(shape, inputShape)) {
    const isBatch = fitsShape(shape.slice(1), inputShape);
    const advice = isBatch
      ? 'Leave out the batch axis, and call predict for each sample: the predictor makes the batches.'
      : 'Reshape it.';
    throw new ConvforgeError(
      'SHAPE_MISMATCH',
      `${what} has shape ${showShape(shape)}, but the model takes a sample of ${showShape(inputShape)}. ${advice}`,
    );
  }
  return new Tensor(given.dataSync(), [1, ...shape], given.dtype);
}

/** The native engine checks this, too, but would refuse the whole batch. */
function checkExact(values: SampleArray, what: string): void {
  const wrong = values.findIndex((value) => Math.abs(value) > MAX_EXACT);
  if (wrong < 0) return;
  throw new ConvforgeError(
    'INVALID_ARGUMENT',
    `Element ${wrong} of ${what} is ${values[wrong]}; an int32 input takes numbers from -2^24 to 2^24, which float32 holds exactly.`,
  );
}

/**
 * The output of one sample. It has its own memory, so that callers can transfer it and nothing else is kept
 * alive.
 */
function row(output: Tensor, index: number): Tensor {
  const [count, ...shape] = output.shape;
  const values = output.dataSync();
  const size = values.length / count;
  const own = count === 1 ? values : values.slice(index * size, (index + 1) * size);
  return new Tensor(own, shape, output.dtype);
}
