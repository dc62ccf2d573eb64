import { ConvforgeError } from '../errors.js';
import { sameShape } from '../layers/shapes.js';
import type { LossDescription, Shape } from '../program/description.js';
import { type ConvertSlice, SampleSource } from '../program/samples.js';
import { type Tensor, type TensorLike, toTensor } from '../tensor/index.js';

/** What targets must look like. */
export interface TargetForm {
  loss: LossDescription;
  /** Of one output of the model. */
  outputShape: Shape;
  /** Number of samples in the inputs. */
  count: number;
  /** "x" and "y", as messages call them. */
  names: readonly [string, string];
}

/** Whether the targets of the loss are whole-number classes, one a row, and not values of the output's shape. */
export function takesClasses({ kind }: LossDescription): boolean {
  return kind === 'sparseCategoricalCrossentropy';
}

/** The shape of a sample's rows: of the targets' axes those that aren't the batch, nor the values of a row. */
export function rowShape({ shape }: SampleSource, loss: LossDescription): Shape {
  return shape.slice(1, takesClasses(loss) ? undefined : -1);
}

/** Classes as int32 for a sparse loss, else float32 values. Throws SHAPE_MISMATCH; INVALID_LABEL when it is read. */
export function targetSource(value: TensorLike, form: TargetForm): SampleSource {
  const [, what] = form.names;
  const tensor = toTensor(value, what);
  const sparse = takesClasses(form.loss);
  const targetShape = sparse ? form.outputShape.slice(0, -1) : form.outputShape;
  checkTargetShape(tensor, targetShape, form, sparse);
  const classes = form.outputShape[form.outputShape.length - 1];
  const convert = sparse ? toClasses(what, classes, form.loss.ignoreClass) : toValues(what);
  const shape = [form.count, ...targetShape];
  return new SampleSource(what, tensor.dataSync(), shape, sparse ? 'int32' : 'float32', convert);
}

/** Beside [n, ...targetShape], classes may have a last axis of 1, and single values none. */
function checkTargetShape({ shape }: Tensor, targetShape: Shape, form: TargetForm, sparse: boolean): void {
  const [x, y] = form.names;
  const rest = shape.slice(1);
  const fits =
    sameShape(rest, targetShape) ||
    (sparse ? sameShape(rest, [...targetShape, 1]) : shape.length === 1 && sameShape(targetShape, [1]));
  if (shape.length === 0 || !fits) {
    throw new ConvforgeError(
      'SHAPE_MISMATCH',
      `${y} has shape [${shape.join(', ')}], but ${form.loss.kind} on outputs of [${form.outputShape.join(', ')}] takes [${['n', ...targetShape].join(', ')}]${remedy(rest, form, sparse)}`,
    );
  }
  if (shape[0] !== form.count) {
    throw new ConvforgeError(
      'SHAPE_MISMATCH',
      `${x} has ${form.count} samples, but ${y} has ${shape[0]}; each sample needs its target.`,
    );
  }
}

function remedy(rest: Shape, { loss, outputShape }: TargetForm, sparse: boolean): string {
  if (sparse && sameShape(rest, outputShape))
    return "; for one-hot targets use the loss 'categoricalCrossentropy'.";
  if (loss.kind === 'categoricalCrossentropy' && sameShape(rest, outputShape.slice(0, -1))) {
    return `; for whole-number classes use the loss 'sparseCategoricalCrossentropy', or oneHot(labels, ${outputShape[outputShape.length - 1]}).`;
  }
  return '.';
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

/** What else is a class, or the way to leave out what is often none. */
function except(label: number, ignoreClass: number | undefined): string {
  if (ignoreClass !== undefined) return `, or ${ignoreClass}, which is ignored`;
  return label === -1 || label === 255
    ? `; to leave these out, give losses.sparseCategoricalCrossentropy ignoreClass: ${label}`
    : '';
}

function toValues(what: string): ConvertSlice {
  return (slice, start) => {
    const unfit = slice.findIndex((value) => !Number.isFinite(value));
    if (unfit >= 0) {
      throw new ConvforgeError(
        'INVALID_LABEL',
        `${what}: element ${start + unfit} is ${slice[unfit]}; targets are finite numbers.`,
      );
    }
    return slice instanceof Float32Array ? slice : Float32Array.from(slice);
  };
}
