import type { LossDescription, Shape } from '../program/description.js';
import { type ClassScores, scoresOf, type StudiedPart } from './class-study.js';

/** Counts labels of which each sample may have several: an output for each label, 1 if the sample has it. */
export class LabelStudy {
  readonly labels: number;
  samples = 0;
  /** Samples with all labels right. */
  whole = 0;
  readonly #threshold: number;
  readonly #right: Float64Array;
  readonly #predicted: Float64Array;
  readonly #support: Float64Array;

  /** `shape` is that of an output of one sample, [labels]. */
  constructor({ fromLogits }: LossDescription, [labels]: Shape) {
    this.labels = labels;
    this.#threshold = fromLogits ? 0 : 0.5;
    this.#right = new Float64Array(labels);
    this.#predicted = new Float64Array(labels);
    this.#support = new Float64Array(labels);
  }

  add({ count, outputs, targets }: StudiedPart): void {
    for (let sample = 0; sample < count; sample++) {
      let isWhole = true;
      for (let label = 0; label < this.labels; label++) {
        const at = sample * this.labels + label;
        const [has, says] = [targets[at] > 0.5, outputs[at] > this.#threshold];
        if (has) this.#support[label]++;
        if (says) this.#predicted[label]++;
        if (has && says) this.#right[label]++;
        isWhole &&= has === says;
      }
      if (isWhole) this.whole++;
    }
    this.samples += count;
  }

  get scores(): ClassScores[] {
    return Array.from(this.#right, (right, label) =>
      scoresOf({ right, support: this.#support[label], predicted: this.#predicted[label] }),
    );
  }
}
