import type { ByteImage } from '../io/png.js';
import { Layer } from '../layers/base-layer.js';
import { Conv2D } from '../layers/convolutional/conv2d.js';
import { Conv2DTranspose } from '../layers/convolutional/conv2d-transpose.js';
import { DepthwiseConv2D } from '../layers/convolutional/depthwise-conv2d.js';
import { SeparableConv2D } from '../layers/convolutional/separable-conv2d.js';
import { LayersModel } from '../models/layers-model.js';
import { OptionChecks } from '../options.js';
import { type Tensor, type TensorLike, toTensor } from '../tensor/index.js';
import { showShape } from '../tensor/shapes.js';
import { describeValues } from './extent.js';
import { scaleFor, OWN_SCALES, type ImageGroup, imageGrid, roomFor, type Tile } from './image-grid.js';
import {
  describeShrinkage,
  paintColours,
  paintSideBySide,
  type Planes,
  splitPlanes,
  stepOf,
} from './planes.js';
import { grey, rangeOf, type Colormap, colormapOf } from './colormap.js';

/** Options of {@link filters}. */
export interface FiltersOptions {
  /** The title above the figure. Default: "conv2d_1: filters", with the layer's name. */
  title?: string;
  /** The most filters to draw, the first ones. The figure says if there are more. Default 64. */
  limit?: number;
  /**
   * Whether all filters share one colour scale. Otherwise each filter is scaled to its own largest weight.
   * Default true.
   */
  sharedScale?: boolean;
  /** Whether three input channels are drawn as red, green and blue. Default true. */
  rgb?: boolean;
  /** The width in pixels. Default 960. */
  width?: number;
}

/** A kernel [height, width, channels, filters], row-major. */
interface Kernel {
  height: number;
  width: number;
  channels: number;
  filters: number;
  values: ArrayLike<number>;
}

/** The most pixels of the page for the longer side of a filter: of one alone, and of one in a row. */
const TARGET = 56;
const TARGET_IN_ROW = 32;

/** The most input channels that fit in a row. */
const MOST_CHANNELS = 32;

/**
 * Draws a convolution's filters as an SVG: negative weights blue, positive weights red, zero transparent. The
 * legend shows the colour scale. A filter of one input channel is one image, a filter of three an RGB image
 * in which grey is zero, and any other filter a row of images, one for each of the first 32 channels.
 *
 * ```ts
 * await report.write('filters.svg', await report.filters(model.getLayer('conv2d_1')));
 * ```
 *
 * @param source A layer conv2d, conv2dTranspose, depthwiseConv2d or separableConv2d (its depthwise part,
 * whose filters have one channel each), or a kernel [height, width, channels, filters].
 * @throws INVALID_ARGUMENT for another layer, and for one that is in no model yet; SHAPE_MISMATCH for a
 * tensor of another shape; UNKNOWN_OPTION; MODEL_BUSY while a model that has the layer makes a step
 */
export async function filters(source: Layer | TensorLike, options: FiltersOptions = {}): Promise<string> {
  const checks = new OptionChecks('report.filters');
  checks.keys(options, ['title', 'limit', 'sharedScale', 'rgb', 'width']);
  const limit = checks.whole('limit', options.limit ?? 64, 1);
  const isRgb = checks.boolean('rgb', options.rgb ?? true);
  const isShared = checks.boolean('sharedScale', options.sharedScale ?? true);
  const width = checks.whole('width', options.width ?? 960, 320);
  const title = source instanceof Layer ? `${source.name}: filters` : 'Filters';
  const kernel = source instanceof Layer ? kernelOf(checks, source) : await readKernel(checks, source);
  const drawn = Math.min(limit, kernel.filters);
  const draw = isRgb && kernel.channels === 3 ? inColours : asPlanes;
  return imageGrid(options.title ?? title, [draw(kernel, { drawn, isShared, width })], width);
}

/** The kernel of a layer, with the filters as its last axis. */
function kernelOf(checks: OptionChecks, layer: Layer): Kernel {
  if (layer instanceof Conv2D) return firstWeight(layer, (kernel) => kernel);
  if (layer instanceof DepthwiseConv2D || layer instanceof SeparableConv2D) {
    return firstWeight(layer, (kernel) => {
      const [height, width, channels, multiplier] = kernel.shape;
      return kernel.reshape([height, width, 1, channels * multiplier]);
    });
  }
  if (layer instanceof Conv2DTranspose) {
    return firstWeight(layer, (kernel) => kernel.transpose([0, 1, 3, 2]));
  }
  return new OptionChecks(checks.subject, layer.name).fail(
    'INVALID_ARGUMENT',
    `${layer.name} (${layer.getClassName()}) has no filters to draw; give a layer conv2d, conv2dTranspose, depthwiseConv2d or separableConv2d, or a kernel [height, width, channels, filters].`,
  );
}

function firstWeight(layer: Layer, arrange: (kernel: Tensor) => Tensor): Kernel {
  const weights = layer.getWeights();
  const kernel = arrange(weights[0]);
  const values = kernel.dataSync();
  const [height, width, channels, filters] = kernel.shape;
  for (const tensor of [...weights, kernel]) tensor.dispose();
  return { height, width, channels, filters, values };
}

async function readKernel(checks: OptionChecks, source: TensorLike): Promise<Kernel> {
  if (source instanceof LayersModel) {
    checks.fail(
      'INVALID_ARGUMENT',
      `${source.name} is a model; give one of its layers, such as model.getLayer('conv2d_1').`,
    );
  }
  const tensor = toTensor(source, `${checks.subject}: the kernel`);
  const [height, width, channels, filters] = tensor.shape;
  if (tensor.rank !== 4 || tensor.size === 0) {
    checks.fail(
      'SHAPE_MISMATCH',
      `the kernel is ${showShape(tensor.shape)}; it must be [height, width, channels, filters], each 1 or more. Reshape it: one filter of a channel is [height, width, 1, 1].`,
    );
  }
  const values = await tensor.data();
  if (tensor !== source) tensor.dispose();
  return { height, width, channels, filters, values };
}

interface DrawOptions {
  /** The number of filters to draw. */
  drawn: number;
  isShared: boolean;
  width: number;
}

/** Draws each filter as an RGB image. */
function inColours(kernel: Kernel, options: DrawOptions): ImageGroup {
  const colormap = grey(...rangeOf(kernel.values));
  const tiles = tilesOf(kernel, options, colormap, (filter, own) =>
    paintColours(splitPlanes(filter, 3), own),
  );
  const scale = scaleOf(kernel, TARGET);
  return { ...describe(kernel, options, 'in red, green and blue'), tiles, colormap, scale };
}

/** Draws each filter as an image, or as a row of images, one for each channel. */
function asPlanes(kernel: Kernel, options: DrawOptions): ImageGroup {
  const { channels } = kernel;
  const colormap = colormapOf(kernel.values);
  const room = roomFor(options.width, true);
  const [first] = splitPlanes(filterOf(kernel, 0), 1);
  const columns = Math.min(channels, MOST_CHANNELS, Math.floor((room + 1) / stepOf(first)));
  const tiles = tilesOf(kernel, options, colormap, (filter, own) =>
    paintSideBySide(splitPlanes(filter, columns), own),
  );
  if (channels === 1) {
    return { ...describe(kernel, options), tiles, colormap, scale: scaleOf(kernel, TARGET) };
  }
  const part = columns < channels ? `, the first ${columns} of them` : '';
  const fitting = Math.floor(room / tiles[0].image.width);
  const scale = Math.max(1, Math.min(scaleOf(kernel, TARGET_IN_ROW), fitting));
  const rowNames = tiles.map((_, filter) => `${filter}`);
  return {
    ...describe(kernel, options, `a row each, one image a channel${part}`),
    tiles,
    colormap,
    scale,
    rowNames,
  };
}

function tilesOf(
  kernel: Kernel,
  { drawn, isShared }: DrawOptions,
  colormap: Colormap,
  paint: (filter: Planes, colormap: Colormap) => ByteImage,
): Tile[] {
  return Array.from({ length: drawn }, (_, index) => {
    const filter = filterOf(kernel, index);
    return {
      label: `filter ${index}: ${describeValues(filter.values)}`,
      image: paint(filter, isShared ? colormap : colormap.rescaled(filter.values)),
    };
  });
}

/** The weights of one filter. */
function filterOf({ values, filters, ...size }: Kernel, index: number): Planes {
  const length = size.height * size.width * size.channels;
  return { ...size, values: Float32Array.from({ length }, (_, i) => values[i * filters + index]) };
}

function scaleOf({ height, width }: Kernel, target: number): number {
  return scaleFor(Math.max(height, width), target);
}

function describe(
  kernel: Kernel,
  { drawn, isShared }: DrawOptions,
  arrangement?: string,
): Pick<ImageGroup, 'heading' | 'notes' | 'areRescaled'> {
  const { height, width, channels, filters, values } = kernel;
  const count = filters === 1 ? '1 filter' : `${filters} filters`;
  const over = channels === 1 ? '' : ` over ${channels} channels`;
  return {
    heading: `${count} of ${height}x${width}${over}`,
    notes: [
      drawn < filters ? `the first ${drawn} are drawn` : undefined,
      arrangement,
      describeValues(values),
      isShared ? undefined : OWN_SCALES,
      describeShrinkage(kernel),
    ],
    areRescaled: !isShared,
  };
}
