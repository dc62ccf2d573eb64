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
import { cellFor, OWN_SCALES, type PictureGroup, pictureGrid } from './picture-grid.js';
import { describeShrinkage, paintSideBySide, type Planes, splitPlanes } from './planes.js';
import { shadesOf } from './shades.js';

/** Options of {@link featureMaps}. */
export interface FeatureMapsOptions {
  /** Above the pictures. Default: "lenet: feature maps", after the model. */
  title?: string;
  /**
   * Names of the layers that are shown; those in a model inside are "model/layer", a layer's second use is "layer@2". Default: all
   * convolutions, poolings and activations that give images.
   */
  layers?: readonly string[];
  /** The most maps of a layer that are drawn, the first ones; the picture says if there are more. Default 64. */
  limit?: number;
  /** Whether colours mean the same in all maps of a layer; otherwise those of a map reach to its own largest value. Default true. */
  sharedScale?: boolean;
  /** Pixels across; default 960. */
  width?: number;
}

/** Pixels of the page for the longer side of a map. */
const TARGET = 72;

/** Layers whose outputs are worth a look unless others are named. */
const SHOWN = [BaseConv2D, Conv2DTranspose, Pooling2D, Activation, ActivationLayer, PReLU];

/**
 * What layers make of one image, as the text of an SVG file: the image, then for each layer a picture a channel. The maps of a layer share
 * one scale unless told otherwise, which is drawn too: from black (0) to white, or where some values are negative from blue over nothing to red.
 * Prediction runs off the thread.
 *
 * @param model Of one input, [height, width, channels].
 * @param image [height, width, channels] or [1, height, width, channels], as the model takes it: bytes or floats.
 * @throws INVALID_ARGUMENT for a model without layers or with several inputs, and for layers that aren't there; SHAPE_MISMATCH where image
 * and model don't fit, and for a named layer that gives no images; UNKNOWN_OPTION; DISPOSED; MODEL_BUSY while the model makes a
 * training step: call it in a callback
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
    return await pictureGrid(options.title ?? `${model.name}: feature maps`, groups, width);
  } finally {
    for (const tensor of made) tensor.dispose();
  }
}

/** Names of the layers to show. */
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
  for (const wanted of given) {
    const output = all.find(({ name }) => name === wanted);
    const known = all.map(({ name }) => name);
    if (!output) return checks.fail('INVALID_ARGUMENT', unknownName('layer', String(wanted), known));
    if (output.shape.length !== 3) {
      const { layer } = output;
      new OptionChecks(checks.subject, layer.name).fail(
        'SHAPE_MISMATCH',
        `${wanted} gives ${showShape(output.shape)}; feature maps are [height, width, channels]. Leave it out of \`layers\`.`,
      );
    }
  }
  return new Set(given);
}

function drawMaps(
  { name, layer }: LayerOutput,
  value: Tensor,
  { limit, isShared }: { limit: number; isShared: boolean },
): PictureGroup {
  const [, height, width, channels] = value.shape;
  const values = value.dataSync();
  const all: Planes = { height, width, channels, values };
  const planes = splitPlanes(all, limit);
  const shades = shadesOf(values);
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
      picture: paintSideBySide([plane], isShared ? shades : shades.rescaled(plane.values)),
    })),
    areRescaled: !isShared,
    shades,
    cell: cellFor(Math.max(height, width), TARGET),
  };
}

/** Tells of channels in which nothing is left, as ReLU may make them. */
function describeZeros({ channels, values }: Planes): string | undefined {
  const alive = new Uint8Array(channels);
  for (let i = 0; i < values.length; i++) if (values[i] !== 0) alive[i % channels] = 1;
  const zeros = channels - alive.reduce((sum, each) => sum + each, 0);
  if (zeros === 0) return undefined;
  return zeros === 1 ? '1 map is zero everywhere' : `${zeros} maps are zero everywhere`;
}
