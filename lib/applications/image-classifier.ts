import type { SymbolicTensor } from '../layers/symbolic-tensor.js';
import { randomFlip, randomTranslation } from '../layers/index.js';
import { OptionChecks, show } from '../options.js';
import type { Shape } from '../tensor/index.js';

/** Random changes of the training images. They are layers, which do nothing in evaluation and prediction. */
export interface Augmentation {
  /** Whether to mirror half of the images left to right. Default false. */
  flip?: boolean;
  /** Images are shifted along each axis by up to this share of their size, by whole pixels. Default 0. */
  shift?: number;
}

/** Options of every architecture for images. */
export interface ClassifierOptions {
  /** [height, width, channels] of the images, which have values from 0 to 255. */
  inputShape: Shape;
  /** The number of classes, from 1 up. */
  classes: number;
  /** Random changes of the training images. Default none. */
  augment?: Augmentation;
}

/** Reads the options of `who`. Throws UNKNOWN_OPTION, INVALID_ARGUMENT. */
export function checkClassifier(
  who: string,
  options: ClassifierOptions,
  others: readonly string[] = [],
): void {
  const checks = new OptionChecks(who);
  checks.keys(options, ['inputShape', 'classes', 'augment', ...others]);
  const { inputShape, classes, augment = {} } = options;
  if (!Array.isArray(inputShape) || inputShape.length !== 3)
    checks.fail(
      'INVALID_ARGUMENT',
      `inputShape is ${show(inputShape)}; it must be [height, width, channels], such as [28, 28, 1].`,
    );
  checks.whole('classes', classes, 1);
  const own = new OptionChecks(`${who}: augment`);
  own.keys(augment, ['flip', 'shift']);
  if (augment.flip !== undefined) own.boolean('flip', augment.flip);
  own.number('shift', augment.shift ?? 0, (shift) => shift >= 0 && shift < 1, 'a number from 0 to below 1');
}

/** Applies the augmentation to scaled images, in which `black` is the value of a black pixel. */
export function augmented(
  x: SymbolicTensor,
  augment: Augmentation | undefined,
  black: number,
): SymbolicTensor {
  let y = x;
  if (augment?.flip) y = randomFlip({ mode: 'horizontal' }).apply(y);
  if (!augment?.shift) return y;
  const shifting = randomTranslation({
    heightFactor: augment.shift,
    widthFactor: augment.shift,
    fillMode: 'constant',
    fillValue: black,
    interpolation: 'nearest',
  });
  return shifting.apply(y);
}
