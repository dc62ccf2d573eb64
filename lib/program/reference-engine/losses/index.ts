import { ConvforgeError } from '../../../errors.js';
import { isInt32Array } from '../../../realms.js';
import type { LossDescription, LossKind } from '../../description.js';
import type { FloatArray } from '../precision.js';
import { CLASS_LOSSES } from './class-losses.js';
import { ELEMENT_LOSSES } from './element-losses.js';
import { requireNumber } from './numbers.js';
import type { RowLoss } from './row-loss.js';

/** Float values of the outputs' shape, or classes of the outputs' shape without its last axis. */
export type Targets = FloatArray | Int32Array;

export interface LossCall {
  readonly samples: number;
  /** Length of the last axis. */
  readonly classes: number;
  /** The outputs, [samples, ..., classes], or their logits. */
  readonly outputs: FloatArray;
  readonly targets: Targets;
  /** Factor of the loss of each row, [samples, ...]. Default: all 1. */
  readonly rowWeights?: Float32Array;
  /** Each sample's loss, [samples], to fill; zeros at first. */
  readonly losses: Float64Array;
  /** The gradient of each sample's loss by `outputs`, to fill. */
  readonly gradient: Float64Array;
}

/** A loss with its parameters. */
export interface Loss {
  readonly targets: RowLoss['targets'];
  readonly logitsOf: RowLoss['logitsOf'];
  readonly ignoreClass?: number;
  compute(call: LossCall, logits: boolean): void;
  /** Factor of the mean over all of a batch's rows: see ignoreClass in description.ts. */
  batchScale(targets: Targets): number;
}

const LOSSES: Readonly<Record<LossKind, RowLoss>> = { ...CLASS_LOSSES, ...ELEMENT_LOSSES };

/** Throws UNSUPPORTED or INVALID_ARGUMENT for an invalid description. */
export function makeLoss(description: LossDescription): Loss {
  const { kind, labelSmoothing = 0, delta = 1, gamma = 2, alpha, ignoreClass } = description;
  if (!Object.hasOwn(LOSSES, kind)) {
    throw new ConvforgeError(
      'UNSUPPORTED',
      `there is no loss '${kind}'; it can be ${Object.keys(LOSSES).join(', ')}.`,
    );
  }
  const isShare = labelSmoothing >= 0 && labelSmoothing <= 1;
  requireNumber("the loss's labelSmoothing", labelSmoothing, isShare, 'from 0 to 1');
  requireNumber("the loss's delta", delta, delta > 0, 'above 0');
  requireNumber("the loss's gamma", gamma, gamma >= 0, 'from 0 up');
  if (alpha !== undefined) requireNumber("the loss's alpha", alpha, true, 'a finite number');
  const { targets, logitsOf, sumsRows, compute } = LOSSES[kind];
  checkIgnoredClass(ignoreClass, targets);
  return {
    targets,
    logitsOf,
    ignoreClass,
    batchScale(labels) {
      if (ignoreClass === undefined) return 1;
      const counted = labels.filter((label) => label !== ignoreClass).length;
      return counted > 0 ? labels.length / counted : 0;
    },
    compute(call, logits) {
      const { samples, classes, outputs, rowWeights, losses, gradient } = call;
      const rows = outputs.length / classes / samples;
      const shift = labelSmoothing / (logitsOf === 'sigmoid' ? 2 : classes);
      const t = new Float64Array(classes);
      const rowGradient = new Float64Array(classes);
      for (let row = 0; row < rows * samples; row++) {
        if (isLeftOut(call, row, ignoreClass)) continue;
        const scale = (sumsRows ? 1 : 1 / rows) * (rowWeights ? rowWeights[row] : 1);
        const p = Float64Array.from(outputs.subarray(row * classes, (row + 1) * classes));
        readTarget(call, row, t);
        for (let i = 0; i < classes; i++) t[i] = t[i] * (1 - labelSmoothing) + shift;
        const loss = compute({ p, t, logits, numbers: { delta, gamma, alpha }, gradient: rowGradient });
        losses[Math.floor(row / rows)] += scale * loss;
        for (let i = 0; i < classes; i++) gradient[row * classes + i] = scale * rowGradient[i];
      }
    },
  };
}

function checkIgnoredClass(ignoreClass: number | undefined, targets: RowLoss['targets']): void {
  if (ignoreClass === undefined) return;
  if (targets !== 'classes')
    throw new ConvforgeError('INVALID_ARGUMENT', 'only a loss that takes classes can have ignoreClass.');
  const fits = ignoreClass === Math.trunc(ignoreClass) && Math.abs(ignoreClass) < 2 ** 31;
  requireNumber("the loss's ignoreClass", ignoreClass, fits, 'a whole number of 32 bits');
}

/** Whether a row is left out. A class out of range is one that another loss of the same targets ignores. */
function isLeftOut({ targets, classes }: LossCall, row: number, ignoreClass: number | undefined): boolean {
  if (!isInt32Array(targets)) return false;
  return targets[row] === ignoreClass || targets[row] < 0 || targets[row] >= classes;
}

/** Writes a row's target values to `t`, or the one-hot row of its class. */
function readTarget({ targets, classes }: LossCall, row: number, t: Float64Array): void {
  if (isInt32Array(targets)) {
    t.fill(0);
    t[targets[row]] = 1;
  } else {
    t.set(targets.subarray(row * classes, (row + 1) * classes));
  }
}
