import { show } from '../../options.js';
import type { Lowering } from '../lower.js';
import type { OptionNames } from '../base-layer.js';
import type { LayerConfig } from '../config.js';
import { RANDOM_IMAGE_OPTIONS, RandomImageLayer, type RandomImageOptions } from './base-random-image.js';

/** What layers take that change the contrast or brightness of images at random. */
export interface RandomToneOptions extends RandomImageOptions {
  /**
   * The least and the largest value that images have; results are limited to them. Default [0, 255]; behind a rescaling to [0, 1] give
   * that.
   */
  valueRange?: readonly [number, number];
}

export const RANDOM_TONE_OPTIONS: OptionNames<RandomToneOptions & { factor: unknown }> = {
  ...RANDOM_IMAGE_OPTIONS,
  factor: true,
  valueRange: true,
};

/** Changes the contrast or brightness of images, each by a draw of its own, in training only. [h, w, c] to the same shape. */
export abstract class RandomToneLayer extends RandomImageLayer {
  abstract readonly factor: readonly [number, number];
  readonly valueRange: readonly [number, number];

  constructor(options: RandomToneOptions) {
    super(options);
    this.valueRange = this.readValueRange(options.valueRange ?? [0, 255]);
  }

  /** `kind` of the node, and the range that its draw is from. */
  protected abstract tone(): { kind: string; range: number[] };

  protected override lowerDraws(lowering: Lowering, input: number): number {
    return lowering.add({
      name: this.name,
      op: 'randomTone',
      inputs: [input],
      attributes: { ...this.tone(), limits: [...this.valueRange], ...this.drawsFrom(lowering) },
      shape: this.inferShape(lowering.shapeOf(input)),
    });
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), factor: [...this.factor], valueRange: [...this.valueRange] };
  }

  private readValueRange(value: unknown): [number, number] {
    const limits: unknown[] = Array.isArray(value) ? value : [];
    const [low, high] = limits as number[];
    if (limits.length !== 2 || !limits.every(Number.isFinite) || low >= high) {
      this.checks.fail(
        'INVALID_ARGUMENT',
        `valueRange is ${show(value)}; it must be two finite numbers, the lower one first, such as [0, 255].`,
      );
    }
    return [low, high];
  }
}
