import type { Layer } from '../layers/base-layer.js';
import { Conv2D } from '../layers/convolutional/conv2d.js';
import { DepthwiseConv2D } from '../layers/convolutional/depthwise-conv2d.js';
import { SeparableConv2D } from '../layers/convolutional/separable-conv2d.js';
import type { LayersModel } from '../models/layers-model.js';
import type { Tensor } from '../tensor/index.js';
import { featureMaps } from './feature-maps.js';
import { filters } from './filters.js';
import { layerOutputs } from './layer-outputs.js';

/** Filters of the first convolution, and of each later one; and the most later ones. */
const FIRST_FILTERS = 64;
const LATER_FILTERS = 8;
const LATER_LAYERS = 3;

/** Layers whose feature maps are drawn, and maps of each. */
const MAP_LAYERS = 4;
const MAPS = 16;

/** The filters of the first convolution and, in part, of some later ones; and feature maps of the image. */
export async function modelFigures(model: LayersModel, image?: Tensor): Promise<string[]> {
  const outputs = layerOutputs(model);
  const hasFilters = (layer: Layer) =>
    layer instanceof Conv2D || layer instanceof DepthwiseConv2D || layer instanceof SeparableConv2D;
  const convolutions = [...new Set(outputs.map(({ layer }) => layer))].filter(hasFilters);
  const later = convolutions.slice(1, 1 + LATER_LAYERS);
  const drawn = await Promise.all([
    ...convolutions.slice(0, 1).map((layer) => filters(layer, { limit: FIRST_FILTERS })),
    ...later.map((layer) => filters(layer, { limit: LATER_FILTERS })),
  ]);
  if (!image) return drawn;
  const maps = outputs
    .filter(({ layer, shape }) => shape.length === 3 && hasFilters(layer))
    .slice(0, MAP_LAYERS);
  if (maps.length === 0) return drawn;
  const layers = maps.map(({ name }) => name);
  return [...drawn, await featureMaps(model, image, { layers, limit: MAPS })];
}
