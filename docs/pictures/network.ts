/** Pictures of the network of docs/convolutional-networks.md, and of what it learns. */
import * as tf from 'convforge';
import { drawPicture, text } from './svg.js';

/** 3x3 filters that people have designed. Those that blur or sharpen keep the brightness: they sum to 1. */
const DESIGNED: Record<string, number[]> = {
  image: [0, 0, 0, 0, 1, 0, 0, 0, 0],
  'vertical edges': [-1, 0, 1, -2, 0, 2, -1, 0, 1],
  'horizontal edges': [-1, -2, -1, 0, 0, 0, 1, 2, 1],
  blur: [1, 2, 1, 2, 4, 2, 1, 2, 1].map((weight) => weight / 16),
  sharpen: [0, -1, 0, -1, 5, -1, 0, -1, 0],
};

/** LeNet with the layers' names as the page calls them. */
export function lenet(): tf.LayersModel {
  const model = tf.sequential({
    name: 'lenet',
    layers: [
      tf.layers.rescaling({ scale: 1 / 255, inputShape: [28, 28, 1], name: 'image' }),
      tf.layers.conv2d({ filters: 8, kernelSize: 5, activation: 'relu', name: 'conv1' }),
      tf.layers.maxPooling2d({ poolSize: 2, name: 'pool1' }),
      tf.layers.conv2d({ filters: 16, kernelSize: 5, activation: 'relu', name: 'conv2' }),
      tf.layers.maxPooling2d({ poolSize: 2, name: 'pool2' }),
      tf.layers.flatten({ name: 'flatten' }),
      tf.layers.dense({ units: 120, activation: 'relu', name: 'dense' }),
      tf.layers.dense({ units: 10, activation: 'softmax', name: 'classes' }),
    ],
  });
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

/** The shapes of a network's layers, each drawn as a box: its height is the map's, its depth the channels'. */
export function shapes(model: tf.LayersModel): string {
  const [height, base] = [220, 150];
  let x = 30;
  const parts: string[] = [];
  for (const layer of model.layers) {
    const [, ...shape] = layer.outputShape as number[];
    const isMap = shape.length === 3;
    const side = isMap ? 4 * shape[0] : Math.min(120, shape[0] / 4 + 8);
    const depth = isMap ? Math.max(3, 1.6 * shape[2]) : 8;
    const [front, top, shift] = [isMap ? side * 0.45 : 8, base - side, isMap ? depth * 0.5 : 0];
    parts.push(
      `<path class="face" d="M${x} ${base}v${-side}l${shift} ${-shift}h${front}v${side}l${-shift} ${shift}z"/>`,
      `<path class="line" d="M${x} ${top}h${front}l${shift} ${-shift}M${x + front} ${top}v${side}"/>`,
      text(x + (front + shift) / 2, base + 24, layer.name, 'title'),
      text(x + (front + shift) / 2, base + 44, shape.join('×')),
    );
    x += Math.max(front + shift, 62) + 26;
  }
  const told = model.layers.map(({ name, outputShape }) => `${name} ${outputShape.slice(1).join('x')}`);
  return drawPicture({ description: `Output shapes: ${told.join(', ')}.`, width: x, height, parts });
}

/** An image [28, 28, 1], and what filters make of it. */
export async function designedFilters(image: tf.Tensor): Promise<string> {
  const [side, gap] = [112, 26];
  const figures = Object.entries(DESIGNED).map(async ([name, weights], i) => {
    const filtered = tf.ops.conv2d(image, tf.tensor4d(weights, [3, 3, 1, 1]), 1, 'same');
    const png = Buffer.from(await tf.node.encodePng(filtered)).toString('base64');
    const x = 20 + i * (side + gap);
    return `${text(x + side / 2, 28, name, 'title')}\n<image x="${x}" y="40" width="${side}" height="${side}" href="data:image/png;base64,${png}"/>`;
  });
  return drawPicture({
    description:
      'An ankle boot, and the same image with vertical edges, horizontal edges, blurred and sharpened.',
    width: 40 - gap + Object.keys(DESIGNED).length * (side + gap),
    height: 40 + side + 20,
    parts: await Promise.all(figures),
  });
}
