import { Activation } from '../layers/activation/activation.js';
import { ActivationLayer } from '../layers/activation/base-activation.js';
import { PReLU } from '../layers/activation/prelu.js';
import { BaseConv2D } from '../layers/convolutional/base-conv2d.js';
import { Conv2DTranspose } from '../layers/convolutional/conv2d-transpose.js';
import { Pooling2D } from '../layers/pooling/base-pooling2d.js';
import type { LayersModel } from '../models/layers-model.js';
import { OptionChecks, show, unknownName } from '../options.js';
import type { Tensor, TensorLike } from '../tensor/index.js';
import { showShape } from '../tensor/shapes.js';
import { describeValues } from './extent.js';
import { checkImageModel, drawImage, readImage } from './image-input.js';
import { computeLayerOutputs, type LayerOutput, layerOutputs } from './layer-outputs.js';
import { scaleFor, OWN_SCALES, type ImageGroup, imageGrid } from './image-grid.js';
import { describeShrinkage, paintSideBySide, type Planes, splitPlanes } from './planes.js';
import { colormapOf } from './colormap.js';

/** Options of {@link featureMaps}. */
export interface FeatureMapsOptions {
  /** The title above the figure. Default: "lenet: feature maps", with the model's name. */
  title?: string;
  /**
   * The names of the layers to draw. A layer of a nested model is "model/layer", and a layer's second use is
   * "layer@2". Default: all convolutions, poolings and activations that give images.
   */
  layers?: readonly string[];
  /** The most maps to draw of a layer, the first ones. The figure says if there are more. Default 64. */
  limit?: number;
  /**
   * Whether all maps of a layer share one colour scale. Otherwise each map is scaled to its own largest
   * value. Default true.
   */
  sharedScale?: boolean;
  /** The width in pixels. Default 960. */
  width?: number;
}

/** The most pixels of the page for the longer side of a map. */
const TARGET = 72;

/** The layers that are drawn by default. */
const SHOWN = [BaseConv2D, Conv2DTranspose, Pooling2D, Activation, ActivationLayer, PReLU];

/**
 * Draws the feature maps of one image as an SVG: the image, then for each layer an image for each channel.
 * The legend shows the colour scale: from black (0) to white, or, if some values are negative, from blue
 * through transparent to red.
 *
 * Prediction runs off the main thread.
 *
 * ```ts
 * await report.write('maps.svg', await report.featureMaps(model, images.slice(0, 1)));
 * ```
 *
 * @param model A model of one input, [height, width, channels].
 * @param image [height, width, channels] or [1, height, width, channels], in the model's range: bytes or
 * floats.
 * @throws INVALID_ARGUMENT for a model without layers or with several inputs, and for unknown layers;
 * SHAPE_MISMATCH if image and model don't fit, and for a named layer that gives no images; UNKNOWN_OPTION;
 * DISPOSED; MODEL_BUSY while the model makes a training step: call it in a callback
 */
export async function featureMaps(
  model: LayersModel,
  image: TensorLike,
  options: FeatureMapsOptions = {},
): Promise<string> {
  const checks = new OptionChecks('report.featureMaps');
  checks.keys(options, ['title', 'layers', 'limit', 'sharedScale', 'width']);
  const limit = checks.whole('limit', options.limit ?? 64, 1);
  const isShared = checks.boolean('sharedScale', options.sharedScale ?? true);
  const width = checks.whole('width', options.width ?? 960, 320);
  checkImageModel(checks, model);
  const names = chooseLayers(checks, model, options.layers);
  const made: Tensor[] = [];
  try {
    const batch = await readImage(checks, model, image, made);
    const groups = [drawImage(batch)];
    await computeLayerOutputs(model, [batch], names, async (output, value) => {
      groups.push(drawMaps(output, value, { limit, isShared }));
    });
    return await imageGrid(options.title ?? `${model.name}: feature maps`, groups, width);
  } finally {
    for (const tensor of made) tensor.dispose();
  }
}

/** The names of the layers to draw. */
function chooseLayers(
  checks: OptionChecks,
  model: LayersModel,
  given: readonly string[] | undefined,
): Set<string> {
  const all = layerOutputs(model);
  if (given === undefined) {
    const shown = all.filter(
      ({ layer, shape }) => shape.length === 3 && SHOWN.some((kind) => layer instanceof kind),
    );
    if (shown.length > 0) return new Set(shown.map(({ name }) => name));
    return checks.fail(
      'INVALID_ARGUMENT',
      `${model.name} has no convolution, pooling or activation that gives images; name others in \`layers\`.`,
    );
  }
  if (!Array.isArray(given) || given.length === 0) {
    checks.fail(
      'INVALID_ARGUMENT',
      `layers is ${show(given)}; it must be a list of names, such as ['conv2d_1'].`,
    );
  }
  for (const requested of given) {
    const output = all.find(({ name }) => name === requested);
    const known = all.map(({ name }) => name);
    if (!output) return checks.fail('INVALID_ARGUMENT', unknownName('layer', String(requested), known));
    if (output.shape.length !== 3) {
      const { layer } = output;
      new OptionChecks(checks.subject, layer.name).fail(
        'SHAPE_MISMATCH',
        `${requested} gives ${showShape(output.shape)}; feature maps are [height, width, channels]. Leave it out of \`layers\`.`,
      );
    }
  }
  return new Set(given);
}

function drawMaps(
  { name, layer }: LayerOutput,
  value: Tensor,
  { limit, isShared }: { limit: number; isShared: boolean },
): ImageGroup {
  const [, height, width, channels] = value.shape;
  const values = value.dataSync();
  const all: Planes = { height, width, channels, values };
  const planes = splitPlanes(all, limit);
  const colormap = colormapOf(values);
  const notes = [
    `${layer.getClassName()}, ${showShape([height, width, channels])}`,
    planes.length < channels ? `the first ${planes.length} of ${channels} maps are drawn` : undefined,
    describeValues(values),
    isShared ? undefined : OWN_SCALES,
    describeZeros(all),
    describeShrinkage(all),
  ];
  return {
    heading: name,
    notes,
    tiles: planes.map((plane, channel) => ({
      label: `${name}, map ${channel}: ${describeValues(plane.values)}`,
      image: paintSideBySide([plane], isShared ? colormap : colormap.rescaled(plane.values)),
    })),
    areRescaled: !isShared,
    colormap,
    scale: scaleFor(Math.max(height, width), TARGET),
  };
}

/** Counts the channels that are zero everywhere, as after ReLU. */
function describeZeros({ channels, values }: Planes): string | undefined {
  const alive = new Uint8Array(channels);
  for (let i = 0; i < values.length; i++) if (values[i] !== 0) alive[i % channels] = 1;
  const zeros = channels - alive.reduce((sum, each) => sum + each, 0);
  if (zeros === 0) return undefined;
  return zeros === 1 ? '1 map is zero everywhere' : `${zeros} maps are zero everywhere`;
}
