import { ConvforgeError } from '../errors.js';
import { isFloat32Array } from '../realms.js';
import type { Layer } from '../layers/base-layer.js';
import { Dense } from '../layers/core/dense.js';
import { sameShape, showShape } from '../layers/shapes.js';
import type { Model } from '../network/model.js';
import type { LossDescription, Shape } from '../program/description.js';
import { type ConvertSlice, SampleSource } from '../program/samples.js';
import { type Tensor, type TensorLike, toTensor, type TypedArray } from '../tensor/index.js';
import { warnOnce } from '../warnings.js';

/** How far outside [0, 1] rounding to float32 may put a value. */
const ROUNDING = 1e-6;

/** What the targets of an output must fit. */
export interface TargetForm {
  loss: LossDescription;
  /** Shape of one sample of the output. */
  outputShape: Shape;
  /** Number of samples in the inputs. */
  count: number;
  /** What messages call the inputs and the targets, such as "x" and "y". */
  names: readonly [string, string];
  model: Model;
}

/** Whether the loss takes class indices, one per row, instead of values in the output's shape. */
export function takesClasses({ kind }: LossDescription): boolean {
  return kind === 'sparseCategoricalCrossentropy';
}

/**
 * The shape of a sample's rows: the targets' shape without the batch axis and without the axis of a row's
 * values.
 */
export function rowShape({ shape }: SampleSource, loss: LossDescription): Shape {
  return shape.slice(1, takesClasses(loss) ? undefined : -1);
}

/**
 * Targets: int32 class indices for a sparse loss, else float32 values. Throws SHAPE_MISMATCH; reading throws
 * INVALID_LABEL.
 */
export function targetSource(value: TensorLike, form: TargetForm): SampleSource {
  const [, what] = form.names;
  const tensor = toTensor(value, what);
  const sparse = takesClasses(form.loss);
  const targetShape = sparse ? form.outputShape.slice(0, -1) : form.outputShape;
  checkTargetShape(tensor, targetShape, form, sparse);
  const classes = form.outputShape[form.outputShape.length - 1];
  const convert = sparse ? toClasses(what, classes, form.loss.ignoreClass) : toValues(form);
  const shape = [form.count, ...targetShape];
  return new SampleSource(what, tensor.dataSync(), shape, sparse ? 'int32' : 'float32', convert);
}

/**
 * Targets have the shape [n, ...targetShape]. Class indices may have an extra last axis of 1; single values
 * may omit theirs.
 */
function checkTargetShape({ shape }: Tensor, targetShape: Shape, form: TargetForm, sparse: boolean): void {
  const [x, y] = form.names;
  const rest = shape.slice(1);
  const fits =
    sameShape(rest, targetShape) ||
    (sparse ? sameShape(rest, [...targetShape, 1]) : shape.length === 1 && sameShape(targetShape, [1]));
  if (shape.length === 0 || !fits) {
    throw new ConvforgeError(
      'SHAPE_MISMATCH',
      `${y} has shape [${shape.join(', ')}], but ${form.loss.kind} on outputs of [${form.outputShape.join(', ')}] takes [${['n', ...targetShape].join(', ')}]${shapeRemedy(rest, form.outputShape, form.loss, form.model)}`,
    );
  }
  if (shape[0] !== form.count) {
    throw new ConvforgeError(
      'SHAPE_MISMATCH',
      `${x} has ${form.count} samples, but ${y} has ${shape[0]}; each sample needs its target.`,
    );
  }
}

function toClasses(what: string, classes: number, ignoreClass: number | undefined): ConvertSlice {
  return (slice, start) => {
    const labels = new Int32Array(slice.length);
    for (let i = 0; i < slice.length; i++) {
      const label = slice[i];
      if (!(Number.isInteger(label) && label >= 0 && label < classes) && label !== ignoreClass) {
        throw new ConvforgeError(
          'INVALID_LABEL',
          `${what}[${start + i}] is ${label}; with ${classes} outputs, classes are whole numbers from 0 to ${classes - 1}${except(label, ignoreClass)}.`,
        );
      }
      labels[i] = label;
    }
    return labels;
  };
}

/** Names the ignored class; or, for -1 and 255, tells how to ignore a class. Ends the sentence. */
function except(label: number, ignoreClass: number | undefined): string {
  if (ignoreClass !== undefined) return `, or ${ignoreClass}, which is ignored`;
  return label === -1 || label === 255
    ? `; to leave these out, give losses.sparseCategoricalCrossentropy ignoreClass: ${label}`
    : '';
}

function toValues(form: TargetForm): ConvertSlice {
  const [, what] = form.names;
  const isBinary = form.loss.kind === 'binaryCrossentropy' || form.loss.kind === 'binaryFocalCrossentropy';
  return (slice, start) => {
    const unfit = slice.findIndex((value) => !Number.isFinite(value));
    if (unfit >= 0) {
      throw new ConvforgeError(
        'INVALID_LABEL',
        `${what}: element ${start + unfit} is ${slice[unfit]}; targets are finite numbers.`,
      );
    }
    if (isBinary) checkProbabilities(slice, start, form);
    return isFloat32Array(slice) ? slice : Float32Array.from(slice);
  };
}

/**
 * Whole numbers other than 0 and 1 are errors: they must be class indices or bytes. Other values outside [0,
 * 1] only warn, as they may be meant: GANs use labels such as 1.2 for real images.
 */
function checkProbabilities(slice: TypedArray, start: number, { loss, names, model }: TargetForm): void {
  const isOff = (value: number) => value < -ROUNDING || value > 1 + ROUNDING;
  const off = slice.findIndex(isOff);
  if (off < 0) return;
  const whole = slice.findIndex((value) => isOff(value) && Number.isInteger(value));
  const index = whole < 0 ? off : whole;
  const what = `${names[1]}: element ${start + index} is ${slice[index]}, but ${loss.kind} takes labels from 0 to 1`;
  if (whole < 0) {
    warnOnce(model.compiled, `${model.name}: ${what}.`);
    return;
  }
  throw new ConvforgeError(
    'INVALID_LABEL',
    `${what}; for -1 and 1 use the loss 'hinge', for classes 'sparseCategoricalCrossentropy', and divide bytes by 255.`,
  );
}

/**
 * A likely fix for targets whose samples have the shape `given` instead of the outputs'. Ends the sentence.
 */
function shapeRemedy(given: Shape, outputShape: Shape, loss: LossDescription, model: Model): string {
  const classes = outputShape[outputShape.length - 1];
  const rows = outputShape.slice(0, -1);
  const hasClasses = sameShape(given, rows) || sameShape(given, [...rows, 1]);
  if (loss.kind === 'sparseCategoricalCrossentropy' && sameShape(given, outputShape))
    return "; for one-hot targets use the loss 'categoricalCrossentropy'.";
  if (loss.kind === 'categoricalCrossentropy' && hasClasses)
    return `; for whole-number classes use the loss 'sparseCategoricalCrossentropy', or oneHot(labels, ${classes}).`;
  if (loss.kind === 'binaryCrossentropy' && hasClasses)
    return `; for one class of ${classes} a sample use the loss 'sparseCategoricalCrossentropy', for a yes or no 1 unit.`;
  // Targets with fewer axes than the output suggest a missing flatten.
  const dense = given.length < outputShape.length ? denseOnAxes(model) : undefined;
  if (dense)
    return `; '${dense.name}' works on the last axis of ${showShape(dense.input.sampleShape)} alone: put layers.flatten(), or a global pooling, before it.`;
  return '.';
}

/** The first dense layer whose samples have several axes. */
function denseOnAxes(model: Model): { name: string; input: Layer['output'] } | undefined {
  for (const { layer, inputs } of model.sorted) {
    const [input] = inputs;
    if (layer instanceof Dense && input.sampleShape.length > 1) return { name: layer.name, input };
  }
  return undefined;
}
