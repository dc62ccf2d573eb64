import type { Layer } from '../layers/base-layer.js';
import { Conv2D } from '../layers/convolutional/conv2d.js';
import { DepthwiseConv2D } from '../layers/convolutional/depthwise-conv2d.js';
import { SeparableConv2D } from '../layers/convolutional/separable-conv2d.js';
import type { LayersModel } from '../models/layers-model.js';
import type { Tensor } from '../tensor/index.js';
import { featureMaps } from './feature-maps.js';
import { filters } from './filters.js';
import { layerOutputs } from './layer-outputs.js';
import type { PageFigure } from './run-content.js';

/** The most filters of a convolution; and those of later ones that aren't folded. */
const MOST_FILTERS = 64;
const PART_OF_FILTERS = 8;

/** Later convolutions that aren't folded, and further ones, of which a part is. */
const LATER_LAYERS = 3;
const FURTHER_LAYERS = 24;

/** Layers whose feature maps are drawn, and maps of each. */
const MAP_LAYERS = 4;
const MAPS = 16;

/**
 * The filters of the first convolution and, in part, of some later ones, with more of them folded; and feature
 * maps of the image.
 */
export async function modelFigures(model: LayersModel, image?: Tensor): Promise<PageFigure[]> {
  const outputs = layerOutputs(model);
  const convolutions = [...new Set(outputs.map(({ layer }) => layer))].filter(hasFilters);
  const open = convolutions.slice(0, 1 + LATER_LAYERS);
  const drawn = await Promise.all(open.map((layer, i) => (i === 0 ? drawFirst(layer) : drawLater(layer))));
  if (convolutions.length > open.length) drawn.push(await drawFurther(convolutions.slice(open.length)));
  if (!image) return drawn;
  const maps = outputs
    .filter(({ layer, shape }) => shape.length === 3 && hasFilters(layer))
    .slice(0, MAP_LAYERS);
  if (maps.length === 0) return drawn;
  const layers = maps.map(({ name }) => name);
  return [...drawn, { svg: await featureMaps(model, image, { layers, limit: MAPS }) }];
}

function hasFilters(layer: Layer): boolean {
  return layer instanceof Conv2D || layer instanceof DepthwiseConv2D || layer instanceof SeparableConv2D;
}

async function drawFirst(layer: Layer): Promise<PageFigure> {
  return { svg: await filters(layer, { limit: MOST_FILTERS }) };
}

async function drawLater(layer: Layer): Promise<PageFigure> {
  const part = await filters(layer, { limit: PART_OF_FILTERS });
  const whole = await filters(layer, { limit: MOST_FILTERS });
  // Figures of as many filters are the same.
  if (part.length === whole.length) return { svg: part };
  return { svg: part, more: { title: `More filters of ${layer.name}`, svgs: [whole] } };
}

async function drawFurther(layers: readonly Layer[]): Promise<PageFigure> {
  const drawn = layers.slice(0, FURTHER_LAYERS);
  const svgs = await Promise.all(drawn.map((layer) => filters(layer, { limit: PART_OF_FILTERS })));
  const of = drawn.length < layers.length ? `${drawn.length} of ${layers.length}` : `${layers.length}`;
  return { more: { title: `Filters of ${of} further convolutions`, svgs } };
}
