import type { LayersModel } from '../models/layers-model.js';
import { resizeBilinear } from '../ops/image.js';
import { OptionChecks } from '../options.js';
import { Tensor, type TensorLike } from '../tensor/index.js';
import { showShape } from '../tensor/shapes.js';
import { type ClassHeat, classHeat } from './class-activation.js';
import { extentOf, showNumber } from './extent.js';
import { checkImageModel, drawImage, IMAGE_TARGET, imageShades, readImage } from './image-input.js';
import { cellFor, type PictureGroup, pictureGrid } from './picture-grid.js';
import { describeShrinkage, paintOver, paintSideBySide, type Plane, splitPlanes } from './planes.js';
import { heatShades } from './shades.js';

/** Options of {@link gradCam}. */
export interface GradCamOptions {
  /** The class whose heat is drawn, an index of the output. Default: the one that the model gives most for. */
  class?: number;
  /**
   * Name of the layer whose maps are weighed; one in a model inside is "model/layer", a layer's second use is "layer@2". Default: the last
   * one before the output that gives maps of more than one cell, which is the last before a flatten or global pooling.
   */
  layer?: string;
  /** Name of the output, for a model of several. */
  output?: string;
  /** Above the pictures. Default: "lenet: where class 3 is seen", after the model. */
  title?: string;
  /** Pixels across; default 960. */
  width?: number;
}

/**
 * Where in an image a model sees what speaks for a class, as the text of an SVG file: the image, the heat over it, and the heat alone. This
 * is Grad-CAM: the maps A_c of a layer are weighed by the mean over all cells of the gradient of the class's score by A_c; heat is their
 * sum where it is above 0, resized bilinearly to the image (Selvaraju et al., 2017). The score is the logit where the output is a
 * softmax's or a sigmoid's, since scores near 1 hardly change any more. What speaks against the class isn't drawn.
 *
 * @param model Of one input, [height, width, channels].
 * @param image [height, width, channels] or [1, height, width, channels], as the model takes it: bytes or floats.
 * @throws INVALID_ARGUMENT for a model without layers, with several inputs or without maps, for a class, layer or output that isn't there,
 * and without `class` for an output of several places; SHAPE_MISMATCH where image and model don't fit, and for a named layer that gives no
 * maps; UNKNOWN_OPTION; DISPOSED
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
    return await pictureGrid(title, [drawImage(batch), drawHeat(found, batch)], width);
  } finally {
    for (const tensor of made) tensor.dispose();
  }
}

/** The heat over the image, and alone. */
function drawHeat(found: ClassHeat, batch: Tensor): PictureGroup {
  const [, height, width, channels] = batch.shape;
  const heat = resized(found.heat, height, width);
  const [plane] = splitPlanes({ ...heat, channels: 1 }, 1, IMAGE_TARGET);
  const image = batch.dataSync();
  const behind = splitPlanes({ height, width, channels, values: image }, channels, IMAGE_TARGET);
  const shades = heatShades(extentOf(heat.values).most);
  const label = `class ${found.class} at ${found.layer.name}`;
  return {
    heading: `Class ${found.class} at ${found.layer.name}`,
    notes: [
      `${found.layer.layer.getClassName()}, ${showShape([found.heat.height, found.heat.width])} cells`,
      describeScore(found),
      describePlace(heat),
      describeShrinkage({ height, width }, IMAGE_TARGET),
    ],
    tiles: [
      { label: `${label}, over the image`, picture: paintOver(plane, shades, behind, imageShades(image)) },
      { label: `${label}, alone`, picture: paintSideBySide([plane], shades) },
    ],
    shades,
    cell: cellFor(Math.max(height, width), IMAGE_TARGET),
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
  if (!scored) return `${gradients}, summed over all places`;
  const { score, predicted } = scored;
  const rank = predicted === own ? 'the highest' : `the highest is class ${predicted}'s`;
  return `score ${showNumber(score)}, ${rank}; ${gradients}`;
}

/** Where the most heat is, in words. */
function describePlace({ height, width, values }: Plane): string {
  const { most, odd } = extentOf(values);
  if (odd > 0) return `${odd} not finite (magenta)`;
  if (!(most > 0)) return 'nothing here speaks for the class';
  const at = values.indexOf(most);
  const [row, column] = [Math.floor(at / width), at % width];
  const third = (cell: number, cells: number) => Math.min(2, Math.floor((3 * (cell + 0.5)) / cells));
  const rows = ['upper', 'middle', 'lower'][third(row, height)];
  const columns = ['left', 'centre', 'right'][third(column, width)];
  return `most heat in the ${rows} ${columns}, at row ${row}, column ${column} of ${height}x${width}`;
}
