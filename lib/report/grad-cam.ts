import type { LayersModel } from '../models/layers-model.js';
import { resizeBilinear } from '../ops/image.js';
import { OptionChecks } from '../options.js';
import { Tensor, type TensorLike } from '../tensor/index.js';
import { showShape } from '../tensor/shapes.js';
import { type ClassHeat, classHeat } from './class-activation.js';
import { extentOf, showNumber } from './extent.js';
import { checkImageModel, drawImage, IMAGE_TARGET, imageColormap, readImage } from './image-input.js';
import { scaleFor, type ImageGroup, imageGrid } from './image-grid.js';
import { describeShrinkage, paintOver, paintSideBySide, type Plane, splitPlanes } from './planes.js';
import { heatColormap } from './colormap.js';

/** Options of {@link gradCam}. */
export interface GradCamOptions {
  /** The class to explain, an index of the output. Default: the class with the highest score. */
  class?: number;
  /**
   * The name of the layer whose feature maps are weighted. A layer of a nested model is "model/layer", and a
   * layer's second use is "layer@2". Default: the last layer before the output with maps larger than 1x1,
   * which is the last before a flatten or global pooling.
   */
  layer?: string;
  /** The name of the output, for a model of several. */
  output?: string;
  /** The title above the figure. Default: "lenet: where class 3 is seen", with the model's name. */
  title?: string;
  /** The width in pixels. Default 960. */
  width?: number;
}

/**
 * Draws where in an image a model sees a class (Grad-CAM), as an SVG: the image, the heat map over it, and
 * the heat map alone.
 *
 * Each feature map A_c of a layer is weighted by the mean, over all positions, of the gradient of the class's
 * score with respect to A_c. The heat map is their sum where it is above 0, resized bilinearly to the image
 * (Selvaraju et al., 2017). After a softmax or a sigmoid the score is the logit, since scores near 1 have
 * almost no gradient. Evidence against the class isn't drawn.
 *
 * ```ts
 * await report.write('cat.svg', await report.gradCam(model, image, { class: 3 }));
 * ```
 *
 * @param model A model of one input, [height, width, channels].
 * @param image [height, width, channels] or [1, height, width, channels], in the model's range: bytes or
 * floats.
 * @throws INVALID_ARGUMENT for a model without layers, with several inputs or without feature maps, for an
 * unknown class, layer or output, and without `class` for an output of several positions; SHAPE_MISMATCH if
 * image and model don't fit, and for a named layer without feature maps; UNKNOWN_OPTION; DISPOSED
 */
export async function gradCam(
  model: LayersModel,
  image: TensorLike,
  options: GradCamOptions = {},
): Promise<string> {
  const checks = new OptionChecks('report.gradCam');
  checks.keys(options, ['class', 'layer', 'output', 'title', 'width']);
  const width = checks.whole('width', options.width ?? 960, 320);
  checkImageModel(checks, model);
  const made: Tensor[] = [];
  try {
    const batch = await readImage(checks, model, image, made);
    const found = await classHeat(checks, model, batch, options);
    const title = options.title ?? `${model.name}: where class ${found.class} is seen`;
    return await imageGrid(title, [drawImage(batch), drawHeat(found, batch)], width);
  } finally {
    for (const tensor of made) tensor.dispose();
  }
}

/** The heat map over the image, and alone. */
function drawHeat(found: ClassHeat, batch: Tensor): ImageGroup {
  const [, height, width, channels] = batch.shape;
  const heat = resized(found.heat, height, width);
  const [plane] = splitPlanes({ ...heat, channels: 1 }, 1, IMAGE_TARGET);
  const image = batch.dataSync();
  const behind = splitPlanes({ height, width, channels, values: image }, channels, IMAGE_TARGET);
  const colormap = heatColormap(extentOf(heat.values).most);
  const label = `class ${found.class} at ${found.layer.name}`;
  return {
    heading: `Class ${found.class} at ${found.layer.name}`,
    notes: [
      `${found.layer.layer.getClassName()}, ${showShape([found.heat.height, found.heat.width])} cells`,
      describeScore(found),
      describePosition(heat),
      describeShrinkage({ height, width }, IMAGE_TARGET),
    ],
    tiles: [
      { label: `${label}, over the image`, image: paintOver(plane, colormap, behind, imageColormap(image)) },
      { label: `${label}, alone`, image: paintSideBySide([plane], colormap) },
    ],
    colormap,
    scale: scaleFor(Math.max(height, width), IMAGE_TARGET),
  };
}

function resized({ height, width, values }: Plane, rows: number, columns: number): Plane {
  const tensor = resizeBilinear(
    new Tensor(values, [1, height, width, 1], 'float32'),
    [rows, columns],
    false,
    true,
  );
  return { height: rows, width: columns, values: tensor.dataSync() as Float32Array };
}

function describeScore({ class: own, scored, isOfLogits }: ClassHeat): string {
  const gradients = `gradients of its ${isOfLogits ? 'logit' : 'output'}`;
  if (!scored) return `${gradients}, summed over all positions`;
  const { score, predicted } = scored;
  const rank = predicted === own ? 'the highest' : `the highest is class ${predicted}'s`;
  return `score ${showNumber(score)}, ${rank}; ${gradients}`;
}

/** Describes where the heat map is largest. */
function describePosition({ height, width, values }: Plane): string {
  const { most, nonFinite } = extentOf(values);
  if (nonFinite > 0) return `${nonFinite} not finite (magenta)`;
  if (!(most > 0)) return 'no part of the image is evidence for the class';
  const at = values.indexOf(most);
  const [row, column] = [Math.floor(at / width), at % width];
  const third = (index: number, size: number) => Math.min(2, Math.floor((3 * (index + 0.5)) / size));
  const rows = ['upper', 'middle', 'lower'][third(row, height)];
  const columns = ['left', 'centre', 'right'][third(column, width)];
  return `most heat in the ${rows} ${columns}, at row ${row}, column ${column} of ${height}x${width}`;
}
