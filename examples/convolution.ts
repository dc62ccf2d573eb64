/**
 * A convolution in numbers, on the 5x5 image and the 3x3 filter of "Convolutional Neural Network from
 * scratch", and in images: filters that find edges, blur and sharpen.
 *
 *     npx tsx examples/convolution.ts
 *
 * Writes convforge-out/convolution.html.
 */
import * as tf from 'convforge';

/** 3x3 filters. Those that blur or sharpen sum to 1, which keeps the brightness. Those for edges sum to 0. */
const FILTERS: Record<string, number[][]> = {
  Identity: [
    [0, 0, 0],
    [0, 1, 0],
    [0, 0, 0],
  ],
  'Edges, all directions': [
    [-1, -1, -1],
    [-1, 8, -1],
    [-1, -1, -1],
  ],
  'Edges, vertical (Sobel)': [
    [-1, 0, 1],
    [-2, 0, 2],
    [-1, 0, 1],
  ],
  'Edges, horizontal (Sobel)': [
    [-1, -2, -1],
    [0, 0, 0],
    [1, 2, 1],
  ],
  'Blur, box': [
    [1 / 9, 1 / 9, 1 / 9],
    [1 / 9, 1 / 9, 1 / 9],
    [1 / 9, 1 / 9, 1 / 9],
  ],
  'Blur, Gaussian': [
    [1 / 16, 2 / 16, 1 / 16],
    [2 / 16, 4 / 16, 2 / 16],
    [1 / 16, 2 / 16, 1 / 16],
  ],
  Sharpen: [
    [0, -1, 0],
    [-1, 5, -1],
    [0, -1, 0],
  ],
};

/** Slides the filter over the image. Each output is the sum of the products of filter and pixels. */
function convolveNumbers(): void {
  const image = tf.tensor2d([
    [1, 1, 1, 0, 0],
    [0, 1, 1, 1, 0],
    [0, 0, 1, 1, 1],
    [0, 0, 1, 1, 0],
    [0, 1, 1, 0, 0],
  ]);
  const filter = tf.tensor2d([
    [1, 0, 1],
    [0, 1, 0],
    [1, 0, 1],
  ]);
  // conv2d takes images [height, width, channels] and filters [height, width, channels in, channels out].
  const featureMap = tf.ops.conv2d(image.reshape([5, 5, 1]), filter.reshape([3, 3, 1, 1]), 1, 'valid');
  console.log('Image:');
  image.print();
  console.log('Filter:');
  filter.print();
  console.log('Feature map, of size O = (I - F + 2P) / S + 1 = (5 - 3 + 0) / 1 + 1 = 3:');
  featureMap.reshape([3, 3]).print();
}

/**
 * The first test image of Fashion-MNIST, an ankle boot, or a drawn image without the dataset: [height, width,
 * 1].
 */
async function loadImage(): Promise<tf.Tensor> {
  try {
    const { test } = await tf.datasets.fashionMnist({ log: console.log });
    return test.images.slice(0, 1).squeeze([0]);
  } catch (error) {
    if (!(error instanceof tf.ConvforgeError) || error.code !== 'DATASET_NOT_FOUND') throw error;
    console.log('Fashion-MNIST was not found: a drawn image takes its place.');
    return drawImage(56);
  }
}

/** A grey disc and a white bar on black: [height, width, 1]. */
function drawImage(size: number): tf.Tensor {
  const pixels = new Uint8Array(size * size);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const isDisc = Math.hypot(x - size * 0.4, y - size * 0.45) < size * 0.3;
      const isBar = Math.abs(x - y * 0.5 - size * 0.45) < size * 0.06;
      pixels[y * size + x] = isBar ? 255 : isDisc ? 130 : 0;
    }
  }
  return tf.tensor3d(pixels, [size, size, 1]);
}

/** A figure of the page. encodePng clips values to 0 (black) and 255 (white). */
async function figure(caption: string, image: tf.Tensor): Promise<string> {
  const png = await tf.node.encodePng(image);
  const source = `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
  return `<figure><img src="${source}" alt="${caption}"><figcaption>${caption}</figcaption></figure>`;
}

/** The HTML page. `filters` is an SVG of the filters. */
function page(filters: string, figures: string[]): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Convolutions of an image</title>
<style>
  :root { color-scheme: light dark; }
  body { font: 15px/1.5 system-ui, sans-serif; max-width: 1000px; margin: 40px auto; padding: 0 24px; }
  main { display: grid; grid-template-columns: repeat(auto-fill, minmax(200px, 1fr)); gap: 24px; }
  figure { margin: 0; }
  svg { max-width: 100%; height: auto; margin-bottom: 24px; }
  img { width: 100%; image-rendering: pixelated; border-radius: 6px; background: #000; }
  figcaption { margin-top: 6px; }
</style>
<h1>Convolutions of an image</h1>
${filters}
<main>
${figures.join('\n')}
</main>
</html>
`;
}

async function main(): Promise<void> {
  convolveNumbers();
  const image = await loadImage();
  const filters = Object.values(FILTERS).map((rows) => tf.tensor2d(rows).reshape([3, 3, 1, 1]));
  const figures = Object.keys(FILTERS).map((caption, i) =>
    figure(caption, tf.ops.conv2d(image, filters[i], 1, 'same')),
  );
  const drawn = await tf.report.filters(tf.concat(filters, 3), {
    title: 'The filters',
    sharedScale: false,
    width: 480,
  });
  await tf.report.write('convforge-out/convolution.html', page(drawn, await Promise.all(figures)));
  console.log('Images: convforge-out/convolution.html');
}

main();
