import { fitsShape } from '../layers/shapes.js';
import { LayersModel } from '../models/layers-model.js';
import { OptionChecks, show } from '../options.js';
import { isUint8Array } from '../realms.js';
import { type Tensor, type TensorLike, toTensor } from '../tensor/index.js';
import { showShape } from '../tensor/shapes.js';
import { describeValues, extentOf } from './extent.js';
import { scaleFor, type ImageGroup } from './image-grid.js';
import { describeShrinkage, paintColours, paintSideBySide, splitPlanes } from './planes.js';
import { grey, type Colormap } from './colormap.js';

// The input image of figures about a model.

/**
 * The most pixels of the page for the longer side of the image; of each channel, if there are neither one nor
 * three.
 */
export const IMAGE_TARGET = 168;
const CHANNEL_TARGET = 72;

/** Throws INVALID_ARGUMENT or SHAPE_MISMATCH unless the model takes one image. */
export function checkImageModel(checks: OptionChecks, model: LayersModel): void {
  if (!(model instanceof LayersModel)) {
    checks.fail(
      'INVALID_ARGUMENT',
      `${show(model)} is not a model; give the result of sequential() or model().`,
    );
  }
  model.state.checkUsable();
  const { inputs } = model;
  if (inputs.length > 1) {
    checks.fail(
      'INVALID_ARGUMENT',
      `${model.name} takes ${inputs.length} inputs (${inputs.map(({ name }) => name).join(', ')}); give a model of one image.`,
    );
  }
  const [{ name, sampleShape }] = inputs;
  if (sampleShape.length !== 3) {
    checks.fail(
      'SHAPE_MISMATCH',
      `${model.name} takes ${showShape(sampleShape)} (${name}); it must take an image, [height, width, channels].`,
    );
  }
}

/** Reads the image as a batch of one. Appends the tensors that it makes to `made`. */
export async function readImage(
  checks: OptionChecks,
  model: LayersModel,
  image: TensorLike,
  made: Tensor[],
): Promise<Tensor> {
  const tensor = toTensor(image, `${checks.subject}: image`);
  if (tensor !== image) made.push(tensor);
  const [{ name, sampleShape }] = model.inputs;
  const isBatch = tensor.rank === 4 && tensor.shape[0] === 1;
  const shape = isBatch ? tensor.shape.slice(1) : tensor.shape;
  if (!fitsShape(shape, sampleShape)) {
    const [height, width, channels] = sampleShape;
    new OptionChecks(checks.subject, name).fail(
      'SHAPE_MISMATCH',
      `image is ${showShape(tensor.shape)}, but ${name} of ${model.name} takes one of ${showShape(sampleShape)}; ` +
        `reshape it to [${height}, ${width}, ${channels}], or take one of a batch: images.slice(0, 1).`,
    );
  }
  await tensor.data();
  const batch = tensor.reshape([1, ...shape]);
  made.push(batch);
  return batch;
}

/** Draws the image: in colour for three channels, else an image for each channel. */
export function drawImage(batch: Tensor): ImageGroup {
  const [, height, width, channels] = batch.shape;
  const values = batch.dataSync();
  const planes = splitPlanes({ height, width, channels, values }, channels, IMAGE_TARGET);
  const colormap = imageColormap(values);
  const images =
    channels === 3
      ? [paintColours(planes, colormap)]
      : planes.map((plane) => paintSideBySide([plane], colormap));
  const notes = [
    showShape([height, width, channels]),
    describeValues(values),
    describeShrinkage({ height, width }, IMAGE_TARGET),
  ];
  return {
    heading: 'Image',
    notes,
    tiles: images.map((image, channel) => ({ label: `channel ${channel}`, image })),
    colormap,
    scale: scaleFor(
      Math.max(height, width),
      channels === 1 || channels === 3 ? IMAGE_TARGET : CHANNEL_TARGET,
    ),
  };
}

/**
 * From black to white over 0 to 1, -1 to 1 or 0 to 255, the first range that contains all values, else from
 * the minimum to the maximum.
 */
export function imageColormap(values: ArrayLike<number>): Colormap {
  const { least, most } = extentOf(values);
  if (!(least <= most)) return grey(0, 1);
  if (isUint8Array(values)) return grey(0, 255);
  const usual = [
    [0, 1],
    [-1, 1],
    [0, 255],
  ].find(([low, high]) => low <= least && most <= high);
  return usual ? grey(usual[0], usual[1]) : grey(least, most);
}
