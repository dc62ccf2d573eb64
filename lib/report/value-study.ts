import type { Shape } from '../program/description.js';
import { isPictureShape, type Picture } from './picture.js';
import type { StudiedPart } from './class-study.js';

/** Points of the scatter chart, and samples to show. */
const MOST_POINTS = 400;
const MOST_EXAMPLES = 6;

/** The most values of an output that are listed beside the image of a sample. */
const MOST_LISTED = 8;

/** A sample whose input or output is an image. */
export interface ValueExample {
  sample: number;
  /** Mean squared error. */
  error: number;
  input?: Picture;
  target: Float32Array;
  predicted: Float32Array;
}

/** Compares predicted with true values. */
export class ValueStudy {
  samples = 0;
  /** True and predicted values, taken at equal distances from all. */
  readonly points: { truth: number; predicted: number }[] = [];
  /** Those with the largest error first. */
  worst: ValueExample[] = [];
  readonly #size: number;
  #every = 1;
  #count = 0;
  #absolute = 0;
  #squared = 0;
  #sum = 0;
  #sumOfSquares = 0;

  /** `shape` is that of an output of one sample. */
  constructor(readonly shape: Shape) {
    this.#size = shape.reduce((product, size) => product * size, 1);
  }

  /** Whether an output is an image. */
  get isOfPictures(): boolean {
    return isPictureShape(this.shape);
  }

  /** Mean absolute error. */
  get meanAbsoluteError(): number {
    return this.#absolute / this.#count;
  }

  /** Root of the mean squared error. */
  get rootMeanSquaredError(): number {
    return Math.sqrt(this.#squared / this.#count);
  }

  /** 1 - the squared error divided by that of the targets' mean. */
  get r2(): number {
    return 1 - this.#squared / (this.#sumOfSquares - this.#sum ** 2 / this.#count);
  }

  add(part: StudiedPart): void {
    for (let sample = 0; sample < part.count; sample++) {
      const before = this.#squared;
      for (let i = sample * this.#size; i < (sample + 1) * this.#size; i++) {
        this.#addValue(part.targets[i], part.outputs[i]);
      }
      this.#keep(part, sample, (this.#squared - before) / this.#size);
    }
    this.samples += part.count;
  }

  #addValue(truth: number, predicted: number): void {
    const error = predicted - truth;
    this.#absolute += Math.abs(error);
    this.#squared += error ** 2;
    this.#sum += truth;
    this.#sumOfSquares += truth ** 2;
    if (this.#count++ % this.#every !== 0) return;
    this.points.push({ truth, predicted });
    if (this.points.length < 2 * MOST_POINTS) return;
    this.#every *= 2;
    for (let i = 0; i < MOST_POINTS; i++) this.points[i] = this.points[2 * i];
    this.points.length = MOST_POINTS;
  }

  #keep(part: StudiedPart, sample: number, error: number): void {
    const last = this.worst.at(MOST_EXAMPLES - 1);
    if (last && last.error >= error) return;
    if (!this.isOfPictures && this.#size > MOST_LISTED) return;
    const input = part.picture(sample);
    if (!this.isOfPictures && !input) return;
    const values = (all: ArrayLike<number>) =>
      Float32Array.from({ length: this.#size }, (_, i) => all[sample * this.#size + i]);
    const example = { target: values(part.targets), predicted: values(part.outputs) };
    this.worst.push({ sample: part.first + sample, error, input, ...example });
    this.worst.sort((a, b) => b.error - a.error).splice(MOST_EXAMPLES);
  }
}
