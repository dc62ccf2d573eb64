import type { LossDescription, Shape } from '../program/description.js';
import { takesClasses } from '../training/targets.js';
import type { Picture } from './picture.js';

/** Mistakes and samples to show. */
const MOST_MISTAKES = 24;
const MOST_EXAMPLES = 6;

/** A wrong prediction of a class for a whole sample. */
export interface Mistake {
  /** Index of the sample. */
  sample: number;
  truth: number;
  /** The classes with the highest probabilities, highest first. */
  best: { class: number; probability: number }[];
  picture?: Picture;
}

/** A sample that has a class at each position, such as each pixel. */
export interface Segmented {
  sample: number;
  /** Share of the positions with the right class. */
  accuracy: number;
  picture?: Picture;
  truth: Uint16Array;
  predicted: Uint16Array;
}

/** Where the values of a part's samples are. */
export interface StudiedPart {
  /** Index of the first sample. */
  first: number;
  count: number;
  outputs: Float32Array;
  targets: ArrayLike<number>;
  /** The image of a sample, copied; undefined if the model takes none. */
  picture(sample: number): Picture | undefined;
}

/**
 * Counts the classes that a model predicts, for whole samples or for each of their positions. An output of one
 * value is a score of the second of two classes.
 */
export class ClassStudy {
  readonly classes: number;
  /** Samples so far, and rows: samples times positions. */
  samples = 0;
  /** Rows by true class, then by predicted class. */
  readonly confusion: Float64Array;
  /** The most confident ones first. */
  mistakes: Mistake[] = [];
  /** Those with the lowest accuracy first. */
  worst: Segmented[] = [];
  readonly #loss: LossDescription;
  /** Values of a row, and rows of a sample. */
  readonly #width: number;
  readonly #rows: number;

  /** `shape` is that of an output of one sample. */
  constructor(
    loss: LossDescription,
    readonly shape: Shape,
  ) {
    this.#loss = loss;
    this.#width = shape[shape.length - 1];
    this.#rows = shape.slice(0, -1).reduce((product, size) => product * size, 1);
    this.classes = Math.max(2, this.#width);
    this.confusion = new Float64Array(this.classes ** 2);
  }

  /** Whether each sample has one class. */
  get isOfSamples(): boolean {
    return this.shape.length === 1;
  }

  add(part: StudiedPart): void {
    for (let sample = 0; sample < part.count; sample++) {
      if (this.isOfSamples) this.#addSample(part, sample);
      else this.#addPositions(part, sample);
    }
    this.samples += part.count;
    this.#trim();
  }

  #addSample(part: StudiedPart, sample: number): void {
    const truth = this.#truth(part.targets, sample);
    if (truth === undefined) return;
    const scores = part.outputs.subarray(sample * this.#width, (sample + 1) * this.#width);
    const predicted = this.#predicted(scores);
    this.confusion[truth * this.classes + predicted]++;
    if (predicted === truth) return;
    const probabilities = this.#probabilities(scores);
    const last = this.mistakes.at(MOST_MISTAKES - 1);
    if (last && last.best[0].probability >= probabilities[predicted]) return;
    const best = [...probabilities.keys()]
      .sort((a, b) => probabilities[b] - probabilities[a])
      .slice(0, 3)
      .map((index) => ({ class: index, probability: probabilities[index] }));
    this.mistakes.push({ sample: part.first + sample, truth, best, picture: part.picture(sample) });
    if (this.mistakes.length > 4 * MOST_MISTAKES) this.#trim();
  }

  #addPositions(part: StudiedPart, sample: number): void {
    const rows = this.#rows;
    const truths = new Uint16Array(rows);
    const predictions = new Uint16Array(rows);
    let right = 0;
    for (let row = 0; row < rows; row++) {
      const at = sample * rows + row;
      const truth = this.#truth(part.targets, at);
      const predicted = this.#predicted(part.outputs.subarray(at * this.#width, (at + 1) * this.#width));
      predictions[row] = predicted;
      truths[row] = truth ?? predicted;
      if (truth === undefined || truth === predicted) right++;
      if (truth !== undefined) this.confusion[truth * this.classes + predicted]++;
    }
    const accuracy = right / rows;
    const last = this.worst.at(MOST_EXAMPLES - 1);
    if (last && last.accuracy <= accuracy) return;
    const picture = part.picture(sample);
    this.worst.push({
      sample: part.first + sample,
      accuracy,
      picture,
      truth: truths,
      predicted: predictions,
    });
    this.worst.sort((a, b) => a.accuracy - b.accuracy).splice(MOST_EXAMPLES);
  }

  #trim(): void {
    this.mistakes.sort((a, b) => b.best[0].probability - a.best[0].probability).splice(MOST_MISTAKES);
  }

  /** The true class of a row; undefined if it is ignored. */
  #truth(targets: ArrayLike<number>, row: number): number | undefined {
    if (takesClasses(this.#loss)) {
      const label = targets[row];
      return label === this.#loss.ignoreClass ? undefined : label;
    }
    if (this.#width === 1) return targets[row] > 0.5 ? 1 : 0;
    return largest(targets, row * this.#width, this.#width);
  }

  #predicted(scores: Float32Array): number {
    if (this.#width > 1) return largest(scores, 0, this.#width);
    return scores[0] > (this.#isScore ? 0 : 0.5) ? 1 : 0;
  }

  /** Whether 0, not one half, divides the two classes of an output of one value. */
  get #isScore(): boolean {
    const { kind, fromLogits } = this.#loss;
    return fromLogits === true || kind === 'hinge' || kind === 'squaredHinge';
  }

  #probabilities(scores: Float32Array): Float32Array {
    const { kind, fromLogits } = this.#loss;
    const isLogits = fromLogits === true || kind.toLowerCase().includes('hinge');
    if (this.#width === 1) {
      const second = isLogits ? 1 / (1 + Math.exp(-scores[0])) : scores[0];
      return Float32Array.of(1 - second, second);
    }
    if (!isLogits) return scores;
    const most = scores[largest(scores, 0, scores.length)];
    const powers = scores.map((score) => Math.exp(score - most));
    const sum = powers.reduce((total, power) => total + power, 0);
    return powers.map((power) => power / sum);
  }
}

function largest(values: ArrayLike<number>, first: number, length: number): number {
  let best = 0;
  for (let i = 1; i < length; i++) if (values[first + i] > values[first + best]) best = i;
  return best;
}

/** Scores of one class. A score whose denominator is 0 is NaN. */
export interface ClassScores {
  /** Rows of this class. */
  support: number;
  /** Right ones, of those that were predicted as this class. */
  precision: number;
  /** Right ones, of those that are of this class. */
  recall: number;
  /** The harmonic mean of precision and recall. */
  f1: number;
  /** Intersection over union: right ones, of those that are or were predicted as this class. */
  iou: number;
}

/** The scores of each class, from rows by true class, then by predicted class. */
export function classScores(confusion: Float64Array, classes: number): ClassScores[] {
  return Array.from({ length: classes }, (_, index) => {
    let support = 0;
    let predicted = 0;
    for (let other = 0; other < classes; other++) {
      support += confusion[index * classes + other];
      predicted += confusion[other * classes + index];
    }
    return scoresOf({ right: confusion[index * classes + index], support, predicted });
  });
}

/** The scores of a class from its counts: rows that are right, that are of it, and that were predicted as it. */
export function scoresOf(counts: { right: number; support: number; predicted: number }): ClassScores {
  const { right, support, predicted } = counts;
  return {
    support,
    precision: right / predicted,
    recall: right / support,
    f1: (2 * right) / (predicted + support),
    iou: right / (predicted + support - right),
  };
}
